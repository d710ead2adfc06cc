/**
 * A database operation once per element of a list: reported where the loop stands, however deep the query lies.
 * A loop that a callee already contains is the callee's finding.
 */

import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import { isInLoop } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isDatabaseOperation, isWrite } from '../../../analysis/protection.ts';
import {
  isInside,
  isOwnRepetition,
  isShortForCallers,
  listLabel,
  seenByCallee,
  unboundedLoop,
} from '../../../analysis/repetition.ts';
import { nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { CONFIDENCES, defineRule, type RelatedPlace, type RuleContext } from '../../../rule.ts';
import { calleeOf, confidenceOf, isAnsweredByCache, isSameForAll, type QueriesOfCall } from './confidence.ts';
import { queryOnce } from './fix.ts';
import { runsOnce } from './rare-branch.ts';

export interface QueryInLoop extends QueriesOfCall {
  /** Further calls of the same loop body that query: one loop is one finding. */
  readonly others: readonly QueriesOfCall[];
}

export const queryInLoop = defineRule<QueryInLoop>({
  id: 'n-plus-one/query-in-loop',
  summary: 'A query runs once per element of a list.',
  severity: 'warning',
  status: 'stable',
  cwe: [1050],
  detect: (fn, ctx) => {
    const found = perLoopAndCall(fn, ctx.program);
    const recursive = recursions(fn, found, ctx.program).map((evidence) => ({ ...evidence, others: [] }));
    return [...perLoop(found, ctx), ...recursive];
  },
  report: (evidence, ctx) => ({
    at: placeOf(evidence.recursion ?? evidence.query),
    message: messageOf(evidence, ctx.program),
    related: [
      { at: evidence.loop.at, message: `Repeated for each element of ${listLabel(evidence.loop, ctx.program)}.` },
      ...(evidence.recursion === undefined
        ? traceOf(evidence.query, ctx.program)
        : [{ at: placeOf(evidence.query), message: 'Each call runs this query.' }]),
      ...evidence.others.map(placeBeside),
    ],
    confidence: confidenceOf(evidence, ctx),
    resource: resourceOf(evidence.query),
    covers: [...evidence.queries, ...evidence.others.flatMap(({ queries }) => queries)]
      .filter((query) => query !== evidence.query)
      .map(resourceOf),
  }),
  fixes: queryOnce,
});

/** What is read and what is written of a table are two things: a fix of the one leaves the other. */
function resourceOf(query: DatabaseOperation): string {
  const table = query.effect.table ?? 'unknown';
  return isWrite(query) ? `rows of ${table}` : `table ${table}`;
}

// ---------------------------------------------------------------- evidence

function perLoopAndCall(fn: FunctionFacts, program: ProgramFacts): QueriesOfCall[] {
  const groups = new Map<string, { loop: Loop; queries: DatabaseOperation[] }>();
  for (const operation of fn.operations) {
    if (!isDatabaseOperation(operation) || !runsNow(operation)) continue;
    const loop = unboundedLoop(operation, program);
    if (loop === undefined || seenByCallee(operation, loop, program)) continue;
    if (!isOwnRepetition(operation, loop, fn, program)) continue;
    if (batchedByClient(operation, loop, program) || isShortForCallers(operation, loop, fn, program)) continue;
    if (runsOnce(operation, loop, program) || isOfWalk(operation, program)) continue;
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
    const query = mostTelling(queries, loop, program);
    return query === undefined ? [] : [{ fn, loop, query, queries }];
  });
}

/** The loop hands each element to a function that goes down a tree, one query per node: that is told there. */
function isOfWalk(operation: DatabaseOperation, program: ProgramFacts): boolean {
  const callee = operation.chain.length === 0 ? undefined : calleeOf(operation, 0, program);
  if (callee === undefined) return false;
  let known = walks.get(callee);
  if (known === undefined) {
    known = callee.operations.some((own) => isStepDown(own, callee, program));
    walks.set(callee, known);
  }
  return known;
}

const walks = new WeakMap<FunctionFacts, boolean>();

/** `for (child of children) await this.load(child)` in `load`. */
function isStepDown(operation: Operation, fn: FunctionFacts, program: ProgramFacts): boolean {
  const { effect, chain } = operation;
  if (effect.kind !== 'recursion' || effect.callee !== fn.fn.key || chain.length > 0) return false;
  const loop = unboundedLoop(operation, program);
  return loop !== undefined && isInside(loop.at, fn, program);
}

/** The surest of a loop body's queries stands for all of them; among equals the first. */
function perLoop(found: readonly QueriesOfCall[], ctx: RuleContext): QueryInLoop[] {
  const loops = new Map<string, QueriesOfCall[]>();
  for (const call of found) {
    const key = `${call.loop.at.path}|${call.loop.at.start}`;
    loops.set(key, [...(loops.get(key) ?? []), call]);
  }
  return [...loops.values()].flatMap((calls) => {
    const rank = (call: QueriesOfCall): number => CONFIDENCES.indexOf(confidenceOf(call, ctx));
    const ranked = calls
      .map((call) => ({ call, rank: rank(call), start: placeOf(call.query).start }))
      .sort((a, b) => a.rank - b.rank || a.start - b.start)
      .map(({ call }) => call);
    const [first, ...others] = ranked;
    return first === undefined ? [] : [{ ...first, others }];
  });
}

function placeBeside({ query }: QueriesOfCall): RelatedPlace {
  return { at: placeOf(query), message: `${nameOf(query)} is run for each element as well.` };
}

/**
 * Listeners and timers registered in the loop run some other time. Locks are not queries for data. SQLite in the
 * process has no round trip to save (https://www.sqlite.org/np1queryprob.html).
 */
function runsNow(operation: DatabaseOperation): boolean {
  return !operation.deferred && operation.effect.action !== 'lock' && !operation.model.startsWith('better-sqlite3#');
}

/** Prisma merges `findUnique` calls of one tick: those of a loop that does not wait for each. */
function batchedByClient(operation: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (!operation.effect.batchesSameTick) return false;
  if (loop.concurrency === 'parallel') return true;
  if (operation.chain.length > 0) return false;
  const text = program.file(operation.span.path)?.text.slice(0, operation.span.start) ?? '';
  return !/\bawait\s*\(*\s*$/.test(text);
}

/** A read says most, unless a cache answers it; then the first with a known table. */
function mostTelling(
  queries: readonly DatabaseOperation[],
  loop: Loop,
  program: ProgramFacts,
): DatabaseOperation | undefined {
  const surest = queries.filter(({ coarse }) => !coarse);
  const sure = surest.length > 0 ? surest : queries;
  const missed = sure.filter((query) => !isAnsweredByCache(query, loop, program));
  const own = missed.filter((query) => !isSameForAll(query, loop));
  const candidates = own.length > 0 ? own : missed.length > 0 ? missed : sure;
  return (
    candidates.find(({ effect }) => effect.action === 'read' && effect.table !== undefined) ??
    candidates.find(({ effect }) => effect.table !== undefined) ??
    candidates[0]
  );
}

/** `load(node)` that queries and calls itself for each child. */
function recursions(fn: FunctionFacts, found: readonly QueriesOfCall[], program: ProgramFacts): QueriesOfCall[] {
  const recursive: QueriesOfCall[] = [];
  for (const operation of fn.operations) {
    const { effect } = operation;
    if (effect.kind !== 'recursion' || effect.callee !== fn.fn.key || operation.chain.length > 0) continue;
    const loop = unboundedLoop(operation, program);
    if (loop === undefined || !isInside(loop.at, fn, program)) continue;
    if (found.some((known) => known.loop.id === loop.id) || recursive.some((known) => known.loop.id === loop.id))
      continue;
    const queries = fn.operations.filter(isDatabaseOperation).filter((other) => !isInLoop(other, loop));
    const reads = queries.filter((other) => other.effect.action === 'read' && !other.deferred);
    const query = mostTelling(reads, loop, program);
    if (query !== undefined) recursive.push({ fn, loop, query, queries: [query], recursion: operation });
  }
  return recursive;
}

// ---------------------------------------------------------------- words

function messageOf({ loop, query, queries, others, recursion }: QueryInLoop, program: ProgramFacts): string {
  const list = listLabel(loop, program);
  if (recursion !== undefined) {
    return `'${recursion.name}' calls itself for each element of ${list}, and each call queries ${tableLabel(query.effect)}.`;
  }
  const statements = queries.length + others.reduce((sum, other) => sum + other.queries.length, 0);
  const more = statements > 1 ? `, up to ${statements} statements each time` : '';
  const verb = query.effect.action === 'read' ? 'queries' : 'writes to';
  const table = query.effect.table === undefined ? 'the database' : tableLabel(query.effect);
  return `${nameOf(query)} ${verb} ${table} once per element of ${list}${more}.`;
}
