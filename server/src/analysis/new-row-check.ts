/**
 * Rows that must not be there yet, or names that must be free: looked for, not found, and then stored. What a unique
 * constraint rules out, and what two people tell apart and live with, is no more than a hint.
 */
import type { Confidence } from '../rule.ts';
import type { Condition, DatabaseEffect, FunctionFacts, Operation } from './fact.ts';
import { weakest } from './fact.ts';
import { type GuardMeaning, meaningsOf } from './guard-meaning.ts';
import { isLabel, isLivedWith } from './harmless-duplicate.ts';
import { isHeldByCallers } from './held-by-callers.ts';
import { evidenceOf, isNewRow, type WrittenColumn } from './lost-value.ts';
import type { ProgramFacts } from './program.ts';
import {
  type DatabaseOperation,
  equalitiesOf,
  isOwnKey,
  isRead,
  isWrite,
  plainColumn,
  schemaOf,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { fewEnough, isOfLastMinutes } from './row-count-check.ts';
import { plainTable } from './schema.ts';
import { keyOf, rootsOf, sameValue, sourcesOf, type Value, walkValue } from './value.ts';

export function newRow(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  meanings: readonly GuardMeaning[],
  program: ProgramFacts,
): Judged | undefined {
  const amount = meanings.find((meaning) => meaning.kind === 'amount');
  if (amount !== undefined) return fewEnough(read, write, amount.bound);
  if (!meanings.some(({ kind }) => kind === 'absent')) return undefined;
  const keys = equalitiesOf(read.effect);
  // `INSERT … SELECT … WHERE NOT EXISTS`, and upserts, check again by themselves, if it is the same row.
  if (write.effect.conflictHandled) return ofAnotherRow(read, write) ? related(read, write) : undefined;
  if (write.effect.action === 'insert' && (write.effect.where?.length ?? 0) > 0) return undefined;
  // Children of a row that this very run has stored are nobody else's yet.
  if (
    keys.some(({ value }) =>
      [...sourcesOf(value)].some(
        (source) => source !== read && isWrite(source) && isNewRow(source.effect, fn.operations.filter(isRead)),
      ),
    )
  )
    return undefined;
  const written = [...(write.effect.data ?? [])].map(([column, value]) => ({ column, value }));
  return duplicate(fn, keys, sharedKeys(keys, written), written, read, write, program);
}

/** `{ parent: child }` was looked for, `{ parent, child }` is stored: what must not be there is another row. */
function ofAnotherRow(read: DatabaseOperation, { effect }: DatabaseOperation): boolean {
  const entries = [...(effect.data ?? [])];
  // `whereIn('parent', [child])`
  const only = ({ value }: Condition): Value | undefined =>
    value.kind === 'array' && !value.open && value.elements.length === 1 ? value.elements[0] : undefined;
  const listed = (read.effect.where ?? []).flatMap((condition) => {
    const value = only(condition);
    return isOneOf(condition) && value !== undefined ? [{ ...condition, value }] : [];
  });
  return [...equalitiesOf(read.effect), ...listed].some((key) => {
    const same = entries.find(([column]) => plainColumn(column) === plainColumn(key.column));
    return (
      same !== undefined &&
      !sameValue(same[1], key.value) &&
      entries.some(([column, value]) => column !== same[0] && sameValue(value, key.value))
    );
  });
}

/** How rows refer to each other was checked; two at once make what neither would have. */
function related(read: DatabaseOperation, write: DatabaseOperation): Judged {
  const confidence = weakest('medium', evidenceOf('medium', read, write));
  return { form: 'related', columns: [], confidence };
}

/** A row gets a name that was checked to be free. */
export function renamed(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  written: readonly WrittenColumn[],
  program: ProgramFacts,
): Judged | undefined {
  if (write.effect.action === 'delete') return undefined;
  const keys = equalitiesOf(read.effect);
  // What the write's own WHERE asks for is not what the row is given.
  const asked = equalitiesOf(write.effect);
  const shared = sharedKeys(keys, written).filter(
    (key) => !asked.some(({ column, value }) => column === key.column && sameValue(value, key.value)),
  );
  if (shared.length === 0) return undefined;
  const judged = duplicate(fn, keys, shared, written, read, write, program);
  // A call known by its looks alone may have the row's key among what looks like its new values; and two rows that are
  // given one name are seen and mended.
  const isHint =
    (write.basis === 'shape' && write.effect.sql === undefined) || shared.some(({ column }) => isLabel(column));
  return judged === undefined || !isHint ? judged : { ...judged, confidence: 'low' };
}

function sharedKeys(keys: readonly Condition[], written: readonly WrittenColumn[]): Condition[] {
  return keys.filter((key) =>
    written.some(
      ({ column, value }) =>
        sameValue(key.value, value) ||
        (plainColumn(column) === plainColumn(key.column) && keyOf(key.value) === keyOf(value)),
    ),
  );
}

function duplicate(
  fn: FunctionFacts,
  keys: readonly Condition[],
  shared: readonly Condition[],
  written: readonly WrittenColumn[],
  read: DatabaseOperation,
  write: DatabaseOperation,
  program: ProgramFacts,
): Judged | undefined {
  // A random token is free as good as always.
  if (keys.some(({ value }) => isGenerated(value))) return undefined;
  const columns = keys.map(({ column }) => column).filter((column) => column !== '');
  const schema = schemaOf(write.effect, program);
  const unique = write.effect.table === undefined ? [] : program.uniqueOf(write.effect.table);
  // Two runs that look for the same key also store the same in the columns beside it.
  const asked = [...columns, ...(read.effect.where ?? []).flatMap((one) => (isOneOf(one) ? [one.column] : []))];
  const asks = (column: string): boolean => asked.some((own) => plainColumn(own) === plainColumn(column));
  const gives = (column: string): boolean => written.some((own) => plainColumn(own.column) === plainColumn(column));
  const isUnique =
    /[.:]findUnique/.test(read.model) ||
    unique.some(
      (set) =>
        set.some(asks) &&
        // A key that the database gives is another one each time.
        set.every((column) => gives(column) || (asks(column) && !isOwnKey(column, write.effect.table))),
    ) ||
    unique.some((set) => set.every(gives) && isAskedBeside(set, fn, read, write)) ||
    written.some((own) => hasUniqueChild(own, write, program));
  if (isUnique) {
    const isCaught =
      catches(write) || isHeldByCallers(fn, [write], program, (_, [one]) => one !== undefined && catches(one));
    return isCaught ? undefined : { form: 'conflict', columns, confidence: 'low' };
  }
  if (written.length > 0 && shared.length === 0) return undefined;
  // Whoever catches the insert's error expects a conflict, from a constraint that is not seen here.
  const expects = catches(write) && schema === undefined;
  // A Prisma client always has a schema; one that is outside the folder checked may well say the key is unique.
  const isUnseen = schema === undefined && isPrisma(read, write);
  // "None of the last minutes" is no rule that a row must not be there twice.
  const isRecent = isOfLastMinutes(read);
  const base: Confidence =
    shared.length === 0 ||
    expects ||
    isUnseen ||
    isRecent ||
    isAskedForTime(read, write) ||
    joinsOthers(read, write) ||
    isLivedWith(fn, read, write, keys, shared, program)
      ? 'low'
      : schema !== undefined &&
          schema.unique.length > 0 &&
          keys.length === (read.effect.where ?? []).length &&
          shared.length === keys.length &&
          !shared.some(({ column }) => isLabel(column))
        ? 'high'
        : 'medium';
  return { form: 'duplicate', columns: shared.map(({ column }) => column), confidence: base };
}

/** `User.create({ email, accounts: [account] })`: the child that is stored with the row has a key of its own. */
function hasUniqueChild(
  { column, value }: WrittenColumn,
  { effect }: DatabaseOperation,
  program: ProgramFacts,
): boolean {
  const parent = plainTable(effect.table ?? '').replace(/s$/, '');
  const keys = childTables(effect, column, program)
    .flatMap((child) => program.uniqueOf(child).filter((set) => !set.some((name) => isOwnKey(name, child))))
    .filter((set) => !set.some((name) => plainColumn(name) === plainColumn(`${parent}Id`)));
  let isKept = false;
  walkValue(value, (part) => {
    // What was not put together here has all that it needs.
    if (part.kind === 'place' || part.kind === 'result') isKept ||= keys.length > 0 && value.kind === 'array';
    if (part.kind !== 'object') return isKept;
    const isGiven = (name: string): boolean => {
      const stored = part.properties.get(name);
      return stored !== undefined && !isGenerated(stored);
    };
    isKept ||= keys.some((set) => set.every(isGiven));
    return isKept || part.properties.size > 1;
  });
  return isKept;
}

/** What the rows behind a relation's property may be called: `user_authentications` behind `authentications` of a user. */
function childTables(effect: DatabaseEffect, column: string, program: ProgramFacts): readonly string[] {
  const { table } = effect;
  if (table === undefined) return [];
  const target = schemaOf(effect, program)?.relations.get(column)?.target;
  if (target !== undefined) return [target];
  return program.relationKind(table, column) === undefined ? [] : [column, `${table.replace(/s$/, '')}_${column}`];
}

/** `name IN (…)` */
function isOneOf({ operator }: Condition): boolean {
  return /^(in|\$in|any)$/i.test(operator);
}

/** Another check of the same run asks for a unique column of the row: who does the same twice meets that constraint. */
function isAskedBeside(
  set: readonly string[],
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
): boolean {
  return fn.operations.some((other) => {
    if (other === read || !isRead(other) || other.order >= write.order) return false;
    if (other.effect.table !== write.effect.table) return false;
    const asked = new Set(equalitiesOf(other.effect).map(({ column }) => plainColumn(column)));
    return (
      set.every((column) => asked.has(plainColumn(column))) &&
      write.guards.some((guard) => meaningsOf(guard, other).some(({ kind }) => kind === 'absent'))
    );
  });
}

/** `if (last && last.createdAt > since) throw`: a row may be there, if only it is old. */
function isAskedForTime(read: DatabaseOperation, write: DatabaseOperation): boolean {
  return write.guards.some((guard) => {
    const said = meaningsOf(guard, read);
    return (
      said.some(({ kind }) => kind === 'absent') &&
      said.some(
        (meaning) => meaning.kind === 'column' && /(_at|At|_on|On|[dD]ate|[tT]ime|_until|Until)$/.test(meaning.column),
      )
    );
  });
}

/** `rows.length === 0 || rows.every(isOff)`: there may be rows, and one more is added to them. */
function joinsOthers(read: DatabaseOperation, write: DatabaseOperation): boolean {
  if (read.effect.returns === 'row') return false;
  return write.guards.some(
    (guard) =>
      guard.holds &&
      guard.test.kind === 'union' &&
      guard.test.alternatives.some((test) => {
        const said = meaningsOf({ ...guard, test }, read);
        return said.length > 0 && said.every((one) => one.kind === 'column' && one.relation === 'other');
      }),
  );
}

/** An error of the write does not end the run, or is told from others as a conflict. */
function catches({ tries }: Operation): boolean {
  return tries.some(
    ({ in: part, handler, handlesConflict }) =>
      part === 'block' && (handlesConflict === true || (handler !== 'none' && handler !== 'rethrows')),
  );
}

function isPrisma(read: DatabaseOperation, write: DatabaseOperation): boolean {
  if (/prisma/i.test(write.model)) return true;
  return write.basis === 'shape' && /^find(First|Unique)/.test(read.name) && write.effect.sql === undefined;
}

function isGenerated(value: Value): boolean {
  return (
    value.kind === 'computed' &&
    value.operator.startsWith('call:') &&
    rootsOf(value).every((root) => root.kind === 'import' || root.kind === 'global') &&
    sourcesOf(value).size === 0
  );
}
