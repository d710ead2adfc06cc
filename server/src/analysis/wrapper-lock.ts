/**
 * Locks that a project builds itself: a wrapper that stores a key only when it is absent, runs its callback and deletes
 * the key, or one whose name says what it is for. Errs towards "locked": whether the key expires too early, or the wrong
 * owner deletes it, is not judged here.
 */
import type { CacheEffect, FunctionFacts, LockContext, Operation } from './fact.ts';
import { soundsLikeLock } from './naming.ts';
import { keyOf, sameValue, type Value } from './value.ts';

interface CacheOperation extends Operation {
  readonly effect: CacheEffect;
}

function isCache(operation: Operation): operation is CacheOperation {
  return operation.effect.kind === 'cache';
}

const known = new WeakMap<FunctionFacts, Map<Operation, LockContext | undefined>>();

/** The lock that the function holds while it calls what it was given. */
export function lockAround(facts: FunctionFacts, call: Operation): LockContext | undefined {
  const own = known.get(facts) ?? new Map<Operation, LockContext | undefined>();
  known.set(facts, own);
  if (!own.has(call)) own.set(call, find(facts, call));
  return own.get(call);
}

function find(facts: FunctionFacts, call: Operation): LockContext | undefined {
  // A lock that is known is already around the call.
  if (call.locks.length > 0 || facts.operations.some((one) => one.effect.kind === 'lock' && one.order < call.order))
    return undefined;
  const mark = facts.operations.find((one) => isCache(one) && isMark(one) && isReleasedAfter(facts, one, call));
  const base = { id: `${facts.fn.ordinal}:wrapper`, reentrant: false } as const;
  if (mark !== undefined && isCache(mark))
    return { ...base, at: mark.at, key: mark.effect.key, model: mark.model, kind: 'distributed' };
  if (!soundsLikeLock(facts.fn.node.name)) return undefined;
  return { ...base, at: call.at, key: keyGiven(facts), model: 'shape', kind: 'mutex' };
}

function isMark({ effect }: CacheOperation): boolean {
  return effect.action === 'set-if-absent';
}

/** Deleted, or handed to a script that compares the owner first. */
function isReleasedAfter(facts: FunctionFacts, mark: CacheOperation, call: Operation): boolean {
  return (
    mark.order < call.order &&
    facts.operations.some(
      (one) => isCache(one) && one.order > call.order && isRelease(one) && sameKey(one.effect.key, mark.effect.key),
    )
  );
}

function isRelease({ effect }: CacheOperation): boolean {
  return effect.action === 'delete' || effect.action === 'increment';
}

function sameKey(a: Value, b: Value): boolean {
  return a.kind === 'unknown' || keyOf(a).includes('?') || sameValue(a, b);
}

/** The first parameter that is not the callback: `withLock(key, work)`. */
function keyGiven({ fn }: FunctionFacts): Value {
  const index = fn.node.parameters.length > 1 ? 0 : -1;
  const pattern = fn.node.parameters[index]?.pattern;
  if (pattern?.kind !== 'variable') return { kind: 'place', root: { kind: 'this', class: fn.class }, path: [] };
  const name = fn.file.variables[pattern.variable]?.name ?? '';
  return { kind: 'place', root: { kind: 'parameter', fn: fn.key, index, name }, path: [] };
}

/** `const mine = await redis.set(key, id, 'NX')`, in this function or a helper, and what depends on it. */
export function takesMark(operation: Operation, dependent: Operation): boolean {
  if (!isCache(operation) || !isMark(operation)) return false;
  const names = operation.chain.map(({ name }) => name);
  if (names.some((name) => /lock|acquire|mutex|claim/i.test(name) && !/unlock|block/i.test(name))) return true;
  if (/lock|mutex/i.test(keyOf(operation.effect.key))) return true;
  return dependent.guards.some((guard) => keyOf(guard.test).includes(`op:${operation.id}`));
}

/** Whether the mark is taken off again in between. */
export function releasesMark(operation: Operation, mark: Operation): boolean {
  return isCache(operation) && isCache(mark) && isRelease(operation) && sameKey(operation.effect.key, mark.effect.key);
}
