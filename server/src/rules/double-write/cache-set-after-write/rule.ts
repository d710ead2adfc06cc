/**
 * A database write and then the same data put into a cache: two writers can do these in opposite orders, and a
 * failure between them leaves the old value in the cache. Deleting the key has neither fault.
 */
import type { DatabaseEffect, FunctionFacts, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { concurrencyOf, type DatabaseOperation, isWrite } from '../../../analysis/protection.ts';
import { identitiesIn, writtenValues } from '../../../analysis/shared-data.ts';
import { labelOf, nameOf, placeOf, sameCall, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { keyOf, sourcesOf, UNKNOWN, type Value, walkValue } from '../../../analysis/value.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { deleteInstead } from './fix.ts';

export interface CacheSet {
  readonly fn: FunctionFacts;
  readonly write: Operation & { readonly effect: DatabaseEffect };
  readonly set: Operation;
  readonly store: Store;
  /** Both run at once: nothing orders them. */
  readonly concurrent: boolean;
}

/** What is put where: an entry of a cache, of a Map that is one, or a settings object that is replaced. */
export interface Store {
  readonly key: Value;
  readonly value: Value | undefined;
  readonly kind: 'shared' | 'in-process' | 'memory';
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
  if (!fn.operations.some(isWrite)) return found;
  for (const set of fn.operations) {
    const store = storeOf(set);
    if (store === undefined || set.deferred || isOwnData(store)) continue;
    const write = writeOf(fn, set, store);
    if (write === undefined || isCompensated(fn, set, store)) continue;
    // Several stores behind one interface are one place.
    const { start } = placeOf(set);
    if (found.some((other) => placeOf(other.set).start === start)) continue;
    found.push({ fn, write, set, store, concurrent: !isAfter(write, set) });
  }
  return found;
}

/** Further back it is hardly the same matter. */
const NEAR = 20;

/** The last write of what is cached, before the set or beside it. */
function writeOf(fn: FunctionFacts, set: Operation, store: Store): DatabaseOperation | undefined {
  if (store.value === undefined || identitiesIn(store.value).length === 0) return undefined;
  let seen = 0;
  for (const other of fn.operations.toReversed()) {
    if (!isWrite(other) || (other.order > set.order && other.segment !== set.segment)) continue;
    if (writesWhatIsCached(other, set, store)) return other;
    seen += 1;
    if (seen > NEAR) return undefined;
  }
  return undefined;
}

function storeOf({ effect, model, chain }: Operation): Store | undefined {
  if (effect.kind === 'cache') {
    if (effect.action !== 'set' || model.startsWith('lib#')) return undefined;
    return { key: effect.key, value: effect.value, kind: effect.inProcess ? 'in-process' : 'shared' };
  }
  if (chain.length > 0 || effect.kind !== 'memory' || (effect.action !== 'add' && effect.action !== 'write'))
    return undefined;
  const { target } = effect;
  if (target.kind !== 'place' || target.root.kind === 'parameter' || target.root.kind === 'captured') return undefined;
  // `settingsCache.set(key, row)`, `this.cachedSettings = row`: its name is what says that it is a copy.
  if (!/cache(d|s)?([A-Z_.]|$)|memo(ized)?([A-Z_.]|$)/i.test(labelOf(target) ?? '')) return undefined;
  return { key: effect.key ?? UNKNOWN, value: effect.value, kind: 'memory' };
}

/** Sessions, tokens, locks, marks: the cache is where they live, no copy of a row. */
function isOwnData({ key, value }: Store): boolean {
  let own = value === undefined || value.kind === 'constant';
  walkValue(key, (part) => {
    if (part.kind === 'constant' && typeof part.value === 'string') own ||= OWN_DATA.test(part.value);
    if (part.kind === 'place' && 'name' in part.root) own ||= OWN_DATA.test([part.root.name, ...part.path].join('.'));
  });
  return own;
}

const OWN_DATA =
  /sess(ion)?\b|session|token|otp|nonce|\block|mutex|rate|throttl|csrf|oauth|state|captcha|attempt|online|presence|heartbeat|\bjob|queue|cooldown|last[-_]?(seen|active|run)|progress|challenge|verif|idempot|dedup/i;

function writesWhatIsCached(write: DatabaseOperation, set: Operation, { value }: Store): boolean {
  if (write.deferred || write.id === set.id || sameCall(write, set)) return false;
  if (!isAfter(write, set) && !isConcurrent(write, set)) return false;
  return value !== undefined && sharesData(write, value) && !isReadAfter(value, write);
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
  let parts = written.get(write);
  if (parts === undefined) {
    parts = new Set(writtenValues(write.effect).flatMap(identitiesIn));
    for (const condition of write.effect.where ?? [])
      for (const part of identitiesIn(condition.value)) parts.delete(part);
    parts.add(`op:${write.id}`);
    written.set(write, parts);
  }
  return identitiesIn(value).some((part) => parts.has(part));
}

const written = new WeakMap<Operation, Set<string>>();

/** The same key is deleted when something goes wrong. */
function isCompensated(fn: FunctionFacts, set: Operation, { key }: Store): boolean {
  return fn.operations.some(
    (other) =>
      (other.effect.kind === 'cache' || other.effect.kind === 'memory') &&
      other.effect.action === 'delete' &&
      other.id !== set.id &&
      keyOf(other.effect.key ?? UNKNOWN) === keyOf(key) &&
      other.tries.some((context) => context.in !== 'block'),
  );
}

// ---------------------------------------------------------------- confidence

function confidenceOf({ fn, write, set, store, concurrent }: CacheSet, program: ProgramFacts): Confidence {
  const { effect } = write;
  if (write.coarse || set.coarse) return 'low';
  // A new row has no older value in the cache.
  if (effect.action === 'insert' && !concurrent) return 'low';
  if (isVersioned(write, program)) return 'low';
  if (isKeptUnderLock(write, set)) return 'low';
  // A variable of this process: read again at its start, and often the only process there is.
  if (store.kind === 'memory') return 'low';
  if (concurrencyOf(fn, set, program) === 'low') return 'low';
  // Another process has a cache of its own, which nobody tells.
  if (set.basis === 'shape' || store.kind === 'in-process' || effect.table === undefined) return 'medium';
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
