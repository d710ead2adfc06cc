/**
 * A database operation once per element of a list: reported where the loop stands, however deep the query lies.
 * A loop that a callee already contains is the callee's finding.
 */

import { stopsAtFirst } from '../../../analysis/early-end.ts';
import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isDatabaseOperation, isWrite } from '../../../analysis/protection.ts';
import {
  isInside,
  isShortByNature,
  isShortForCallers,
  isStartUp,
  listLabel,
  loopSyntax,
  seenByCallee,
  unboundedLoop,
} from '../../../analysis/repetition.ts';
import { describe, nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { keyOf, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { type Confidence, defineRule, type RuleContext } from '../../../rule.ts';
import { queryOnce } from './fix.ts';

export interface QueryInLoop {
  readonly fn: FunctionFacts;
  readonly loop: Loop;
  /** The most telling of the operations that one call does per element. */
  readonly query: DatabaseOperation;
  /** All of them. */
  readonly queries: readonly DatabaseOperation[];
  /** The recursive call, when the loop is over children and the query is elsewhere in the function. */
  readonly recursion?: Operation;
}

export const queryInLoop = defineRule<QueryInLoop>({
  id: 'n-plus-one/query-in-loop',
  summary: 'A query runs once per element of a list.',
  severity: 'warning',
  status: 'stable',
  cwe: [1050],
  detect: (fn, ctx) => {
    const found = perLoopAndCall(fn, ctx.program);
    return [...found, ...recursions(fn, found, ctx.program)];
  },
  report: (evidence, ctx) => ({
    at: placeOf(evidence.recursion ?? evidence.query),
    message: messageOf(evidence, ctx.program),
    related: [
      { at: evidence.loop.at, message: `Repeated for each element of ${listLabel(evidence.loop, ctx.program)}.` },
      ...(evidence.recursion === undefined
        ? traceOf(evidence.query, ctx.program)
        : [{ at: placeOf(evidence.query), message: 'Each call runs this query.' }]),
    ],
    confidence: confidenceOf(evidence, ctx),
    resource: `table ${evidence.query.effect.table ?? 'unknown'}`,
  }),
  fixes: queryOnce,
});

// ---------------------------------------------------------------- evidence

function perLoopAndCall(fn: FunctionFacts, program: ProgramFacts): QueryInLoop[] {
  const groups = new Map<string, { loop: Loop; queries: DatabaseOperation[] }>();
  for (const operation of fn.operations) {
    if (!isDatabaseOperation(operation) || !runsNow(operation)) continue;
    const loop = unboundedLoop(operation, program);
    if (loop === undefined || seenByCallee(operation, loop, program)) continue;
    if (!isInside(placeOf(operation), fn, program)) continue;
    if (batchedByClient(operation, loop, program) || isShortForCallers(operation, loop, fn, program)) continue;
    const key = `${loop.at.start}|${placeOf(operation).start}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { loop, queries: [operation] });
    else if (
      !group.queries.some((known) => known.at.start === operation.at.start && known.at.path === operation.at.path)
    ) {
      group.queries.push(operation);
    }
  }
  return [...groups.values()].flatMap(({ loop, queries }) => {
    const query = mostTelling(queries);
    return query === undefined ? [] : [{ fn, loop, query, queries }];
  });
}

/** Listeners and timers registered in the loop run some other time. Locks are not queries for data. */
function runsNow(operation: DatabaseOperation): boolean {
  return !operation.deferred && operation.effect.action !== 'lock';
}

/** Prisma merges `findUnique` calls of one tick: those of a loop that does not wait for each. */
function batchedByClient(operation: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (!operation.effect.batchesSameTick) return false;
  if (loop.concurrency === 'parallel') return true;
  if (operation.chain.length > 0) return false;
  const text = program.file(operation.span.path)?.text.slice(0, operation.span.start) ?? '';
  return !/\bawait\s*\(*\s*$/.test(text);
}

/** A read whose key is an element's says most; then the first with a known table. */
function mostTelling(queries: readonly DatabaseOperation[]): DatabaseOperation | undefined {
  const surest = queries.filter(({ coarse }) => !coarse);
  const candidates = surest.length > 0 ? surest : queries;
  return (
    candidates.find(({ effect }) => effect.action === 'read' && effect.table !== undefined) ??
    candidates.find(({ effect }) => effect.table !== undefined) ??
    candidates[0]
  );
}

/** `load(node)` that queries and calls itself for each child. */
function recursions(fn: FunctionFacts, found: readonly QueryInLoop[], program: ProgramFacts): QueryInLoop[] {
  const recursive: QueryInLoop[] = [];
  for (const operation of fn.operations) {
    const { effect } = operation;
    if (effect.kind !== 'recursion' || effect.callee !== fn.fn.key || operation.chain.length > 0) continue;
    const loop = unboundedLoop(operation, program);
    if (loop === undefined || !isInside(loop.at, fn, program)) continue;
    if (found.some((known) => known.loop.id === loop.id) || recursive.some((known) => known.loop.id === loop.id))
      continue;
    const queries = fn.operations
      .filter(isDatabaseOperation)
      .filter((other) => other.loops.every(({ id }) => id !== loop.id));
    const query = mostTelling(queries.filter((other) => other.effect.action === 'read' && !other.deferred));
    if (query !== undefined) recursive.push({ fn, loop, query, queries: [query], recursion: operation });
  }
  return recursive;
}

// ---------------------------------------------------------------- confidence

function confidenceOf({ fn, loop, query, queries, recursion }: QueryInLoop, ctx: RuleContext): Confidence {
  const { program } = ctx;
  const changes = queries.some(isWrite);
  if (queries.every(isWrite) && isWorkOnEach(fn, loop)) return 'low';
  if (query.coarse || isStartUp(fn, program) || isShortByNature(loop, program)) return 'low';
  if (loop.repeats === 'elements' && isRareBranch(query, loop, program)) return 'low';
  if (stopsAtFirst(loopSyntax(loop, program), placeOf(recursion ?? query))) return 'low';
  if (recursion !== undefined || query.limited) return 'medium';
  if (query.basis === 'shape' && !isUnmistakable(query)) return 'medium';
  if (query.effect.table === undefined && query.basis === 'shape') return 'medium';
  // Row locks are taken one by one on purpose; writes may be, for hooks, checks and values of their own.
  if (query.effect.rowLock !== 'none') return 'medium';
  if (changes && (query.chain.length > 0 || query.effect.sql === undefined)) return 'medium';
  if (isWrite(query) && query.effect.action !== 'insert' && query.effect.action !== 'delete') return 'medium';
  return 'high';
}

/** Each element is a job: a request, a file, a mail. One row written beside it is not what takes the time. */
function isWorkOnEach(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some(
    ({ effect, loops }) =>
      (effect.kind === 'request' ||
        effect.kind === 'file' ||
        effect.kind === 'publish' ||
        (effect.kind === 'wait' && effect.for === 'time')) &&
      loops.some(({ id }) => id === loop.id),
  );
}

/** SQL text, or a model delegate of something called prisma. */
function isUnmistakable(query: DatabaseOperation): boolean {
  return query.effect.sql !== undefined || (query.executor !== undefined && /prisma/i.test(keyOf(query.executor)));
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

// ---------------------------------------------------------------- words

/** The last step of a chained statement says nothing about what runs. */
const BUILDER_STEP =
  /^(where|and[A-Z]|or[A-Z]|on[A-Z]|ignore|merge|returning|limit|offset|orderBy|groupBy|execute|exec|first|join|leftJoin|innerJoin|from|into|values|set|eq|run|all|get)/;

function messageOf({ loop, query, queries, recursion }: QueryInLoop, program: ProgramFacts): string {
  const list = listLabel(loop, program);
  if (recursion !== undefined) {
    return `'${recursion.name}' calls itself for each element of ${list}, and each call queries ${tableLabel(query.effect)}.`;
  }
  const more = queries.length > 1 ? `, up to ${queries.length} statements each time` : '';
  if (query.chain.length === 0 && BUILDER_STEP.test(query.name))
    return `${describe(query)} runs once per element of ${list}${more}.`;
  const verb = query.effect.action === 'read' ? 'queries' : 'writes to';
  const table = query.effect.table === undefined ? 'the database' : tableLabel(query.effect);
  return `${nameOf(query)} ${verb} ${table} once per element of ${list}${more}.`;
}
