/**
 * A write that takes place only while a condition holds, `UPDATE … SET status = 'paid' WHERE id = $1 AND status =
 * 'open'`: of two runs one changes the row. Which one, only the count of rows says; where nobody looks at it, both go
 * on. Writes of many rows are sweeps, and a write that nothing relies on may as well do nothing: both are silent.
 */
import { type FunctionFacts, type Operation, weakest } from '../../../analysis/fact.ts';
import { meaningsOf } from '../../../analysis/guard-meaning.ts';
import { isNewRow } from '../../../analysis/lost-value.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  concurrencyOf,
  type DatabaseOperation,
  equalitiesOf,
  isKey,
  isOwnKey,
  isRead,
  isWrite,
  plainColumn,
  protectionOf,
  sameRow,
  sameTable,
} from '../../../analysis/protection.ts';
import { reliancesOf } from '../../../analysis/reliance.ts';
import { sameCall } from '../../../analysis/trace.ts';
import { hasPart, sameValue, sourcesOf, type Value } from '../../../analysis/value.ts';
import { statementAround } from '../../../rewrite/source-edit.ts';
import type { Confidence } from '../../../rule.ts';

export interface UncheckedWrite {
  readonly fn: FunctionFacts;
  readonly write: DatabaseOperation;
  /** The columns whose condition the write undoes; empty for a one-time row that is found and deleted. */
  readonly columns: readonly string[];
  /** What happens whether the row was changed or not; undefined when success is what is returned. */
  readonly next: Operation | undefined;
  readonly confidence: Confidence;
}

export function uncheckedWritesOf(fn: FunctionFacts, program: ProgramFacts): UncheckedWrite[] {
  const found: UncheckedWrite[] = [];
  for (const write of fn.operations) {
    if (!isWrite(write) || (write.effect.action !== 'update' && write.effect.action !== 'delete')) continue;
    if (write.locks.length > 0 || write.chain.length > 1 || throwsByItself(write) || !isDropped(write, program))
      continue;
    if (isSweep(write)) continue;
    const columns = undoneColumns(write);
    const read = readBefore(fn, write, program);
    if (columns.length === 0 && !isConsumed(write, read)) continue;
    if (!isOneRow(write, read) || isAlone(fn, write, program)) continue;
    const next = nextOf(fn, write);
    if (next === undefined && !saysSuccess(fn, write)) continue;
    // The check before it and the write are one finding of `db-check-then-act`.
    if (reliancesOf(fn, program).some((reliance) => reliance.write === write)) continue;
    const confidence = weakest(
      sureOf(write, next, read),
      write.coarse ? 'low' : 'high',
      concurrencyOf(fn, write, program),
    );
    found.push({ fn, write, columns, next, confidence });
  }
  return found;
}

// ---------------------------------------------------------------- the write

/** Prisma's `update` and `delete` of one row fail when it is not there, Slonik's methods that say that there is one. */
function throwsByItself({ name, model, basis, effect }: Operation): boolean {
  if (/^slonik#/.test(model)) return /^(one|many)/.test(name);
  if (effect.kind !== 'database' || effect.sql !== undefined) return false;
  if (/OrThrow|OrFail/i.test(name)) return true;
  return (name === 'update' || name === 'delete') && (/prisma/i.test(model) || basis === 'shape');
}

/** Nobody has the outcome: the statement drops it, or the helper hands it to a call that drops it. */
function isDropped(write: Operation, program: ProgramFacts): boolean {
  const [site] = write.chain;
  // PostgREST without `select` says nothing of rows: what is looked at is an error.
  if (site === undefined) return write.result === 'unused' || isMute(write);
  if (write.result !== 'returned') return false;
  const file = program.file(site.at.path);
  const statement = file === undefined ? undefined : statementAround(file, site.at)?.statement;
  if (file === undefined || statement?.kind !== 'expression') return false;
  const call = statement.expression.kind === 'await' ? statement.expression.operand : statement.expression;
  return call.kind === 'call' && call.nameAt?.start === site.at.start;
}

function isMute({ effect, model }: Operation): boolean {
  return model.startsWith('@supabase/') && effect.kind === 'database' && !effect.reportsAffected;
}

/** `DELETE … WHERE expires_at < now()` clears away what nobody holds any more: mostly nothing. */
function isSweep({ effect }: DatabaseOperation): boolean {
  return (
    effect.action === 'delete' &&
    (effect.where ?? []).some(
      ({ column, operator }) =>
        /expir/.test(plainColumn(column)) && /^(<=?|lte?|\$lte?|lessthan(orequal)?)$/i.test(operator),
    )
  );
}

/** Columns that the WHERE asks for and the write makes different: a second run finds nothing. */
function undoneColumns({ effect }: DatabaseOperation): string[] {
  const found: string[] = [];
  for (const { column, operator, value } of effect.where ?? []) {
    // `owner_id IS NULL` asks for no row by its key.
    if (isKey(column) && !isNothing(value)) continue;
    const plain = plainColumn(column);
    if (/^(version|revision|rev|lockversion|optlock|etag)$/.test(plain)) {
      found.push(column);
      continue;
    }
    if (effect.action === 'delete') {
      if (/^(status|state|used|usedat|consumed|consumedat|claimed|claimedby)$/.test(plain)) found.push(column);
      continue;
    }
    const isRelative = effect.relative.some((name) => plainColumn(name) === plain);
    const written = [...(effect.data ?? [])].find(([name]) => plainColumn(name) === plain)?.[1];
    if (isRelative ? isOrder(operator) : written !== undefined && isUndone(operator, value, written))
      found.push(column);
  }
  return found;
}

function isOrder(operator: string): boolean {
  return /^([<>]=?|gte?|lte?|\$gte?|\$lte?|(more|less)than(orequal)?)$/i.test(operator);
}

function isUndone(operator: string, asked: Value, written: Value): boolean {
  if (/^(is null|isnull)$/i.test(operator)) return !isNothing(written);
  if (/^(=|==|===|eq|equals|\$eq|is|)$/i.test(operator)) {
    if (isNothing(asked)) return !isNothing(written);
    return isFixed(asked) && isFixed(written) && !sameValue(asked, written);
  }
  if (/^(in|\$in|= any|any)$/i.test(operator)) return isFixed(written) && !contains(asked, written);
  if (/^(!=|<>|not|ne|\$ne)$/i.test(operator)) return sameValue(asked, written);
  return false;
}

function isNothing(value: Value): boolean {
  return value.kind === 'constant' && (value.value === null || value.value === undefined);
}

/** A literal or an enum's member. */
function isFixed(value: Value): boolean {
  if (value.kind === 'constant') return true;
  return value.kind === 'place' && /^(module|import|global)$/.test(value.root.kind);
}

function contains(list: Value, value: Value): boolean {
  return hasPart(list, (part) => sameValue(part, value));
}

// ---------------------------------------------------------------- the row

function readBefore(fn: FunctionFacts, write: DatabaseOperation, program: ProgramFacts): DatabaseOperation | undefined {
  return fn.operations.find(
    (read): read is DatabaseOperation =>
      isRead(read) &&
      read.order < write.order &&
      !sameCall(read, write) &&
      sameTable(read.effect, write.effect, program) &&
      sameRow(read, write) === 'same',
  );
}

/** By its own key, or one that was found before: a parent's key finds many. */
function isOneRow(write: DatabaseOperation, read: DatabaseOperation | undefined): boolean {
  const keys = equalitiesOf(write.effect);
  if (keys.some(({ column }) => isOwnKey(column, write.effect.table) || CODE.test(plainColumn(column)))) return true;
  return read !== undefined && read.effect.returns !== 'rows' && keys.some(({ value }) => sourcesOf(value).has(read));
}

const CODE = /^(token|code|hash|slug|key|nonce|otp|\w*(token|hash))$/;
const CONSUMABLE =
  /token|otp|nonce|coupon|voucher|magiclink|verification|resetcode|onetime|recoverycode|invite|invitation/i;

/** A one-time row is found, accepted and deleted: the second run deletes nothing and goes on. */
function isConsumed(write: DatabaseOperation, read: DatabaseOperation | undefined): boolean {
  if (write.effect.action !== 'delete' || read === undefined) return false;
  if (!CONSUMABLE.test(write.effect.table?.replaceAll('_', '') ?? '')) return false;
  return write.guards.some((guard) =>
    meaningsOf(guard, read).some(({ kind }) => kind === 'present' || kind === 'column'),
  );
}

/** The row, or something in front of it, is locked. */
function isAlone(fn: FunctionFacts, write: DatabaseOperation, program: ProgramFacts): boolean {
  return fn.operations.some(
    (read) =>
      isRead(read) &&
      read.order < write.order &&
      sameTable(read.effect, write.effect, program) &&
      protectionOf(fn, read, write, false) !== undefined,
  );
}

// ---------------------------------------------------------------- who relies on it

/** What should happen once for each row that is changed. */
function nextOf(fn: FunctionFacts, write: Operation): Operation | undefined {
  if (
    /cancel|clean|expire|prune|revoke|release|unlock|abort|rollback|sweep|logout|remove|delete|dismiss/i.test(
      fn.fn.node.name,
    )
  )
    return undefined;
  const reads = fn.operations.filter(isRead);
  return fn.operations.find((other) => {
    if (other.order <= write.order || sameCall(write, other) || other.tries.some((part) => part.in === 'handler'))
      return false;
    // In another branch, or behind a check of its own.
    if (
      !write.guards.every((guard) =>
        other.guards.some(
          ({ at, holds }) => at.start === guard.at.start && at.path === guard.at.path && holds === guard.holds,
        ),
      )
    )
      return false;
    const { effect } = other;
    if (effect.kind === 'publish') return true;
    if (effect.kind === 'request') return !effect.local;
    if (!isWrite(other)) return false;
    if (/log|audit|event|histor|activit|metric/i.test(other.effect.table ?? '')) return false;
    const isAdded = other.effect.action !== 'upsert' && isNewRow(other.effect, reads);
    return isAdded || other.effect.relative.length > 0;
  });
}

/** `return true`, `return { success: true }` after it. */
function saysSuccess(fn: FunctionFacts, write: Operation): boolean {
  if (write.chain.length > 0 || write.fn !== fn.fn.key) return false;
  const says = (value: Value): boolean => {
    if (value.kind === 'constant') return value.value === true;
    if (value.kind === 'union') return value.alternatives.some(says);
    if (value.kind !== 'object') return false;
    return ['ok', 'success', 'redeemed', 'claimed', 'accepted'].some((name) => {
      const part = value.properties.get(name);
      return part?.kind === 'constant' && part.value === true;
    });
  };
  return says(fn.returns);
}

function sureOf(write: DatabaseOperation, next: Operation | undefined, read: Operation | undefined): Confidence {
  if (next === undefined) return 'medium';
  const isKnown = write.basis !== 'shape' || write.effect.sql !== undefined;
  return isKnown && (read !== undefined || write.effect.action === 'update') ? 'high' : 'medium';
}
