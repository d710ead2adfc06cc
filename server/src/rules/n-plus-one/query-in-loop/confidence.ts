/**
 * How sure it is that one query for the whole list could take the loop's place. Lists, loops and branches that are
 * short or rare, whole use cases per element and writes that no call of the library takes together are hints.
 */

import { areExclusive } from '../../../analysis/decided.ts';
import { leavesAfter, stopsAtFirst } from '../../../analysis/early-end.ts';
import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isNoTable, isWrite } from '../../../analysis/protection.ts';
import {
  elementNames,
  isCachedByHelper,
  isImportOrTool,
  isShortByNature,
  isStartUp,
  isSurelyQuery,
  loopSyntax,
} from '../../../analysis/repetition.ts';
import { placeOf, sameCall } from '../../../analysis/trace.ts';
import { hasPart, rootsOf, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { callAt, statementAround, textOf } from '../../../rewrite/source-edit.ts';
import type { Confidence, Location, RuleContext } from '../../../rule.ts';
import type { Expression } from '../../../typescript/syntax.ts';
import { isFilledByHand, isLimitedByCheck, originOf } from './list-origin.ts';

/** The operations that one call does per element. */
export interface QueriesOfCall {
  readonly fn: FunctionFacts;
  readonly loop: Loop;
  readonly query: DatabaseOperation;
  readonly queries: readonly DatabaseOperation[];
  readonly recursion?: Operation;
}

const judged = new WeakMap<readonly DatabaseOperation[], Confidence>();

/** Asked when the calls of one loop are compared, and when one of them is reported. */
export function confidenceOf(found: QueriesOfCall, ctx: RuleContext): Confidence {
  let known = judged.get(found.queries);
  if (known === undefined) {
    known = judge(found, ctx);
    judged.set(found.queries, known);
  }
  return known;
}

function judge(found: QueriesOfCall, { program }: RuleContext): Confidence {
  const { fn, loop, query, recursion } = found;
  if (query.effect.table !== undefined && isNoTable(query.effect.table)) return 'low';
  if (query.coarse || isShortByNature(loop, program) || isStartUp(fn, program) || isTool(fn)) return 'low';
  if (loop.repeats === 'elements' && isRareBranch(query, loop, program)) return 'low';
  if (isCachedByHelper(query, program, loop) || isRegistry(loop, program)) return 'low';
  if (isInTransactionList(loop, program) || isBigJob(fn, loop)) return 'low';
  if (isFilledByHand(fn, loop, program) || isLimitedByCheck(query, loop, program)) return 'low';
  if (stopsAtFirst(loopSyntax(loop, program), placeOf(recursion ?? query))) return 'low';
  if (isBehindOption(query, program) || isInBrowser(fn) || isJob(found, program)) return 'low';
  if ((recursion !== undefined || callsItself(fn, loop)) && fn.operations.some(isWrite)) return 'low';
  const isChange: boolean = isWrite(query);
  if (isChange) return writeConfidence(found);
  // The first few rows of each, and what each element asks for in its own way, take another kind of query.
  if (takesFew(query) || isSearch(query) || asksInItsOwnWay(found, program)) return 'low';
  const origin = originOf(loop);
  // Beside a file or a request the query is not what takes the time, and the list is as short as that allows.
  if (origin === 'input' && worksOnEach(fn, loop).length > 0) return 'low';
  return origin !== 'input' && isSureRead(found) ? 'high' : 'medium';
}

function isSureRead({ fn, loop, query, recursion }: QueriesOfCall): boolean {
  if (recursion !== undefined || query.limited || !isSurelyQuery(query)) return false;
  // Row locks are taken one by one on purpose.
  if (query.effect.rowLock !== 'none') return false;
  // Not for every element, or nobody knows for how many.
  if (query.guards.some((guard) => !guard.earlyExit && isAbout(guard.test, loop))) return false;
  // What a round writes, the next round may read; beside a file or a request the query is not what takes the time.
  return !writesIn(fn, loop) && worksOnEach(fn, loop).length === 0;
}

function isAbout(test: Value, loop: Loop): boolean {
  return hasPart(test, (part) => part.kind === 'element' && part.loop === loop.id);
}

/** An import, a script: but one that is asked for over the network, or that a service offers, is a request. */
function isTool(fn: FunctionFacts): boolean {
  return isImportOrTool(fn) && !isRequested(fn);
}

function isRequested({ fn, entries }: FunctionFacts): boolean {
  if (entries.some(({ kind }) => kind === 'http' || kind === 'graphql' || kind === 'rpc')) return true;
  return /(Service|Controller|Resolver|Handler)$/.test(fn.class ?? '') && !/migrat|seed|backfill|script/i.test(fn.path);
}

/** So few statements that the list, not what is done with an element, decides how long it takes. */
const FEW_STATEMENTS = 5;

/** Each element is a whole job, which no query for all of them could take the place of. */
function isJob(found: QueriesOfCall, program: ProgramFacts): boolean {
  const { fn, loop, query, queries } = found;
  const isAlone = queries.every(isWrite);
  if (isAlone && waitsInside(fn, loop)) return true;
  if (isAlone && worksOnEach(fn, loop).length > 0)
    return query.chain.length > 0 || !writesSameValues(query, loop) || isFilledByHand(fn, loop, program);
  if (queries.length > 1 && isOfMany(found)) return queries.length > FEW_STATEMENTS;
  return isUseCase(found) || hasJobBeside(found) || isJobItself(found);
}

/** The rows of a file somebody sends: as many as there are in it. */
function isOfMany({ fn, loop, query }: QueriesOfCall): boolean {
  return isImportOrTool(fn) && isRequested(fn) && originOf(loop) === 'input' && query.chain.length > 0;
}

/** A server action called for each: requests of their own, with all that belongs to one. */
function isInBrowser({ fn }: FunctionFacts): boolean {
  return /^\s*['"]use client['"]/.test(fn.file.text);
}

/** `{ … }` or nothing, as a condition says: what the callee does with it may never happen. */
function isBehindOption(query: DatabaseOperation, program: ProgramFacts): boolean {
  return query.chain.some((site, index) => {
    const file = program.file(site.at.path);
    const call = file === undefined ? undefined : callAt(file, site.at);
    const options = (call?.args ?? []).flatMap((arg, position) => (isOptional(arg) ? [position] : []));
    if (options.length === 0) return false;
    const callee = calleeOf(query, index, program);
    const same = callee?.operations.find(({ at }) => at.start === query.at.start && at.path === query.at.path);
    return (
      same?.guards.some(({ test }) =>
        rootsOf(test).some(
          (root) => root.kind === 'parameter' && root.fn === callee?.fn.key && options.includes(root.index),
        ),
      ) ?? false
    );
  });
}

function isOptional(arg: Expression): boolean {
  if (arg.kind !== 'conditional') return false;
  return [arg.then, arg.else].some(
    (branch) =>
      (branch.kind === 'identifier' && branch.name === 'undefined') ||
      (branch.kind === 'literal' && (branch.value === null || branch.value === undefined)),
  );
}

/** Facts of the function that a call of the chain enters. */
export function calleeOf(query: Operation, index: number, program: ProgramFacts): FunctionFacts | undefined {
  for (let info = program.info(query.chain[index + 1]?.fn ?? query.fn); info !== undefined; ) {
    const facts = program.factsOf(info.key);
    if (facts !== undefined) return facts;
    info = program.parentOf(info);
  }
  return undefined;
}

// ---------------------------------------------------------------- what else is done per element

/** The call does a whole job for the element: it writes after other statements, or works outside the database. */
function isUseCase({ fn, loop, query, queries }: QueriesOfCall): boolean {
  const [first] = query.chain;
  if (first === undefined) return false;
  if (queries.length > 1 && queries.some(isWrite)) return true;
  // A route's handler is called for each: a request within the process.
  if (/^(GET|POST|PUT|PATCH|DELETE)$/.test(first.name)) return true;
  // Writes in loops of its own are its own findings, and still part of what it does.
  if (
    isWrite(query)
      ? false
      : fn.operations.some((other) => isWrite(other) && isIn(other, loop) && sameCall(other, query))
  )
    return true;
  return worksOnEach(fn, loop).some((other) => sameCall(other, query));
}

/** Another call of the same round does a whole job, of which reading and writing for the element is a part. */
function hasJobBeside({ fn, loop, query }: QueriesOfCall): boolean {
  const calls = new Map<number, Operation[]>();
  for (const operation of fn.operations) {
    const first = operation.chain[0];
    if (operation.effect.kind !== 'database' || first === undefined || !isIn(operation, loop)) continue;
    calls.set(first.at.start, [...(calls.get(first.at.start) ?? []), operation]);
  }
  return [...calls.values()].some(
    (part) => part.length > 1 && part.some(isWrite) && !part.some((operation) => sameCall(operation, query)),
  );
}

/** The round reads for the element and then writes in several places: one query less changes little. */
function isJobItself({ fn, loop, query }: QueriesOfCall): boolean {
  if (isWrite(query) ? true : loop.repeats !== 'elements') return false;
  const writes = fn.operations.filter((operation) => isWrite(operation) && isIn(operation, loop));
  return new Set(writes.map(({ at }) => `${at.path}:${at.start}`)).size > 1;
}

/** So many statements that one of them is not what counts. */
const MANY_STATEMENTS = 10;

function isBigJob(fn: FunctionFacts, loop: Loop): boolean {
  const places = new Set(
    fn.operations
      .filter((operation) => operation.effect.kind === 'database' && isIn(operation, loop))
      .map(({ at }) => `${at.path}:${at.start}`),
  );
  return places.size >= MANY_STATEMENTS;
}

function callsItself(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some((operation) => operation.effect.kind === 'recursion' && isIn(operation, loop));
}

/** Each element is a job: a request, a file, a mail. */
function worksOnEach(fn: FunctionFacts, loop: Loop): Operation[] {
  return fn.operations.filter(
    ({ effect, loops }) =>
      (effect.kind === 'request' || effect.kind === 'file' || effect.kind === 'publish') &&
      loops.some(({ id }) => id === loop.id),
  );
}

function waitsInside(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some(
    ({ effect, loops }) => effect.kind === 'wait' && effect.for === 'time' && loops.some(({ id }) => id === loop.id),
  );
}

function writesIn(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some((operation) => isWrite(operation) && operation.loops.some(({ id }) => id === loop.id));
}

// ---------------------------------------------------------------- reads

/** `take: 5` rows of each; one row is looked up like any other. */
function takesFew({ effect }: DatabaseOperation): boolean {
  return effect.limited && effect.returns === 'rows';
}

/** The element is searched for in text: no list of keys takes its place. */
function isSearch({ effect }: DatabaseOperation): boolean {
  return /\bI?LIKE\b|@@|~\*?\s*[$:?]/i.test(effect.sql?.text ?? '');
}

/** Which rows is the same for every element; the element itself only says how they are asked for. */
function asksInItsOwnWay({ loop, query, recursion }: QueriesOfCall, program: ProgramFacts): boolean {
  if (recursion !== undefined || query.chain.length === 0 || query.effect.where?.length === 0) return false;
  return isSameForAll(query, loop) && namesElement(loop, placeOf(query), program);
}

/** No condition of the query depends on the element. */
export function isSameForAll({ effect }: DatabaseOperation, loop: Loop): boolean {
  return effect.where?.every(({ value }) => !variesByRound(value, loop)) ?? false;
}

function variesByRound(value: Value, loop: Loop): boolean {
  let varies = false;
  walkValue(value, (part) => {
    varies ||=
      part.kind === 'unknown' || part.kind === 'element' || part.kind === 'closure' || part.kind === 'computed';
    varies ||= part.kind === 'place' && part.path.includes('[]');
    varies ||= part.kind === 'result' && isIn(part.operation, loop);
    return varies;
  });
  return varies;
}

function namesElement(loop: Loop, place: Location, program: ProgramFacts): boolean {
  const syntax = loopSyntax(loop, program);
  const args = syntax === undefined ? undefined : callAt(syntax.file, place)?.argsSpan;
  if (syntax === undefined || args === undefined) return false;
  const names = elementNames(syntax);
  const text = textOf(syntax.file, args);
  return names.some((name) => new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text));
}

/** `prisma.$transaction(list.map(…))`: sent together on purpose, with conditions that may differ in kind. */
function isInTransactionList(loop: Loop, program: ProgramFacts): boolean {
  const syntax = loopSyntax(loop, program);
  if (syntax?.kind !== 'callback') return false;
  return /\$transaction\(\s*$/.test(syntax.file.text.slice(0, syntax.call.start));
}

// ---------------------------------------------------------------- writes

/**
 * Statements in SQL of one's own and deletions by a key are more than a hint: what an ORM stores for each row may be
 * meant so, for its hooks or for what is done beside it, and the lists are mostly short.
 */
function writeConfidence({ fn, loop, query, queries }: QueriesOfCall): Confidence {
  const { effect } = query;
  if (queries.length > 1 || effect.rowLock !== 'none' || isForGroup(query)) return 'low';
  // What is not known to be one table's may be anything; where another branch does it at once, this one cannot.
  if (effect.table === undefined || isDoneAtOnceElsewhere(fn, query)) return 'low';
  if (isSurelyOwnSql(query) && (effect.action === 'insert' || effect.action === 'delete'))
    return originOf(loop) === 'rows' && !isMaintenance(fn) ? 'high' : isMaintenance(fn) ? 'low' : 'medium';
  return effect.action === 'delete' && (effect.where ?? []).length > 0 && !isMaintenance(fn) ? 'medium' : 'low';
}

function isIn(operation: Operation, loop: Loop): boolean {
  return operation.loops.some(({ id }) => id === loop.id);
}

function isSurelyOwnSql(query: DatabaseOperation): boolean {
  return query.effect.sql !== undefined && query.chain.length === 0;
}

/** `WHERE id IN (…)` inside the loop: each round is a batch already. */
function isForGroup(query: DatabaseOperation): boolean {
  if (/^(createMany|bulkCreate|insertMany|batchInsert|createManyAndReturn|saveAll|bulkWrite)$/.test(query.name))
    return true;
  return query.effect.where?.some(({ operator }) => /^in$/i.test(operator)) ?? false;
}

/** `if (isPostgres) insert(rows) else for (row of rows) insert(row)`: the other branch is for what cannot take many. */
function isDoneAtOnceElsewhere(fn: FunctionFacts, query: DatabaseOperation): boolean {
  return fn.operations.some(
    (other) =>
      isWrite(other) &&
      other.effect.table === query.effect.table &&
      other.effect.action === query.effect.action &&
      other.loops.length < query.loops.length &&
      areExclusive(other, query),
  );
}

/** Builds anew what can be built anew: nobody waits for it. */
function isMaintenance({ fn }: FunctionFacts): boolean {
  return /rebuild|reindex|resync|regenerate|refresh|recreate/i.test(fn.qualifiedName);
}

/** No value comes from the element or from what the round itself made. */
function writesSameValues(query: DatabaseOperation, loop: Loop): boolean {
  const { data, relative } = query.effect;
  if (data === undefined || data.size === 0 || relative.length > 0) return false;
  return [...data.values()].every((value) => {
    let same = true;
    walkValue(value, (part) => {
      if (part.kind === 'unknown' || part.kind === 'element') same = false;
      if (part.kind === 'place' && part.path.includes('[]')) same = false;
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

/** `this.buffers`: what parts of the program signed up for, unless the class is a row of a table. */
function isRegistry(loop: Loop, program: ProgramFacts): boolean {
  let over = loop.over;
  while (over?.kind === 'computed' && /^call:(values|keys|entries|from)$/.test(over.operator)) {
    over = over.operands.find((part) => part.kind === 'place' && part.root.kind === 'this');
  }
  if (over?.kind !== 'place' || over.root.kind !== 'this' || over.path.length !== 1) return false;
  const name = over.root.class?.split('#').at(-1);
  return name !== undefined && program.entity(name) === undefined && /(Service|Strategy|Manager|Registry)$/.test(name);
}

/** The fallback after a failed batch, a miss of a cache filled along the way, or one element picked out by name. */
function isRareBranch(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (query.tries.some((context) => context.in === 'handler')) return true;
  return query.guards.some((guard) => {
    if (guard.holds && picksOne(guard.test, loop)) return true;
    if (isMissing(guard.test, guard.holds, loop)) return true;
    let cached = false;
    walkValue(guard.test, (part) => {
      if (part.kind === 'computed' && /^(index|call:get|call:has)$/.test(part.operator))
        cached ||= isFilledAfter(query, program);
    });
    return cached;
  });
}

/** The test holds when what a cache, or a map filled along the way, has for it is not there. */
function isMissing(test: Value, holds: boolean, loop: Loop): boolean {
  if (test.kind === 'union') return test.alternatives.some((part) => isMissing(part, holds, loop));
  if (test.kind === 'computed') {
    const [left, right] = test.operands;
    if (left === undefined) return false;
    if (test.operator === '!') return isMissing(left, !holds, loop);
    if (/^(&&|\|\|)$/.test(test.operator)) return test.operands.some((part) => isMissing(part, holds, loop));
    if (/^[!=]==?$/.test(test.operator)) {
      const isNothing = right?.kind === 'constant' && (right.value === undefined || right.value === null);
      return isNothing && isMissing(left, test.operator.startsWith('!') === holds, loop);
    }
    if (/^[<>]=?$/.test(test.operator)) return comesFromStore(test, loop);
  }
  return !holds && comesFromStore(test, loop);
}

function comesFromStore(value: Value, loop: Loop): boolean {
  return [...sourcesOf(value)].some(
    ({ effect, loops }) =>
      effect.kind === 'cache' || (effect.kind === 'memory' && loops.some(({ id }) => id === loop.id)),
  );
}

/** What the query gave is put somewhere by key: the next element with that key finds it. */
function isFilledAfter(query: DatabaseOperation, program: ProgramFacts): boolean {
  return [placeOf(query), query.at].some((place) => {
    const file = program.file(place.path);
    const body = program.enclosing(place)?.node.bodySpan;
    const start = file === undefined ? undefined : statementAround(file, place)?.statement.start;
    const text = file?.text.slice(start ?? place.end, body?.end ?? place.end) ?? '';
    return /\.(set|add)\(|\]\s*=[^=]/.test(text);
  });
}

/** `case 'name':` of the element, or `element.id === id`: true for one element at most. */
function picksOne(test: Value, loop: Loop): boolean {
  if (test.kind !== 'computed' || !/^===?$/.test(test.operator)) return false;
  const [left, right] = test.operands;
  return left !== undefined && right !== undefined && (names(left, right, loop) || names(right, left, loop));
}

function names(part: Value, other: Value, loop: Loop): boolean {
  if (part.kind !== 'element' || part.loop !== loop.id) return false;
  if (part.path.length === 0) return other.kind === 'constant' && typeof other.value === 'string';
  if (part.path.length > 1 || !/^_?(id|key|uuid)$|Id$|_id$/.test(part.path[0] ?? '')) return false;
  if (other.kind === 'element') return other.loop !== loop.id;
  return other.kind === 'place' || (other.kind === 'result' && !isIn(other.operation, loop));
}

/** A read of many statements is told by one that no cache answers. */
export function isAnsweredByCache(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  return isCachedByHelper(query, program, loop) || isRareBranch(query, loop, program);
}
