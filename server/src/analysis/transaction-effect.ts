/**
 * Effects outside the database while a transaction is open, each told once: what a consumer may act on before it can
 * see the rows (`visible`), and everything else that a rollback does not take back (`irrevocable`).
 */
import type { Confidence } from '../rule.ts';
import { isBookkeeping } from './effect-failure.ts';
import { type FunctionFacts, type Operation, weakest } from './fact.ts';
import { isForAdministrators } from './lost-chance.ts';
import { isNewRow } from './lost-value.ts';
import { type OpenTransaction, openTransactionAround } from './open-transaction.ts';
import { isNamedBy, type OutsideEffect, outsideEffectOf } from './outside-effect.ts';
import type { ProgramFacts } from './program.ts';
import { concurrencyOf, type DatabaseOperation, isRead } from './protection.ts';
import { concernsWrite } from './shared-data.ts';
import { placeOf } from './trace.ts';
import { keyOf, type Value, walkValue } from './value.ts';

export interface TransactionEffect {
  readonly fn: FunctionFacts;
  readonly effect: Operation;
  readonly outside: OutsideEffect;
  readonly transaction: OpenTransaction;
  /** The write it is about; without one, some write that a rollback would undo; undefined when there is none. */
  readonly write: DatabaseOperation | undefined;
  readonly kind: 'visible' | 'irrevocable';
  readonly confidence: Confidence;
  /** Further effects of the same kind in the same transaction. */
  readonly others: readonly Operation[];
}

const known = new WeakMap<FunctionFacts, readonly TransactionEffect[]>();
const RANK: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

export function transactionEffectsOf(fn: FunctionFacts, program: ProgramFacts): readonly TransactionEffect[] {
  const cached = known.get(fn);
  if (cached !== undefined) return cached;
  const groups = new Map<string, TransactionEffect>();
  for (const effect of fn.operations) {
    const found = judged(fn, effect, program);
    if (found === undefined) continue;
    const { at } = found.transaction;
    const key = `${at.path}:${at.start}:${found.kind}:${found.outside.kind}`;
    const before = groups.get(key);
    if (before === undefined) groups.set(key, found);
    else if (samePlace(before.effect, effect)) continue;
    else if (RANK[found.confidence] > RANK[before.confidence])
      groups.set(key, { ...found, others: [...before.others, before.effect] });
    else groups.set(key, { ...before, others: [...before.others, effect] });
  }
  const all = [...groups.values()].filter((own) => own.outside.kind !== 'cache' || isFirst(own, program));
  const found = all.filter((own) => !all.some((other) => isToldBy(own, other)));
  known.set(fn, found);
  return found;
}

/** A call that sends and asks is one mistake: told as what is surer, else as what a consumer may act on. */
function isToldBy(own: TransactionEffect, other: TransactionEffect): boolean {
  if (own.kind === other.kind || !samePlace(own.effect, other.effect)) return false;
  const more = RANK[other.confidence] - RANK[own.confidence];
  return more > 0 || (more === 0 && other.kind === 'visible');
}

const told = new WeakMap<ProgramFacts, Map<string, FunctionFacts>>();

/** A cache that a service clears is cleared too early for all who call it: told with the first of them. */
function isFirst({ fn, effect }: TransactionEffect, program: ProgramFacts): boolean {
  const owners = told.get(program) ?? new Map<string, FunctionFacts>();
  told.set(program, owners);
  const key = `${effect.at.path}:${effect.at.start}`;
  const owner = owners.get(key) ?? fn;
  owners.set(key, owner);
  return owner === fn;
}

function samePlace(a: Operation, b: Operation): boolean {
  return placeOf(a).start === placeOf(b).start && placeOf(a).path === placeOf(b).path;
}

function judged(fn: FunctionFacts, effect: Operation, program: ProgramFacts): TransactionEffect | undefined {
  // What a set stores before the commit is the other rule's: double-write/cache-set-after-write.
  const { effect: own } = effect;
  if (own.kind === 'cache' ? own.action !== 'delete' : own.kind !== 'publish' && own.kind !== 'request')
    return undefined;
  const transaction = openTransactionAround(fn, effect, program);
  const outside = transaction === undefined ? undefined : outsideEffectOf(effect);
  if (transaction === undefined || outside === undefined) return undefined;
  // What only asks is about no write.
  const concerned = outside.changes
    ? transaction.writes.filter((write) => !isCacheTable(write.effect.table) && concernsWrite(write, outside.payload))
    : [];
  // A row that is not there before the commit is missed most, and what is noted about it least.
  const itself = concerned.filter(({ effect }) => !isBookkeeping(effect.table));
  // 'documents.title-change' is about the document, whatever else goes with it.
  const isNamed = (write: DatabaseOperation): boolean => isNamedBy(outside.label, write);
  const named = [itself, outside.changes ? transaction.writes : []].map((writes) => writes.filter(isNamed));
  const best = named.find((writes) => writes.length > 0) ?? itself;
  const about = best.findLast((write) => isNew(write, fn)) ?? best.at(-1) ?? concerned.at(-1);
  const write = about ?? transaction.writes.at(-1);
  const isSent = outside.kind === 'job' || outside.kind === 'message';
  const kind = isSent && write !== undefined ? 'visible' : 'irrevocable';
  const confidence = confidenceOf(fn, effect, outside, transaction, about, kind, program);
  return { fn, effect, outside, transaction, write, kind, confidence, others: [] };
}

function confidenceOf(
  fn: FunctionFacts,
  effect: Operation,
  outside: OutsideEffect,
  transaction: OpenTransaction,
  about: DatabaseOperation | undefined,
  kind: TransactionEffect['kind'],
  program: ProgramFacts,
): Confidence {
  // Nothing to roll back, or nothing done there: only the connection is held meanwhile.
  if (transaction.writes.length === 0 || !outside.changes || effect.coarse) return 'low';
  // Seldom done, by somebody who sees that it failed and does it again; who gets the mail does not.
  if (outside.kind !== 'mail' && isForAdministrators(fn.fn.key, program)) return 'low';
  if (outside.notice && outside.kind !== 'mail' && outside.kind !== 'job') return 'low';
  // Only the entry of a row that is written can be filled again with what is about to change; that a whole request is
  // one transaction was nobody's choice for it.
  if (outside.kind === 'cache' && (about === undefined || transaction.form === 'declared')) return 'low';
  // The same of a file that goes with its row: little is left of the method that could fail.
  if (outside.removes && transaction.form === 'declared') return 'low';
  // To the operator's own mailbox: a word too many does no harm.
  if (outside.kind === 'mail' && isToOperator(outside)) return 'low';
  const isMailJob = outside.notice && outside.kind === 'job';
  // The mail is about what was there before: its job finds that.
  if (isMailJob && !(about !== undefined && isNew(about, fn))) return 'low';
  if (outside.kind === 'cache' && isReadAsList(fn, effect)) return 'low';
  // A file that nothing refers to is all that is left.
  if (outside.kind === 'file' && !outside.removes) return 'low';
  if (isLast(fn, effect) && (transaction.form === 'declared' || isHarmlessAtTheEnd(fn, effect, outside, about)))
    return 'low';
  return weakest(
    concurrencyOf(fn, effect, program),
    effect.basis === 'shape' || transaction.form === 'carried' || isGuessed(transaction) ? 'medium' : 'high',
    // That the whole method is one transaction is seldom thought of for what it does to files.
    outside.kind === 'cache' || isMailJob || transaction.form === 'declared' ? 'medium' : 'high',
    // What is only changed is there already, as it was.
    kind === 'visible' && about !== undefined && !isNew(about, fn) ? 'medium' : 'high',
    // A consumer that reads other rows is not disturbed; what was sent stays sent all the same.
    about === undefined ? (transaction.form === 'carried' ? 'low' : 'medium') : 'high',
  );
}

/**
 * Nothing is left that could fail but the commit, and who reads the mail comes after that, unless the job looks for the
 * row before it is there. What a payment provider is told beside money is told again.
 */
function isHarmlessAtTheEnd(
  fn: FunctionFacts,
  { model, name }: Operation,
  { kind, notice, payload }: OutsideEffect,
  about: DatabaseOperation | undefined,
): boolean {
  if (kind === 'payment')
    return name === 'update' || !/payment|charge|refund|transfer|payout|invoice|subscription|order|sale/i.test(model);
  return notice && kind === 'job' && !(about !== undefined && isNew(about, fn) && isNamedIn(payload, about));
}

/** The row's key is sent, so that it has to be looked up: a link that was made of it is not. */
function isNamedIn(payload: readonly Value[], { id, effect: { entity } }: DatabaseOperation): boolean {
  const own = entity === undefined ? undefined : `${keyOf(entity)}.id`;
  let found = false;
  for (const value of payload) {
    walkValue(value, (part) => {
      if (part.kind === 'computed' && /^(template|\+)$/.test(part.operator)) return true;
      const isKey =
        part.kind === 'result' && part.operation.id === id && /^_?id$|Id$|uuid/.test(part.path.at(-1) ?? '');
      found ||= isKey || keyOf(part) === own;
      return found;
    });
  }
  return found;
}

/** Not there before the transaction: what is saved after it was read was. */
function isNew({ effect }: DatabaseOperation, { operations }: FunctionFacts): boolean {
  return isNewRow(effect, operations.filter(isRead));
}

/** `SMEMBERS` of the same key: what lies there is all there is, and no copy of rows. */
function isReadAsList({ operations }: FunctionFacts, { effect }: Operation): boolean {
  return (
    effect.kind === 'cache' &&
    operations.some(
      ({ effect: own, model }) =>
        own.kind === 'cache' &&
        own.action === 'get' &&
        /[#.](smembers|sMembers|lrange|lRange|zrange|zRange|spop|lpop|rpop)$/.test(model) &&
        keyOf(own.key) === keyOf(effect.key),
    )
  );
}

/** No statement follows, in this round or in another; how often its callee sends does not matter. */
function isLast({ operations }: FunctionFacts, effect: Operation): boolean {
  const own = effect.chain[0]?.fn ?? effect.fn;
  return (
    !effect.loops.some(({ fn }) => fn === own) &&
    !operations.some(({ effect: other, order }) => other.kind === 'database' && order > effect.order)
  );
}

/** Addressed by the configuration, whatever is in it. */
function isToOperator({ payload }: OutsideEffect): boolean {
  return payload.some((value) => {
    const to = value.kind === 'object' ? value.properties.get('to') : undefined;
    if (to === undefined) return false;
    return to.kind === 'constant' || (to.kind === 'place' && /^(global|module|import)$/.test(to.root.kind));
  });
}

function isCacheTable(table: string | undefined): boolean {
  return table !== undefined && /cache_?(item|tag|entry)?$/i.test(table);
}

/** A wrapper known by its name alone. */
function isGuessed({ context }: OpenTransaction): boolean {
  return context !== undefined && /^shape(?!:\$transaction)/.test(context.model);
}
