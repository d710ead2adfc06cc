/**
 * Whether a write happens only because of what an earlier statement read, and undoes what made that true: a second run
 * at the same time sees the same and writes too. A check that the write does not touch (permission, existence before an
 * update of the same row, an unrelated table) is none.
 */
import type { Confidence } from '../rule.ts';
import { type Condition, type FunctionFacts, type Operation, weakest } from './fact.ts';
import { type GuardMeaning, meaningsOf } from './guard-meaning.ts';
import { isHeldByCallers } from './held-by-callers.ts';
import { evidenceOf, isNewRow, type WrittenColumn, writtenColumns } from './lost-value.ts';
import type { ProgramFacts } from './program.ts';
import {
  type DatabaseOperation,
  equalitiesOf,
  isConditional,
  isDatabaseOperation,
  isKey,
  isOwnKey,
  isPrecious,
  isRead,
  isWrite,
  plainColumn,
  sameRow,
  schemaOf,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { keyOf, rootsOf, sameValue, sourcesOf, type Value } from './value.ts';

/**
 * `balance`: enough is there, then less. `duplicate`: none is there, then one. `conflict`: as `duplicate`, but a unique
 * constraint makes it an error. `limit`: few enough, then one more; `last`: more than one, then one less.
 * `claim`: found in a state, then taken out of it.
 * `transition`: in this state, then in another. `once`: not done yet, then done. `consume`: found, then used up.
 */
export type CheckForm =
  | 'balance'
  | 'duplicate'
  | 'conflict'
  | 'limit'
  | 'last'
  | 'transition'
  | 'once'
  | 'consume'
  | 'claim'
  | 'key-once'
  | 'key-limit';

export function isCheck(
  fn: FunctionFacts,
  read: Operation,
  write: Operation,
  program: ProgramFacts,
): Judged | undefined {
  const meanings = write.guards.flatMap((guard) => meaningsOf(guard, read));
  if (meanings.length === 0) return undefined;
  if (write.effect.kind === 'cache') return keyCheck(write, meanings);
  if (!isDatabaseOperation(read) || !isDatabaseOperation(write)) return undefined;
  const reads = fn.operations.filter(isRead);
  if (isNewRow(write.effect, reads)) return newRow(fn, read, write, meanings, program);
  const written = writtenColumns(fn, read, write);
  const claimed = claimedRow(fn, read, write, meanings, written);
  if (claimed !== undefined) return claimed;
  if (meanings.some(({ kind }) => kind === 'absent')) return renamed(fn, read, write, written, program);
  const amount = meanings.find((meaning) => meaning.kind === 'amount');
  const last = meanings.some(({ kind }) => kind === 'others')
    ? lastOne(read, write, written, undefined)
    : amount && lastOne(read, write, written, amount.bound);
  if (last !== undefined || amount !== undefined) return last;
  return sameRow(read, write) === 'same' ? changedRow(fn, read, write, meanings, written) : undefined;
}

// ---------------------------------------------------------------- rows that must not be there yet

function newRow(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  meanings: readonly GuardMeaning[],
  program: ProgramFacts,
): Judged | undefined {
  if (meanings.some(({ kind }) => kind === 'amount')) {
    if (write.effect.conflictHandled) return undefined;
    // One more than the limit is seldom worse than a surprise: how firm the limit is, the code does not say.
    const sure = weakest('medium', evidenceOf('medium', read, write, write.effect.table, 'limit'));
    return { form: 'limit', columns: [], confidence: sure };
  }
  if (!meanings.some(({ kind }) => kind === 'absent')) return undefined;
  // `INSERT … SELECT … WHERE NOT EXISTS`, and upserts, check again by themselves.
  if (write.effect.conflictHandled || (write.effect.action === 'insert' && (write.effect.where?.length ?? 0) > 0))
    return undefined;
  const keys = equalitiesOf(read.effect);
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

/** A row gets a name that was checked to be free. */
function renamed(
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
  // A call known by its looks alone may have the row's key among what looks like its new values.
  const isShape = write.basis === 'shape' && write.effect.sql === undefined;
  return judged === undefined || !isShape ? judged : { ...judged, confidence: 'low' };
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
  const asks = (column: string): boolean => columns.some((own) => plainColumn(own) === plainColumn(column));
  const gives = (column: string): boolean => written.some((own) => plainColumn(own.column) === plainColumn(column));
  const isUnique =
    /[.:]findUnique/.test(read.model) ||
    unique.some(
      (set) =>
        set.some(asks) &&
        // A key that the database gives is another one each time.
        set.every((column) => gives(column) || (asks(column) && !isOwnKey(column, write.effect.table))),
    );
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
  const isRecent = (read.effect.where ?? []).some(
    ({ operator, value }) =>
      /^(\$?(gt|gte)|>=?|morethan(orequal)?)$/i.test(operator) ||
      // `{ [Op.gte]: since }`
      (value.kind === 'object' && value.others.length > 0),
  );
  const base: Confidence =
    shared.length === 0 || expects || isUnseen || isRecent
      ? 'low'
      : schema !== undefined &&
          schema.unique.length > 0 &&
          keys.length === (read.effect.where ?? []).length &&
          !shared.some(({ column }) => isLabel(column))
        ? 'high'
        : 'medium';
  return { form: 'duplicate', columns: shared.map(({ column }) => column), confidence: base };
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

/** People tell two of the same name apart, and may live with both. */
function isLabel(column: string): boolean {
  return /^(name|title|label|displayname)$/.test(plainColumn(column));
}

function isGenerated(value: Value): boolean {
  return (
    value.kind === 'computed' &&
    value.operator.startsWith('call:') &&
    rootsOf(value).every((root) => root.kind === 'import' || root.kind === 'global') &&
    sourcesOf(value).size === 0
  );
}

/** `findFirst({ where: { code, redeemedAt: null } })`, then `update` of that row with `redeemedAt`: what was asked for is undone. */
function claimedRow(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  meanings: readonly GuardMeaning[],
  written: readonly WrittenColumn[],
): Judged | undefined {
  if (write.effect.action === 'delete' || read.effect.aggregate !== undefined) return undefined;
  if (!meanings.some(({ kind }) => kind === 'present' || kind === 'amount')) return undefined;
  const undone = (read.effect.where ?? []).filter(
    (condition) =>
      !isKey(condition.column) &&
      // What the row must not be is still so when it is something else.
      !/^(not|ne|notin|not in|isnot|!=|<>|\$ne|\$nin)$/i.test(condition.operator) &&
      // Deleting twice is deleting once.
      !/delete|archive|remove|revoke|disable/i.test(condition.column) &&
      isFixed(condition.value) &&
      written.some(
        ({ column, value }) => plainColumn(column) === plainColumn(condition.column) && !mayBe(value, condition.value),
      ),
  );
  const columns = undone.map(({ column }) => column);
  if (columns.length === 0 || sameRow(read, write) !== 'same' || isConditional(read, write, columns)) return undefined;
  const matters = hasOtherEffects(fn, read, write) || isPrecious(write.effect.table, ...columns);
  return { form: 'claim', columns, confidence: matters ? 'medium' : 'low' };
}

/** `verified ? 'active' : 'pending'` may leave the row as it was found, and says again what anyone would find. */
function mayBe(value: Value, found: Value): boolean {
  if (value.kind === 'union') return value.alternatives.some((part) => mayBe(part, found));
  // `Status.PENDING` in one place and `'PENDING'` in the other.
  const isMember = value.kind === 'place' && found.kind === 'constant' && value.path.at(-1) === found.value;
  return isMember || sameValue(value, found);
}

/** `if (owners > 1) remove(owner)`: only where the write changes what was counted. */
function lastOne(
  read: DatabaseOperation,
  write: DatabaseOperation,
  written: readonly WrittenColumn[],
  bound: Value | undefined,
): Judged | undefined {
  // A bound that is more than a few says what is too many; taking away what is too many twice does no harm.
  if (bound !== undefined && (bound.kind !== 'constant' || typeof bound.value !== 'number' || bound.value > 2))
    return undefined;
  const counted = (read.effect.where ?? []).map((condition) => plainColumn(condition.column));
  const changes =
    write.effect.action === 'delete' || written.some(({ column }) => counted.includes(plainColumn(column)));
  if (!changes || write.effect.conflictHandled) return undefined;
  // `rows.length === 1` of the rows that the write takes its own from asks whether it was found.
  if (isFoundBy(read, write)) return undefined;
  return { form: 'last', columns: [], confidence: 'medium' };
}

function isFoundBy(read: DatabaseOperation, { effect }: DatabaseOperation): boolean {
  const values = [
    ...(effect.where ?? []).map(({ value }) => value),
    ...(effect.entity === undefined ? [] : [effect.entity]),
  ];
  return values.some((value) => sourcesOf(value).has(read));
}

// ---------------------------------------------------------------- the row that was read

function changedRow(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  meanings: readonly GuardMeaning[],
  written: readonly WrittenColumn[],
): Judged | undefined {
  const checked = meanings.filter((meaning) => meaning.kind === 'column');
  const names = checked.map(({ column }) => column);
  if (isConditional(read, write, names)) return undefined;
  if (write.effect.action === 'delete') return consumed(fn, read, write);
  const columns = new Set([
    ...written.map(({ column }) => plainColumn(column)),
    ...write.effect.relative.map(plainColumn),
  ]);
  for (const meaning of checked) {
    if (!columns.has(plainColumn(meaning.column))) continue;
    const judged = changedColumn(fn, read, write, meaning, written);
    if (judged !== undefined) return judged;
  }
  return undefined;
}

function changedColumn(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  { column, relation, other }: GuardMeaning & { kind: 'column' },
  written: readonly WrittenColumn[],
): Judged | undefined {
  const isRelative = write.effect.relative.some((name) => plainColumn(name) === plainColumn(column));
  if (isRelative)
    return relation === 'order'
      ? { form: 'balance', columns: [column], confidence: evidenceOf('high', read, write, column) }
      : undefined;
  const value = written.find((candidate) => plainColumn(candidate.column) === plainColumn(column))?.value;
  if (value === undefined) return undefined;
  const isEffectful = hasOtherEffects(fn, read, write);
  if (relation === 'equals' || relation === 'differs') {
    if (other === undefined || !isFixed(other) || !isFixed(value)) return undefined;
    // Set to what it was required not to be: a second run changes nothing.
    if (relation === 'differs' && sameValue(other, value)) return isEffectful ? once(column) : undefined;
    if (relation === 'equals' && sameValue(other, value)) return undefined;
    return {
      form: 'transition',
      columns: [column],
      confidence: !isRecovery(write) && (isPrecious(column, write.effect.table) || isEffectful) ? 'medium' : 'low',
    };
  }
  if (relation === 'truthy' || relation === 'falsy') return isEffectful && isFixed(value) ? once(column) : undefined;
  return undefined;
}

/** What stands in a `catch` puts back what the run itself had begun. */
function isRecovery(write: Operation): boolean {
  return write.tries.some((context) => context.in === 'handler');
}

function once(column: string): Judged {
  return {
    form: 'once',
    columns: [column],
    confidence: /used|redeem|claim|consum|accept|paid|refund|processed|sent/i.test(column) ? 'medium' : 'low',
  };
}

/** A literal, an enum's member, now: the same whoever writes it. */
function isFixed(value: Value): boolean {
  if (value.kind === 'constant') return true;
  if (value.kind === 'place')
    return value.root.kind === 'module' || value.root.kind === 'import' || value.root.kind === 'global';
  return value.kind === 'computed' && /^(new:Date|call:now)$/.test(value.operator) && sourcesOf(value).size === 0;
}

/** Whether doing it twice does something twice: another row, a message, a payment. */
function hasOtherEffects(fn: FunctionFacts, read: Operation, write: Operation): boolean {
  return fn.operations.some((operation) => {
    if (operation === write || operation.order <= read.order) return false;
    if (!operation.guards.some((guard) => sourcesOf(guard.test).has(read))) return false;
    const { effect } = operation;
    if (effect.kind === 'publish' || (effect.kind === 'request' && !effect.local)) return true;
    return isWrite(operation) && (operation.effect.action === 'insert' || operation.effect.relative.length > 0);
  });
}

const CONSUMABLE = /token|otp|nonce|coupon|voucher|magiclink|verification|resetcode|onetime|recoverycode|claim/i;

/** A one-time row is found, accepted and deleted, and nobody looks at who deleted it. */
function consumed(fn: FunctionFacts, read: DatabaseOperation, write: DatabaseOperation): Judged | undefined {
  if (!CONSUMABLE.test(write.effect.table?.replaceAll('_', '') ?? '') || write.result !== 'unused') return undefined;
  if (/delete|remove|cancel|revoke|logout|clean|expire|prune|reject|decline/i.test(fn.fn.qualifiedName))
    return undefined;
  if (!sourcesOf(fn.returns).has(read)) return undefined;
  // Prisma's `delete` of one row rejects when it is gone, unless somebody catches that.
  if (/prisma|^shape:/.test(write.model) && write.name === 'delete' && write.tries.length === 0) return undefined;
  return { form: 'consume', columns: [], confidence: 'medium' };
}

// ---------------------------------------------------------------- keys

function keyCheck(write: Operation, meanings: readonly GuardMeaning[]): Judged | undefined {
  const { effect } = write;
  if (effect.kind !== 'cache') return undefined;
  if (effect.action === 'increment') {
    // What the increment gives is compared as well, or instead.
    if (write.result !== 'unused') return undefined;
    const bounded = meanings.some(
      (meaning) =>
        meaning.kind === 'amount' ||
        (meaning.kind === 'column' && meaning.relation === 'order') ||
        meaning.kind === 'other',
    );
    return bounded ? { form: 'key-limit', columns: [], confidence: 'medium' } : undefined;
  }
  // Computing what is missing and storing it is caching; a mark that says "done" or "mine" is a check.
  if (effect.action !== 'set' || effect.value === undefined || !isMark(effect.value)) return undefined;
  return meanings.some(({ kind }) => kind === 'absent')
    ? { form: 'key-once', columns: [], confidence: 'medium' }
    : undefined;
}

function isMark(value: Value): boolean {
  if (value.kind === 'array') return value.elements.every(isMark);
  if (value.kind === 'constant') return value.value !== '' && value.value !== null;
  return (
    value.kind === 'computed' &&
    /^(call:(now|randomUUID|nanoid|uuid|v4|String|toString|toISOString)|new:Date)$/.test(value.operator) &&
    sourcesOf(value).size === 0
  );
}
