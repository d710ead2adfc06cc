/**
 * How sure it is that one query for the whole list could take the loop's place. Lists, loops and branches that are
 * short or rare, whole use cases per element and writes that no call of the library takes together are hints.
 */

import { leavesAfter, stopsAtFirst } from '../../../analysis/early-end.ts';
import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isWrite } from '../../../analysis/protection.ts';
import { isImportOrTool, isShortByNature, isStartUp, loopSyntax } from '../../../analysis/repetition.ts';
import { placeOf, sameCall } from '../../../analysis/trace.ts';
import { keyOf, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { statementAround, textOf } from '../../../rewrite/source-edit.ts';
import type { Confidence, RuleContext } from '../../../rule.ts';

/** The operations that one call does per element. */
export interface QueriesOfCall {
  readonly fn: FunctionFacts;
  readonly loop: Loop;
  readonly query: DatabaseOperation;
  readonly queries: readonly DatabaseOperation[];
  readonly recursion?: Operation;
}

export function confidenceOf(found: QueriesOfCall, { program }: RuleContext): Confidence {
  const { fn, loop, query, queries, recursion } = found;
  if (query.coarse || isShortByNature(loop, program) || isStartUp(fn, program) || isImportOrTool(fn)) return 'low';
  if (loop.repeats === 'elements' && isRareBranch(query, loop, program)) return 'low';
  if (isCachedByHelper(query, program)) return 'low';
  if (stopsAtFirst(loopSyntax(loop, program), placeOf(recursion ?? query))) return 'low';
  if (isUseCase(found) || (queries.every(isWrite) && worksOnEach(fn, loop).length > 0)) return 'low';
  const isChange: boolean = isWrite(query);
  if (isChange) return writeConfidence(found, program);
  if (recursion !== undefined || query.limited || !isSurelyQuery(query)) return 'medium';
  // Row locks are taken one by one on purpose.
  if (query.effect.rowLock !== 'none') return 'medium';
  // What a round writes, the next round may read; beside a file or a request the query is not what takes the time.
  if (writesIn(fn, loop) || worksOnEach(fn, loop).length > 0) return 'medium';
  return 'high';
}

function isSurelyQuery(query: DatabaseOperation): boolean {
  return query.basis !== 'shape' || isUnmistakable(query);
}

/** SQL text, or a model delegate of something called prisma. */
function isUnmistakable(query: DatabaseOperation): boolean {
  return query.effect.sql !== undefined || (query.executor !== undefined && /prisma/i.test(keyOf(query.executor)));
}

// ---------------------------------------------------------------- what else is done per element

/** The call does a whole job for the element: it writes after other statements, or works outside the database. */
function isUseCase({ fn, loop, query, queries }: QueriesOfCall): boolean {
  if (query.chain.length === 0) return false;
  if (queries.length > 1 && queries.some(isWrite)) return true;
  return worksOnEach(fn, loop).some((other) => sameCall(other, query));
}

/** Each element is a job: a request, a file, a mail. */
function worksOnEach(fn: FunctionFacts, loop: Loop): Operation[] {
  return fn.operations.filter(
    ({ effect, loops }) =>
      (effect.kind === 'request' ||
        effect.kind === 'file' ||
        effect.kind === 'publish' ||
        (effect.kind === 'wait' && effect.for === 'time')) &&
      loops.some(({ id }) => id === loop.id),
  );
}

function writesIn(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some((operation) => isWrite(operation) && operation.loops.some(({ id }) => id === loop.id));
}

// ---------------------------------------------------------------- writes

/** Only writes that the library takes for many rows in one call are more than a hint. */
function writeConfidence({ loop, query, queries }: QueriesOfCall, program: ProgramFacts): Confidence {
  const { effect } = query;
  if (queries.length > 1 || effect.rowLock !== 'none') return 'low';
  switch (effect.action) {
    case 'delete':
      return isSurelyOwnSql(query) ? 'high' : 'medium';
    case 'insert':
      if (isSurelyOwnSql(query)) return 'high';
      return takesRows(query, loop, program) ? 'medium' : 'low';
    case 'update':
      return writesSameValues(query, loop) ? 'medium' : 'low';
    case 'save':
      return query.model.startsWith('typeorm#') && isListable(query) ? 'medium' : 'low';
    default:
      return 'low';
  }
}

function isSurelyOwnSql(query: DatabaseOperation): boolean {
  return query.effect.sql !== undefined && query.chain.length === 0;
}

/** `insert` of many rows exists everywhere, but not all of them give the rows back or take rows of other tables. */
function takesRows(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (query.effect.sql !== undefined || /^(typeorm|knex|drizzle-orm|kysely)/.test(query.model)) return true;
  return (query.result === 'unused' || dropsResults(loop, program)) && !writesNested(query);
}

/** `await Promise.all(list.map(…));` as a statement. */
function dropsResults(loop: Loop, program: ProgramFacts): boolean {
  const file = program.file(loop.at.path);
  const statement = file === undefined ? undefined : statementAround(file, loop.at)?.statement;
  if (file === undefined || statement === undefined) return false;
  return /^(await\s+)?Promise\.all(Settled)?\(/.test(textOf(file, statement));
}

/** `repository.save(entity)`: the same call takes a list. */
function isListable(query: DatabaseOperation): boolean {
  return /Repository|EntityManager/.test(query.model) && query.effect.mutations.length === 0;
}

/** `{ data: { owner: { connect: … } } }`: rows of other tables have no form for many. */
function writesNested(query: DatabaseOperation): boolean {
  const values = [...(query.effect.data?.values() ?? [])];
  return values.some((value) => {
    if (value.kind !== 'object') return false;
    return /connect|create|set|upsert/.test([...value.properties.keys()].join(' '));
  });
}

/** No value comes from the element or from what the round itself made. */
function writesSameValues(query: DatabaseOperation, loop: Loop): boolean {
  const { data, relative } = query.effect;
  if (data === undefined || data.size === 0 || relative.length > 0) return false;
  return [...data.values()].every((value) => {
    let same = true;
    walkValue(value, (part) => {
      if (part.kind === 'unknown' || (part.kind === 'element' && part.loop === loop.id)) same = false;
      if (part.kind === 'result' && part.operation.loops.some(({ id }) => id === loop.id)) same = false;
    });
    return same;
  });
}

// ---------------------------------------------------------------- short, rare, cached

/** The query's place is left for good right after it: at most one element comes there. */
export function runsOnce(query: Operation, loop: Loop, program: ProgramFacts): boolean {
  const place = placeOf(query);
  return place.path === loop.at.path && leavesAfter(loopSyntax(loop, program), place);
}

/** `cache.get(key, () => query)`: a helper that runs the callback on a miss only. */
function isCachedByHelper(query: DatabaseOperation, program: ProgramFacts): boolean {
  return query.chain.some(({ at, name }, index) => {
    const caller = query.chain[index - 1];
    if (!/^(get|getOrSet|getOrCreate|getOrLoad|fetch|remember|wrap|memoize|cached?)$/i.test(name)) return false;
    const text = program.file(at.path)?.text.slice(Math.max(0, at.start - 40), at.start) ?? '';
    return /(cache|memo)\w*\s*\.\s*$/i.test(text) || /cache/i.test(caller?.name ?? '');
  });
}

/** The fallback after a failed batch, a miss of a cache filled along the way, or one element picked out by name. */
function isRareBranch(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (query.tries.some((context) => context.in === 'handler')) return true;
  return query.guards.some((guard) => {
    if (guard.holds && picksOne(guard.test, loop)) return true;
    let cached = false;
    for (const source of sourcesOf(guard.test)) {
      if (
        source.effect.kind === 'cache' ||
        (source.effect.kind === 'memory' && source.loops.some(({ id }) => id === loop.id))
      )
        cached = true;
    }
    walkValue(guard.test, (part) => {
      if (part.kind === 'computed' && /^(index|call:get|call:has)$/.test(part.operator))
        cached ||= isFilledAfter(query, program);
    });
    return cached;
  });
}

/** What the query gave is put somewhere by key: the next element with that key finds it. */
function isFilledAfter(query: DatabaseOperation, program: ProgramFacts): boolean {
  const place = placeOf(query);
  const body = program.enclosing(place)?.node.bodySpan;
  const text = program.file(place.path)?.text.slice(place.end, body?.end ?? place.end) ?? '';
  return /\.(set|add)\(|\]\s*=[^=]/.test(text);
}

/** `switch (element) { case 'name': … }`: true for one element at most. */
function picksOne(test: Value, loop: Loop): boolean {
  if (test.kind !== 'computed' || !/^===?$/.test(test.operator)) return false;
  return (
    test.operands.some((part) => part.kind === 'element' && part.loop === loop.id && part.path.length === 0) &&
    test.operands.some((part) => part.kind === 'constant' && typeof part.value === 'string')
  );
}

/** A read of many statements is told by one that no cache answers. */
export function isAnsweredByCache(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  return isCachedByHelper(query, program) || isRareBranch(query, loop, program);
}
