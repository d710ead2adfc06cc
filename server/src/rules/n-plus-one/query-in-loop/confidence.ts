/**
 * How sure it is that one query for the whole list could take the loop's place. Lists, loops and branches that are
 * short or rare, whole use cases per element and writes that no call of the library takes together are hints.
 */

import { areExclusive } from '../../../analysis/decided.ts';
import { stopsAtFirst } from '../../../analysis/early-end.ts';
import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import { dependsOnElement, isInLoop } from '../../../analysis/loop-kind.ts';
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
import { callPlaceOf, placeOf } from '../../../analysis/trace.ts';
import { hasPart, rootsOf, sameValue, sourcesOf, type Value } from '../../../analysis/value.ts';
import { isMentioned } from '../../../rewrite/mention.ts';
import { callAt, textOf } from '../../../rewrite/source-edit.ts';
import type { Confidence, Location, RuleContext } from '../../../rule.ts';
import type { Expression } from '../../../typescript/syntax.ts';
import { isFilledByHand, isLimitedByCheck, isLinesOfOne, originOf } from './list-origin.ts';
import { isKnownLong } from './long-list.ts';
import { isRareBranch, isRegistry } from './rare-branch.ts';
import {
  callsItself,
  handlesFiles,
  hasJobBeside,
  isBigJob,
  isJobItself,
  isUseCase,
  waitsInside,
  worksLongOnEach,
  worksOnEach,
  writesIn,
} from './work-beside.ts';

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
  if (isInTransactionList(loop, program) || isBigJob(fn, loop) || isDeprecated(fn)) return 'low';
  if (isFilledByHand(fn, loop, program) || isLimitedByCheck(query, loop, program)) return 'low';
  if (recursion === undefined && isLinesOfOne(fn, loop, program) && !isSameForAll(query, loop)) return 'low';
  if (recursion === undefined && originOf(loop) === 'input' && !isKnownLong(fn, loop, query, program)) return 'low';
  if (stopsAtFirst(loopSyntax(loop, program), placeOf(recursion ?? query))) return 'low';
  if (isBehindOption(query, program) || isInBrowser(fn) || isScheduled(fn) || isJob(found, program)) return 'low';
  if ((recursion !== undefined || callsItself(fn, loop)) && fn.operations.some(isWrite)) return 'low';
  const isChange: boolean = isWrite(query);
  if (isChange) return writeConfidence(found, program);
  // The first few rows of each, and what each element asks for in its own way, take another kind of query.
  if (takesFew(query) || isSearch(query) || asksInItsOwnWay(found, program)) return 'low';
  if (isForFewElements(query, loop) || isForOwnOrigin(query, loop) || isGivenOne(query, program)) return 'low';
  const origin = originOf(loop);
  // What is built anew for all rows of a table has the longest list there is.
  if (isMaintenance(fn) && origin !== 'rows') return 'low';
  // Beside a file or a request the query is not what takes the time, and the list is as short as that allows.
  if (origin === 'input' && worksOnEach(fn, loop).length > 0) return 'low';
  if (worksLongOnEach(fn, loop, program)) return 'low';
  return origin !== 'input' && isSureRead(found) ? 'high' : 'medium';
}

function isSureRead({ fn, loop, query, recursion }: QueriesOfCall): boolean {
  if (recursion !== undefined || query.limited || !isSurelyQuery(query)) return false;
  // Row locks are taken one by one on purpose.
  if (query.effect.rowLock !== 'none') return false;
  // Not for every element, or nobody knows for how many.
  if (query.guards.some((guard) => !guard.earlyExit && dependsOnElement(guard.test, loop))) return false;
  // What a round writes, the next round may read; beside a file or a request the query is not what takes the time.
  return !writesIn(fn, loop) && worksOnEach(fn, loop).length === 0;
}

/** An import, a script: but one that is asked for over the network, or that a service offers, is a request. */
function isTool(fn: FunctionFacts): boolean {
  return isImportOrTool(fn) && !isRequested(fn);
}

function isRequested({ fn, entries }: FunctionFacts): boolean {
  if (entries.some(({ kind }) => kind === 'http' || kind === 'graphql' || kind === 'rpc')) return true;
  return /(Service|Controller|Resolver|Handler)$/.test(fn.class ?? '') && !/migrat|seed|backfill|script/i.test(fn.path);
}

/** Its comment says that it is going to be removed: nobody makes it faster. */
function isDeprecated({ fn }: FunctionFacts): boolean {
  const before = fn.file.text.slice(Math.max(0, fn.node.start - 1500), fn.node.start);
  return /\bdeprecated\b/i.test(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(before)?.[0] ?? '');
}

/** So few statements that the list, not what is done with an element, decides how long it takes. */
const FEW_STATEMENTS = 5;

/** Each element is a whole job, which no query for all of them could take the place of. */
function isJob(found: QueriesOfCall, program: ProgramFacts): boolean {
  const { fn, loop, query, queries } = found;
  const isAlone = queries.every(isWrite);
  const works = isAlone ? worksOnEach(fn, loop) : [];
  const isSlow = (): boolean => works.some(({ effect }) => effect.kind !== 'publish') || handlesFiles(loop, program);
  if (isAlone && (waitsInside(fn, loop) || isSlow())) return true;
  if (works.length > 0)
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

/** Nobody waits for what a timer starts now and then. */
function isScheduled({ entries }: FunctionFacts): boolean {
  const outer = entries.filter(({ kind }) => kind !== 'exported');
  return outer.length > 0 && outer.every(({ kind }) => kind === 'cron' || kind === 'interval');
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
  if (recursion !== undefined || query.effect.where?.length === 0) return false;
  return isSameForAll(query, loop) && namesElement(loop, callPlaceOf(query), program);
}

/** Several conditions of the element lead to the query: nobody knows for how many they hold. */
function isForFewElements({ guards }: DatabaseOperation, loop: Loop): boolean {
  return guards.filter((guard) => !guard.earlyExit && dependsOnElement(guard.test, loop)).length > 1;
}

/** `copy.sourceId ? find(copy.sourceId) : copy`: the row of its own kind that only some elements come from. */
function isForOwnOrigin({ effect, guards }: DatabaseOperation, loop: Loop): boolean {
  const lists = loop.over === undefined ? [] : [...sourcesOf(loop.over)];
  if (!lists.some((list) => list.effect.kind === 'database' && list.effect.table === effect.table)) return false;
  return guards.some(
    ({ test, holds, earlyExit }) =>
      holds &&
      !earlyExit &&
      test.kind === 'element' &&
      test.path.length > 0 &&
      effect.where?.some(({ value }) => sameValue(value, test)),
  );
}

/** `update([id])` in a loop over ids: what could take all of them is given one at a time on purpose. */
function isGivenOne({ chain }: DatabaseOperation, program: ProgramFacts): boolean {
  const [first] = chain;
  const file = first === undefined ? undefined : program.file(first.at.path);
  const call = first === undefined || file === undefined ? undefined : callAt(file, first.at);
  return call?.args.some((arg) => arg.kind === 'array' && arg.elements.length === 1) ?? false;
}

/** No condition of the query depends on the element. */
export function isSameForAll({ effect }: DatabaseOperation, loop: Loop): boolean {
  return effect.where?.every(({ value }) => !variesByRound(value, loop)) ?? false;
}

function variesByRound(value: Value, loop: Loop): boolean {
  return hasPart(value, (part) => part.kind === 'closure' || part.kind === 'computed' || isMadeInRound(part, loop));
}

/** The element, what the round itself got, or nobody knows what. */
function isMadeInRound(part: Value, loop: Loop): boolean {
  if (part.kind === 'place') return part.path.includes('[]');
  if (part.kind === 'result') return isInLoop(part.operation, loop);
  return part.kind === 'unknown' || part.kind === 'element';
}

function namesElement(loop: Loop, place: Location, program: ProgramFacts): boolean {
  const syntax = loopSyntax(loop, program);
  const args = syntax === undefined ? undefined : callAt(syntax.file, place)?.argsSpan;
  if (syntax === undefined || args === undefined) return false;
  const names = elementNames(syntax);
  const text = textOf(syntax.file, args);
  return names.some((name) => isMentioned(text, name));
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
function writeConfidence({ fn, loop, query, queries }: QueriesOfCall, program: ProgramFacts): Confidence {
  const { effect } = query;
  if (queries.length > 1 || effect.rowLock !== 'none' || isForGroup(query)) return 'low';
  // What is not known to be one table's may be anything; where another branch does it at once, this one cannot.
  if (effect.table === undefined || isDoneAtOnceElsewhere(fn, query)) return 'low';
  if (removesObject(query) || isPartOfMore(query, program)) return 'low';
  // Only for the elements that a condition picks out, and mostly for none of them.
  if (query.guards.some((guard) => !guard.earlyExit && dependsOnElement(guard.test, loop))) return 'low';
  if (isSurelyOwnSql(query) && (effect.action === 'insert' || effect.action === 'delete'))
    return originOf(loop) === 'rows' && !isMaintenance(fn) ? 'high' : isMaintenance(fn) ? 'low' : 'medium';
  if (effect.action === 'update') return isOneUpdate(query, loop) ? 'medium' : 'low';
  return effect.action === 'delete' && (effect.where ?? []).length > 0 && !isMaintenance(fn) ? 'medium' : 'low';
}

/** All rows of a query, by their keys, get the same: what one statement with the query's own condition does. */
function isOneUpdate(query: DatabaseOperation, loop: Loop): boolean {
  if (query.chain.length > 0 || !writesSameValues(query, loop) || isAnyAbout(query, loop)) return false;
  const { where } = query.effect;
  if (where?.length !== 1 || where.some(({ column }) => column === '')) return false;
  const reads = loop.over?.kind === 'result' ? [loop.over.operation] : [];
  return reads.some(
    ({ effect }) =>
      effect.kind === 'database' && !effect.limited && effect.where?.every(({ operator }) => !/^in$/i.test(operator)),
  );
}

function isAnyAbout({ guards }: DatabaseOperation, loop: Loop): boolean {
  return guards.some(({ test }) => dependsOnElement(test, loop));
}

/** `row.destroy()`, `rows.remove(row)`: the library runs what is declared for each row. */
function removesObject({ model, name, effect }: DatabaseOperation): boolean {
  if (effect.action !== 'delete') return false;
  if (name === 'remove' || effect.entity !== undefined) return true;
  return /^(sequelize|mongoose)\W/.test(model) && (effect.where ?? []).some(({ column }) => column === '');
}

/** More calls than a function of a store makes that hands on one statement. */
const MANY_CALLS = 6;

/** A function on the way does other things for the element as well, known or not. */
function isPartOfMore(query: DatabaseOperation, program: ProgramFacts): boolean {
  return query.chain.some((_, index) => (calleeOf(query, index, program)?.calls ?? 0) > MANY_CALLS);
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
  return ![...data.values()].some((value) => hasPart(value, (part) => isMadeInRound(part, loop)));
}

/** A read of many statements is told by one that no cache answers. */
export function isAnsweredByCache(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  return isCachedByHelper(query, program, loop) || isRareBranch(query, loop, program);
}
