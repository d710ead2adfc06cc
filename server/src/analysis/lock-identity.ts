/**
 * Which lock a lock is: the mutex object, or the name it is asked for by and, where every object has names of its own,
 * the object. Undefined when that cannot be said for certain.
 */
import type { LockContext, LockEffect, Operation } from './fact.ts';
import { keyLabel, labelOf } from './trace.ts';
import { keyOf, type Value } from './value.ts';

export interface LockOperation extends Operation {
  readonly effect: LockEffect;
}

export interface LockIdentity {
  /** Equal for locks that are certainly the same in one run. */
  readonly exact: string;
  /** The same whatever the parts of the name that vary: `account:*`. */
  readonly pattern: string;
  readonly label: string;
  /** A name with parts that vary stands for many locks. */
  readonly varies: boolean;
}

export function isAcquisition(operation: Operation): operation is LockOperation {
  return operation.effect.kind === 'lock' && operation.effect.action === 'acquire';
}

export function identityOfTaken({ effect, executor, model }: LockOperation): LockIdentity | undefined {
  return identityOf(effect.key, executor, model);
}

export function identityOfHeld({ key, owner, model }: LockContext): LockIdentity | undefined {
  return identityOf(key, owner, model);
}

function identityOf(key: Value, owner: Value | undefined, model: string): LockIdentity | undefined {
  const name = key.kind === 'array' && key.elements.length === 1 ? (key.elements[0] ?? key) : key;
  const isObject = name.kind === 'place' && /mutex|semaphore/i.test(model);
  if (isObject) {
    if (!isLasting(name)) return undefined;
    const exact = keyOf(name);
    return { exact, pattern: exact, label: labelOf(name) ?? 'the mutex', varies: false };
  }
  const isTemplate = name.kind === 'computed' && /^(template|\+)$/.test(name.operator);
  if (name.kind !== 'constant' && !isTemplate && name.kind !== 'place') return undefined;
  // Every `AsyncLock` has its own names; other services have one set for all.
  const space = /^async-lock#/.test(model) ? ownerKey(owner) : (model.split('#')[0] ?? model);
  const exact = keyOf(name);
  if (space === undefined || exact.includes('?')) return undefined;
  const label = keyLabel(name);
  const varies = name.kind !== 'constant';
  return { exact: `${space}|${exact}`, pattern: `${space}|${varies && !isTemplate ? exact : label}`, label, varies };
}

function ownerKey(owner: Value | undefined): string | undefined {
  return owner !== undefined && isLasting(owner) ? keyOf(owner) : undefined;
}

/** Reached through something that is one and the same for all callers, not made for this call. */
function isLasting(value: Value): boolean {
  return value.kind === 'place' && /^(this|module|import|global)$/.test(value.root.kind) && !value.path.includes('[]');
}
