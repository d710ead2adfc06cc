/**
 * Finds the writes of a function that rely on what an earlier, separate statement read, and says how: the new value is
 * computed from the old one (`lost-update`), or the write happens only because of what was read (`check`). One write
 * relies on one read, and one read is reported once, so the two rules above never speak about the same code.
 */
import type { Confidence } from '../rule.ts';
import { type CheckForm, isCheck } from './check-then-act.ts';
import { areExclusive } from './decided.ts';
import type { CacheEffect, FunctionFacts, Operation } from './fact.ts';
import { weakest } from './fact.ts';
import { isHeldByCallers } from './held-by-callers.ts';
import { type LostForm, lostUpdateOf } from './lost-value.ts';
import type { ProgramFacts } from './program.ts';
import {
  concurrencyOf,
  isDatabaseOperation,
  isRead,
  isWrite,
  plainColumn,
  protectionOf,
  sameTable,
} from './protection.ts';
import { isSameAt, sameCall } from './trace.ts';
import { keyOf, sameValue, sourcesOf, type Value } from './value.ts';

export interface Reliance {
  readonly fn: FunctionFacts;
  readonly read: Operation;
  readonly write: Operation;
  readonly kind: 'lost-update' | 'check';
  readonly form: LostForm | CheckForm;
  /** The column or columns it is about; empty for whole rows. */
  readonly columns: readonly string[];
  readonly confidence: Confidence;
  /** Writes of other branches that rely on the same look-up, written out there once more. */
  readonly beside?: readonly Operation[];
}

/** Calls to the read and to the write together: what lies further apart is one request's many queries of one table. */
const MOST_CALLS = 6;

export type Judged = Omit<Reliance, 'fn' | 'read' | 'write' | 'kind'>;

const known = new WeakMap<FunctionFacts, readonly Reliance[]>();
const own = new WeakMap<FunctionFacts, readonly Reliance[]>();
const RANK: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

export function reliancesOf(fn: FunctionFacts, program: ProgramFacts): readonly Reliance[] {
  const cached = known.get(fn);
  if (cached !== undefined) return cached;
  const found = ownReliancesOf(fn, program).map((reliance) =>
    reliance.confidence !== 'low' && isToldBefore(reliance, program)
      ? { ...reliance, confidence: 'low' as const }
      : reliance,
  );
  known.set(fn, found);
  return found;
}

function ownReliancesOf(fn: FunctionFacts, program: ProgramFacts): readonly Reliance[] {
  const cached = own.get(fn);
  if (cached !== undefined) return cached;
  const reads = fn.operations.filter(answers);
  const found =
    reads.length === 0
      ? []
      : onePerLookUp(onePerOperation(fn.operations.flatMap((write) => candidates(fn, reads, write, program))));
  own.set(fn, found);
  return found;
}

/**
 * A helper that is given the row, changes it and writes it back does so for each of its callers: one bug, told of the
 * first of them. A helper that stores the value it is given leaves the change to its callers.
 */
function isToldBefore({ fn, write, kind, columns: [column] }: Reliance, program: ProgramFacts): boolean {
  if (kind !== 'lost-update' || write.chain.length === 0 || column === undefined) return false;
  const inHelper = program
    .factsOf(write.fn)
    ?.operations.find(({ at, chain }) => chain.length === 0 && isSameAt(at, write.at));
  const stored = inHelper?.effect.kind === 'database' ? inHelper.effect.data?.get(column) : undefined;
  if (stored === undefined || stored.kind === 'place') return false;
  const callee = write.chain[1]?.fn ?? write.fn;
  return program
    .callersOf(callee)
    .filter((key) => key < fn.fn.key)
    .some((key) => {
      const caller = program.factsOf(key);
      return (
        caller !== undefined &&
        ownReliancesOf(caller, program).some((other) => other.kind === kind && isSameAt(other.write.at, write.at))
      );
    });
}

function answers(operation: Operation): boolean {
  const { effect } = operation;
  return effect.kind === 'cache' ? effect.action === 'get' || effect.action === 'exists' : isRead(operation);
}

function candidates(
  fn: FunctionFacts,
  reads: readonly Operation[],
  write: Operation,
  program: ProgramFacts,
): Reliance[] {
  const isCache =
    write.effect.kind === 'cache' &&
    write.effect.action !== 'watch' &&
    write.effect.action !== 'get' &&
    write.effect.action !== 'exists';
  if (!isWrite(write) && !isCache) return [];
  return reads.flatMap((read): Reliance[] => {
    // Protected whatever the write relies on: cheaper to see than what that is.
    if (read.order >= write.order || read.chain.length + write.chain.length > MOST_CALLS) return [];
    if ((read.segment === write.segment && (read.awaited || isInProcess(read))) || sameCall(read, write)) return [];
    if (!concernsSame(read, write, program) || areExclusive(read, write)) return [];
    const lost = lostUpdateOf(fn, read, write, program);
    const judged = lost ?? isCheck(fn, read, write, program);
    if (judged === undefined) return [];
    const isProtected = (caller: FunctionFacts, [first = read, second = write]: readonly Operation[]): boolean =>
      protectionOf(caller, first, second, judged.form === 'duplicate' || judged.form === 'reuse') !== undefined;
    if (isVersionChecked(write, program)) return [];
    if (isProtected(fn, [read, write]) || isHeldByCallers(fn, [read, write], program, isProtected)) return [];
    if (lost === undefined && isCheckedAgain(fn, read, write, program)) return [];
    const coarse: Confidence = read.coarse || write.coarse ? 'low' : 'high';
    const confidence = weakest(judged.confidence, coarse, concurrencyOf(fn, write, program));
    return [{ ...judged, confidence, fn, read, write, kind: lost === undefined ? 'check' : 'lost-update' }];
  });
}

/** The library compares the row's version with the one it was read with: a second writer gets an error. */
function isVersionChecked({ effect }: Operation, program: ProgramFacts): boolean {
  if (effect.kind !== 'database' || effect.table === undefined || !program.isVersioned(effect.table)) return false;
  return effect.action === 'save' || (effect.where ?? []).some(({ column }) => column === '');
}

/** The same is asked once more, where a lock or the transaction's isolation holds it until the write: the first check only answers early. */
function isCheckedAgain(fn: FunctionFacts, read: Operation, write: Operation, program: ProgramFacts): boolean {
  return fn.operations.some(
    (again) =>
      again.order > read.order &&
      again.order < write.order &&
      isRead(read) &&
      isRead(again) &&
      sameTable(read.effect, again.effect, program) &&
      write.guards.some(({ test }) => sourcesOf(test).has(again)) &&
      protectionOf(fn, again, write, false) !== undefined,
  );
}

/** Answered at once: only a wait of the function's own lets something else come between. */
function isInProcess({ effect }: Operation): boolean {
  return effect.kind === 'cache' && effect.inProcess;
}

function concernsSame(read: Operation, write: Operation, program: ProgramFacts): boolean {
  if (isRead(read) && isDatabaseOperation(write)) return sameTable(read.effect, write.effect, program);
  const { effect } = read;
  if (effect.kind !== 'cache' || write.effect.kind !== 'cache') return false;
  return (effect.action === 'get' || effect.action === 'exists') && sameKey(effect, write.effect);
}

function sameKey(a: CacheEffect, b: CacheEffect): boolean {
  return a.key.kind !== 'unknown' && sameValue(a.key, b.key) && !areOtherFields(a.field, b.field);
}

/** `hget(key, 'total')` and `hset(key, 'average', …)`, `hset(key, { average })`. */
function areOtherFields(read: Value | undefined, written: Value | undefined): boolean {
  if (read === undefined || written === undefined) return false;
  if (written.kind === 'object')
    return read.kind === 'constant' && written.others.length === 0 && !written.properties.has(String(read.value));
  const isKnown = (field: Value): boolean => field.kind === 'constant' || field.kind === 'place';
  return isKnown(read) && isKnown(written) && !sameValue(read, written);
}

/** What one read says of the row it found and of a row that it did not find are two things. */
const OF_NEW_ROWS: ReadonlySet<string> = new Set(['duplicate', 'conflict', 'related', 'limit', 'reuse']);

/** Of several the surest, then the first; a read that computes a value is not also a check of the same row. */
function onePerOperation(all: readonly Reliance[]): Reliance[] {
  const order = [...all].sort(
    (a, b) =>
      Number(b.kind === 'lost-update') - Number(a.kind === 'lost-update') ||
      RANK[b.confidence] - RANK[a.confidence] ||
      a.write.order - b.write.order,
  );
  const writes = new Set<Operation>();
  const reads = { found: new Set<Operation>(), missed: new Set<Operation>() };
  const kept = order.filter(({ read, write, form }) => {
    const taken = OF_NEW_ROWS.has(form) ? reads.missed : reads.found;
    if (taken.has(read) || writes.has(write)) return false;
    taken.add(read);
    writes.add(write);
    return true;
  });
  return kept.sort((a, b) => a.write.order - b.write.order);
}

/** A look-up that stands in several branches of a function is one mistake: the others are hints beside the one told. */
function onePerLookUp(found: readonly Reliance[]): Reliance[] {
  const sure = found.filter(({ form, confidence }) => OF_NEW_ROWS.has(form) && confidence !== 'low');
  return found.map((reliance) => {
    if (sure.length < 2 || !sure.includes(reliance)) return reliance;
    const [told, ...others] = sure
      .filter((other) => lookUpOf(other) === lookUpOf(reliance))
      // Of equals the last: what stands before it are the special cases.
      .toSorted(
        (a, b) =>
          RANK[b.confidence] - RANK[a.confidence] ||
          b.columns.length - a.columns.length ||
          b.write.order - a.write.order,
      );
    if (told !== reliance) return { ...reliance, confidence: 'low' };
    return others.length === 0 ? reliance : { ...reliance, beside: others.map(({ write }) => write) };
  });
}

/** The table and the columns asked for, with the values that the program itself gives. */
function lookUpOf({ form, read }: Reliance): string {
  if (!isDatabaseOperation(read) || read.effect.where === undefined) return read.id;
  const asked = read.effect.where.map(({ column, operator, value }) => {
    const isFixed = value.kind === 'constant' || (value.kind === 'place' && value.root.kind !== 'parameter');
    return `${plainColumn(column)} ${operator} ${isFixed ? keyOf(value) : ''}`;
  });
  return [form, read.effect.table, ...asked.sort()].join('\n');
}
