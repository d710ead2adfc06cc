/**
 * Whether the query's place is reached for at most one element, or only now and then: after a failed batch, on a miss
 * of what is filled along the way. Errs towards "rare" where a condition looks something up by a key.
 */

import { leavesAfter } from '../../../analysis/early-end.ts';
import type { Loop, Operation } from '../../../analysis/fact.ts';
import { isElementOf, isInLoop } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { loopSyntax } from '../../../analysis/repetition.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { hasPart, sourcesOf, type Value } from '../../../analysis/value.ts';
import { statementAround } from '../../../rewrite/source-edit.ts';

/** The query's place is left for good right after it: at most one element comes there. */
export function runsOnce(query: Operation, loop: Loop, program: ProgramFacts): boolean {
  const place = placeOf(query);
  return place.path === loop.at.path && leavesAfter(loopSyntax(loop, program), place);
}

/** `this.buffers`: what parts of the program signed up for, unless the class is a row of a table. */
export function isRegistry(loop: Loop, program: ProgramFacts): boolean {
  let over = loop.over;
  while (over?.kind === 'computed' && /^call:(values|keys|entries|from)$/.test(over.operator)) {
    over = over.operands.find((part) => part.kind === 'place' && part.root.kind === 'this');
  }
  if (over?.kind !== 'place' || over.root.kind !== 'this' || over.path.length !== 1) return false;
  const name = over.root.class?.split('#').at(-1);
  return name !== undefined && program.entity(name) === undefined && /(Service|Strategy|Manager|Registry)$/.test(name);
}

/** The fallback after a failed batch, a miss of a cache filled along the way, or one element picked out by name. */
export function isRareBranch(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  if (query.tries.some((context) => context.in === 'handler')) return true;
  return query.guards.some((guard) => {
    if (guard.holds && picksOne(guard.test, loop)) return true;
    if (isMissing(guard.test, guard.holds, loop)) return true;
    return hasPart(guard.test, isEntry) && isFilledAfter(query, program);
  });
}

/** What a map, or one that the object or module keeps, has for a key. */
function isEntry(part: Value): boolean {
  if (part.kind === 'computed') return /^(index|call:get|call:has)$/.test(part.operator);
  return part.kind === 'place' && part.path.at(-1) === '[]' && /^(this|module)$/.test(part.root.kind);
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
    (source) => source.effect.kind === 'cache' || (source.effect.kind === 'memory' && isInLoop(source, loop)),
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
  if (!isElementOf(part, loop)) return false;
  if (part.path.length === 0) return other.kind === 'constant' && typeof other.value === 'string';
  if (part.path.length > 1 || !/^_?(id|key|uuid)$|Id$|_id$/.test(part.path[0] ?? '')) return false;
  if (other.kind === 'element') return !isElementOf(other, loop);
  return other.kind === 'place' || (other.kind === 'result' && !isInLoop(other.operation, loop));
}
