/**
 * Whether a write happens only because of what an earlier statement read, and undoes what made that true: a second run
 * at the same time sees the same and writes too. A check that the write does not touch (permission, existence before an
 * update of the same row, an unrelated table) is none.
 */
import type { Confidence } from '../rule.ts';
import {
  type Condition,
  type DatabaseEffect,
  type FunctionFacts,
  type Guard,
  type Operation,
  weakest,
} from './fact.ts';
import { type GuardMeaning, meaningsOf } from './guard-meaning.ts';
import { isHeldByCallers } from './held-by-callers.ts';
import { isOnlyEver } from './lost-chance.ts';
import { evidenceOf, isNewRow, type WrittenColumn, writtenColumns } from './lost-value.ts';
import type { ProgramFacts } from './program.ts';
import {
  columnOf,
  type DatabaseOperation,
  equalitiesOf,
  isConditional,
  isDatabaseOperation,
  isKey,
  isOwnKey,
  isPrecious,
  isRead,
  isUserKey,
  isWrite,
  plainColumn,
  sameRow,
  schemaOf,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { reusedValue } from './reused-value.ts';
import { keyOf, rootsOf, sameValue, sourcesOf, type Value } from './value.ts';

/**
 * `balance`: enough is there, then less. `duplicate`: none is there, then one. `conflict`: as `duplicate`, but a unique
 * constraint makes it an error. `limit`: few enough, then one more; `last`: more than one, then one less.
 * `related`: no row refers to this one, then one does. `reuse`: what a row has is taken over, or made where there is none.
 * `claim`: found in a state, then taken out of it.
 * `transition`: in this state, then in another. `once`: not done yet, then done. `consume`: found, then used up.
 */
export type CheckForm =
  | 'balance'
  | 'duplicate'
  | 'conflict'
  | 'related'
  | 'reuse'
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
  if (write.effect.kind === 'cache') return meanings.length === 0 ? undefined : keyCheck(write, meanings);
  if (!isDatabaseOperation(read) || !isDatabaseOperation(write)) return undefined;
  if (meanings.length === 0) return reusedValue(read, write, program);
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
  return sameRow(read, write) === 'same' ? changedRow(fn, read, write, meanings, written, program) : undefined;
}

// ---------------------------------------------------------------- rows that must not be there yet

function newRow(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  meanings: readonly GuardMeaning[],
  program: ProgramFacts,
): Judged | undefined {
  const amount = meanings.find((meaning) => meaning.kind === 'amount');
  if (amount !== undefined) {
    if (write.effect.conflictHandled) return undefined;
    // The parts of one row are counted, and another row of its table is stored.
    if (
      read.effect.returns === 'row' &&
      read.effect.aggregate === undefined &&
      read.effect.table === write.effect.table
    )
      return undefined;
    const sure = weakest('medium', evidenceOf('medium', read, write, write.effect.table, 'limit'));
    return { form: 'limit', columns: [], confidence: isFirmLimit(read, write, amount.bound) ? sure : 'low' };
  }
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
    return /^(in|\$in|any)$/i.test(condition.operator) && value !== undefined ? [{ ...condition, value }] : [];
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

/**
 * One more than a limit is seldom worse than a surprise, unless what is counted is sold or given out, how many there
 * are is stored with it, or it is counted to slow somebody down: "three mails in five minutes".
 */
function isFirmLimit(read: DatabaseOperation, write: DatabaseOperation, bound: Value): boolean {
  if (GOODS.test(write.effect.table?.replaceAll('_', '') ?? '')) return true;
  if ((bound.kind === 'result' || bound.kind === 'element') && CAPACITY.test(columnOf(bound.path) ?? '')) return true;
  return isOfLastMinutes(read);
}

const GOODS =
  /seat|ticket|booking|reserv|coupon|voucher|redemption|redeem|slot|attende|participant|registration|enrol|licen[cs]e|order|purchase|withdraw|payout|vote|claim|member/i;

const CAPACITY =
  /capacity|stock|inventory|seats?$|places?$|spots?$|available|quantity|max_?(participants|attendees|guests|uses|redemptions|tickets|seats)/i;

/** A condition on a time or a number that is to be more than a bound: "none of the last minutes". */
function isOfLastMinutes({ effect }: DatabaseOperation): boolean {
  return (effect.where ?? []).some(
    ({ operator, value }) =>
      /^(\$?(gt|gte)|>=?|morethan(orequal)?)$/i.test(operator) ||
      // `{ [Op.gte]: since }`
      (value.kind === 'object' && value.others.length > 0),
  );
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
  const isRecent = isOfLastMinutes(read);
  // Two labels of one user's own that are the same are this user's to live with, unless one of them was to be found.
  const isOwnLabel =
    shared.some(({ column }) => isLabel(column)) &&
    keys.some(({ column }) => isUserKey(column)) &&
    !sourcesOf(fn.returns).has(read);
  const base: Confidence =
    shared.length === 0 ||
    expects ||
    isUnseen ||
    isRecent ||
    isOwnLabel ||
    isAskedForTime(read, write) ||
    joinsOthers(read, write)
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

/** People tell two of the same name apart, and may live with both. */
function isLabel(column: string): boolean {
  return /^(name|title|label|displayname|description|alias|nickname)$/.test(plainColumn(column));
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
  // To end a token's time is to tidy up: the time was the condition, not that nobody else has come.
  const isEnded = columns.every((column) => /expir/i.test(column));
  const matters =
    !isEnded &&
    !setsPassword(fn, read) &&
    (hasOtherEffects(fn, read, write) || isPrecious(write.effect.table, ...columns));
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
  // Without the last owner nobody can do anything any more; without the last of other things somebody makes a new one.
  const isVital = /admin|owner|member|role|user|account|credential|passkey|login|permission/i.test(
    [write.effect.table, ...counted].join(' '),
  );
  // Who leaves the last of what is one's own harms nobody else.
  const isOwn = equalitiesOf(read.effect).some(({ column }) => isUserKey(column));
  return { form: 'last', columns: [], confidence: isVital && !isOwn ? 'medium' : 'low' };
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
  program: ProgramFacts,
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
    const judged = changedColumn(fn, read, write, meaning, written, program);
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
  program: ProgramFacts,
): Judged | undefined {
  const isRelative = write.effect.relative.some((name) => plainColumn(name) === plainColumn(column));
  if (isRelative)
    return relation === 'order'
      ? { form: 'balance', columns: [column], confidence: evidenceOf('high', read, write, column) }
      : undefined;
  const value = written.find((candidate) => plainColumn(candidate.column) === plainColumn(column))?.value;
  if (value === undefined) return undefined;
  const isFree = relation === 'falsy' || (relation === 'equals' && other?.kind === 'constant' && !other.value);
  if (isFree && HOLDER.test(column) && !isFixed(value))
    return { form: 'transition', columns: [column], confidence: isRecovery(write) ? 'low' : 'medium' };
  const isEffectful = hasOtherEffects(fn, read, write);
  if (relation === 'equals' || relation === 'differs') {
    if (other === undefined || !isFixed(other) || !isFixed(value)) return undefined;
    // Set to what it was required not to be: a second run changes nothing.
    if (relation === 'differs' && sameValue(other, value)) return isEffectful ? once(fn, read, column) : undefined;
    if (relation === 'equals' && sameValue(other, value)) return undefined;
    const matters = !isRecovery(write) && (isPrecious(column, write.effect.table) || isEffectful);
    // Whoever comes in between can only store the same.
    const isHarmless =
      !isPrecious(column, write.effect.table) &&
      written.every((own) => isFixed(own.value)) &&
      !hasOtherEffects(fn, read, write, column) &&
      isOnlyEver(write, column, value, program);
    return { form: 'transition', columns: [column], confidence: matters && !isHarmless ? 'medium' : 'low' };
  }
  if (relation === 'truthy' || relation === 'falsy')
    return isEffectful && isFixed(value) ? once(fn, read, column) : undefined;
  return undefined;
}

/** Who has it: `if (seat.takenBy) throw`, then `takenBy: userId` gives it to two, and the first is not told. */
const HOLDER =
  /(taken|claimed|reserved|booked|locked|assigned|held|redeemed|used|accepted|picked(_?up)?)_?(by|to|for)(_?(user_?)?id)?$|(holder|winner|assignee|driver|courier|owner)(_?id)?$/i;

/** What stands in a `catch` puts back what the run itself had begun. */
function isRecovery(write: Operation): boolean {
  return write.tries.some((context) => context.in === 'handler');
}

function once(fn: FunctionFacts, read: Operation, column: string): Judged {
  const matters = /used|redeem|claim|consum|accept|paid|refund|processed|sent/i.test(column) && !setsPassword(fn, read);
  return { form: 'once', columns: [column], confidence: matters ? 'medium' : 'low' };
}

/** Who holds the token sets a password with it: twice, and the later one counts. */
function setsPassword(fn: FunctionFacts, read: Operation): boolean {
  return fn.operations.some(
    (operation) =>
      operation.order > read.order &&
      isWrite(operation) &&
      (/password/i.test(operation.effect.table ?? '') ||
        [...(operation.effect.data?.keys() ?? [])].some((column) => /passw(or)?d/i.test(column)) ||
        operation.chain.some(({ name }) => /password/i.test(name))),
  );
}

/** A literal, an enum's member, now: the same whoever writes it. */
function isFixed(value: Value): boolean {
  if (value.kind === 'constant') return true;
  if (value.kind === 'place')
    return value.root.kind === 'module' || value.root.kind === 'import' || value.root.kind === 'global';
  return value.kind === 'computed' && /^(new:Date|call:now)$/.test(value.operator) && sourcesOf(value).size === 0;
}

/** Whether doing it twice does something twice: another row, a message, a payment; because of the column, where one is named. */
function hasOtherEffects(fn: FunctionFacts, read: Operation, write: Operation, column?: string): boolean {
  const isAbout = (guard: Guard): boolean =>
    column === undefined
      ? sourcesOf(guard.test).has(read)
      : meaningsOf(guard, read).some(
          (said) => said.kind === 'column' && plainColumn(said.column) === plainColumn(column),
        );
  return fn.operations.some((operation) => {
    if (operation === write || operation.order <= read.order || !operation.guards.some(isAbout)) return false;
    const { effect } = operation;
    if (effect.kind === 'publish' || (effect.kind === 'request' && !effect.local)) return true;
    return isWrite(operation) && addsUp(operation.effect);
  });
}

/** Done twice, it is there twice. */
function addsUp({ action, relative }: DatabaseEffect): boolean {
  return action === 'insert' || relative.length > 0;
}

/** What is kept to read about it later. */
function isLog({ effect }: DatabaseOperation): boolean {
  return /log|audit|event|histor|activit|metric/i.test(effect.table ?? '');
}

const CONSUMABLE = /token|otp|nonce|coupon|voucher|magiclink|verification|resetcode|onetime|recoverycode|claim/i;

/** A row that is found by a secret and deleted when it is accepted. */
function isOneTime(read: DatabaseOperation, { effect, guards }: DatabaseOperation): boolean {
  if (CONSUMABLE.test(effect.table?.replaceAll('_', '') ?? '')) return true;
  const isExpired = guards.some(
    (guard) =>
      !guard.earlyExit &&
      meaningsOf(guard, read).some((meaning) => meaning.kind === 'column' && meaning.relation === 'order'),
  );
  return !isExpired && equalitiesOf(read.effect).some(({ column }) => SECRET.test(plainColumn(column)));
}

const SECRET = /^(\w*token|code|otp|nonce|\w*code|\w*secret)$/;

/** A one-time row is found, accepted and deleted, and nobody looks at who deleted it. */
function consumed(fn: FunctionFacts, read: DatabaseOperation, write: DatabaseOperation): Judged | undefined {
  if (!isOneTime(read, write) || write.result !== 'unused') return undefined;
  if (/delete|remove|cancel|revoke|logout|clean|expire|prune|reject|decline/i.test(fn.fn.qualifiedName))
    return undefined;
  if (!sourcesOf(fn.returns).has(read)) return undefined;
  // Prisma's `delete` of one row rejects when it is gone, unless somebody catches that.
  if (/prisma|^shape:/.test(write.model) && write.name === 'delete' && write.tries.length === 0) return undefined;
  // Who accepts it for others may let two in; who sets something for its holder sets it twice.
  const others = fn.operations.filter(
    (operation) => isWrite(operation) && operation !== write && operation.order > read.order && !isLog(operation),
  );
  const isDoneTwice = others.some(({ effect }) => effect.kind === 'database' && addsUp(effect));
  const matters = others.length === 0 || (isDoneTwice && !setsPassword(fn, read));
  return { form: 'consume', columns: [], confidence: matters ? 'medium' : 'low' };
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
  if (value.kind === 'constant') return value.value !== '' && value.value !== null && value.value !== undefined;
  return (
    value.kind === 'computed' &&
    /^(call:(now|randomUUID|nanoid|uuid|v4|String|toString|toISOString)|new:Date)$/.test(value.operator) &&
    sourcesOf(value).size === 0
  );
}
