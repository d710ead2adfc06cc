/**
 * A database write and then the same data put into a cache: two writers can do these in opposite orders, and a
 * failure between them leaves the old value in the cache. Deleting the key has neither fault.
 */
import type { CacheEffect, DatabaseEffect, FunctionFacts, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isWrite } from '../../../analysis/protection.ts';
import { nameOf, placeOf, sameCall, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { keyOf, rootKey, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { deleteInstead } from './fix.ts';

export interface CacheSet {
  readonly fn: FunctionFacts;
  readonly write: Operation & { readonly effect: DatabaseEffect };
  readonly set: Operation & { readonly effect: CacheEffect };
  /** Both run at once: nothing orders them. */
  readonly concurrent: boolean;
}

export const cacheSetAfterWrite = defineRule<CacheSet>({
  id: 'double-write/cache-set-after-write',
  summary: 'A value is written to the database and then set in the cache.',
  severity: 'warning',
  status: 'stable',
  cwe: [362],
  detect: (fn) => pairs(fn),
  report: (evidence, { program }) => {
    const { write, set, concurrent } = evidence;
    const table = write.effect.table === undefined ? 'the database' : tableLabel(write.effect);
    return {
      at: placeOf(set),
      message: concurrent
        ? `${nameOf(set)} puts the value into the cache while ${nameOf(write)} writes it to ${table}: if one fails or another writer comes between, they disagree.`
        : `${nameOf(set)} puts into the cache what ${nameOf(write)} wrote to ${table}: if it fails or another writer comes between, the cache keeps the older value.`,
      related: [{ at: placeOf(write), message: `Written to ${table} here.` }, ...traceOf(set, program)],
      confidence: confidenceOf(evidence, program),
      resource: `cache of ${write.effect.table ?? 'the database'}`,
    };
  },
  fixes: deleteInstead,
});

// ---------------------------------------------------------------- evidence

function pairs(fn: FunctionFacts): CacheSet[] {
  const found: CacheSet[] = [];
  for (const set of fn.operations) {
    if (!isSharedSet(set) || isOwnData(set.effect)) continue;
    const write = fn.operations.findLast((other) => writesWhatIsCached(other, set));
    if (write === undefined || !isWrite(write) || isCompensated(fn, set)) continue;
    found.push({ fn, write, set, concurrent: !isAfter(write, set) });
  }
  return found;
}

function isSharedSet(operation: Operation): operation is Operation & { readonly effect: CacheEffect } {
  const { effect } = operation;
  return (
    effect.kind === 'cache' && effect.action === 'set' && !operation.model.startsWith('lib#') && !operation.deferred
  );
}

/** Sessions, tokens, locks, marks: the cache is where they live, no copy of a row. */
function isOwnData(effect: CacheEffect): boolean {
  let own = effect.value === undefined || effect.value.kind === 'constant';
  walkValue(effect.key, (part) => {
    if (part.kind === 'constant' && typeof part.value === 'string') own ||= OWN_DATA.test(part.value);
    if (part.kind === 'place' && 'name' in part.root) own ||= OWN_DATA.test([part.root.name, ...part.path].join('.'));
  });
  return own;
}

const OWN_DATA =
  /sess(ion)?\b|session|token|otp|nonce|\block|mutex|rate|throttl|csrf|oauth|state|captcha|attempt|online|presence|heartbeat|\bjob|queue|cooldown|last[-_]?(seen|active|run)|progress|challenge|verif|idempot|dedup/i;

function writesWhatIsCached(write: Operation, set: Operation & { readonly effect: CacheEffect }): boolean {
  if (!isWrite(write) || write.deferred || write.id === set.id || sameCall(write, set)) return false;
  if (!isAfter(write, set) && !isConcurrent(write, set)) return false;
  const { value } = set.effect;
  return value !== undefined && !isReadAfter(value, write) && sharesData(write, value);
}

function isAfter(write: Operation, set: Operation): boolean {
  return (
    write.order < set.order && (write.segment < set.segment || write.awaited === false || isSequential(write, set))
  );
}

/** In one segment the two were started together. */
function isSequential(write: Operation, set: Operation): boolean {
  return write.segment !== set.segment;
}

function isConcurrent(write: Operation, set: Operation): boolean {
  return write.segment === set.segment;
}

/** The value was read again after the write: then it is no guess, only possibly late. */
function isReadAfter(value: Value, write: Operation): boolean {
  return [...sourcesOf(value)].some(
    ({ effect, order }) => effect.kind === 'database' && effect.action === 'read' && order > write.order,
  );
}

/** The value holds what was written: the row the write gave, the entity saved, or a column's new value. */
function sharesData(write: Operation & { readonly effect: DatabaseEffect }, value: Value): boolean {
  const { effect } = write;
  const written: Value[] = effect.data === undefined ? [] : [...effect.data.values()];
  if (effect.entity !== undefined) written.push(effect.entity);
  if (effect.data === undefined || effect.entity === undefined) {
    const keys = new Set((effect.where ?? []).map((condition) => keyOf(condition.value)));
    written.push(...effect.args.filter((arg) => arg.kind !== 'constant' && !keys.has(keyOf(arg))));
  }
  const parts = new Set(written.flatMap(partsOf));
  for (const condition of effect.where ?? []) for (const part of partsOf(condition.value)) parts.delete(part);
  parts.add(`op:${write.id}`);
  return partsOf(value).some((part) => parts.has(part));
}

/** Identities of what a value is made of, with everything above: `param:data` for `data.email`. */
function partsOf(value: Value): string[] {
  const parts: string[] = [];
  walkValue(value, (part) => {
    if (part.kind === 'result') parts.push(`op:${part.operation.id}`);
    if (part.kind !== 'place' || (part.root.kind !== 'parameter' && part.root.kind !== 'captured')) return;
    const root = rootKey(part.root);
    const generic = /^(ctx|context|req|request|res|response|this|tx|trx|manager|em|db|client)$/.test(part.root.name);
    if (!generic) parts.push(root);
    part.path.forEach((_, index) => {
      if (!generic || index > 0) parts.push([root, ...part.path.slice(0, index + 1)].join('.'));
    });
  });
  return parts;
}

/** The same key is deleted when something goes wrong. */
function isCompensated(fn: FunctionFacts, set: Operation & { readonly effect: CacheEffect }): boolean {
  return fn.operations.some(
    (other) =>
      other.effect.kind === 'cache' &&
      other.effect.action === 'delete' &&
      keyOf(other.effect.key) === keyOf(set.effect.key) &&
      other.tries.some((context) => context.in !== 'block'),
  );
}

// ---------------------------------------------------------------- confidence

function confidenceOf({ write, set, concurrent }: CacheSet, program: ProgramFacts): Confidence {
  const { effect } = write;
  if (write.coarse || set.coarse) return 'low';
  // A new row has no older value in the cache.
  if (effect.action === 'insert' && !concurrent) return 'low';
  if (isVersioned(write, program)) return 'low';
  if (isKeptUnderLock(write, set)) return 'low';
  // Another process has a cache of its own, which nobody tells.
  if (set.basis === 'shape' || set.effect.inProcess || effect.table === undefined) return 'medium';
  return 'high';
}

function isVersioned(write: Operation & { readonly effect: DatabaseEffect }, program: ProgramFacts): boolean {
  const column = write.effect.table === undefined ? undefined : program.entity(write.effect.table)?.versionColumn;
  return (write.effect.where ?? []).some(
    (condition) => condition.column === column || /version|revision|etag/i.test(condition.column),
  );
}

function isKeptUnderLock(write: Operation, set: Operation): boolean {
  return write.locks.some((lock) => lock.kind !== 'row' && set.locks.some(({ id }) => id === lock.id));
}
