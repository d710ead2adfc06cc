/**
 * The row that was read is the one that is changed: taken out of the state it was found in, although somebody else may
 * have taken it out of that state in between.
 */

import { hasOtherEffects, setsPassword } from './done-twice.ts';
import type { FunctionFacts, Operation } from './fact.ts';
import { type GuardMeaning, meaningsOf } from './guard-meaning.ts';
import { isOnlyEver } from './lost-chance.ts';
import { evidenceOf, type WrittenColumn } from './lost-value.ts';
import { consumed } from './one-time-row.ts';
import type { ProgramFacts } from './program.ts';
import {
  columnSchemaOf,
  type DatabaseOperation,
  isConditional,
  isKey,
  isPrecious,
  isRead,
  plainColumn,
  sameRow,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { sameValue, sourcesOf, type Value } from './value.ts';

export function changedRow(
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
    if (!columns.has(plainColumn(meaning.column)) || isCheckedAgain(fn, read, write, meaning.column)) continue;
    const judged = changedColumn(fn, read, write, meaning, written, program);
    if (judged !== undefined) return judged;
  }
  return undefined;
}

/** The row is read and checked once more on the way to the write: that is told where it is. */
function isCheckedAgain(
  { operations }: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  column: string,
): boolean {
  return operations.some(
    (other) =>
      other.order > read.order &&
      other.order < write.order &&
      isRead(other) &&
      sameRow(other, write) === 'same' &&
      write.guards.some((guard) =>
        meaningsOf(guard, other).some(
          (meaning) => meaning.kind === 'column' && plainColumn(meaning.column) === plainColumn(column),
        ),
      ),
  );
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
    // Whoever comes in between can only store the same: it is all that is ever stored, or there are but two states.
    const isOnlyWay =
      (relation === 'equals' && columnSchemaOf(write.effect, column, program)?.choices === 2) ||
      isOnlyEver(write, column, value, program);
    const isHarmless =
      isOnlyWay &&
      !isPrecious(column, write.effect.table) &&
      written.every((own) => isFixed(own.value)) &&
      !hasOtherEffects(fn, read, write, column);
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

/** `findFirst({ where: { code, redeemedAt: null } })`, then `update` of that row with `redeemedAt`: what was asked for is undone. */
export function claimedRow(
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

/** A literal, an enum's member, now: the same whoever writes it. */
function isFixed(value: Value): boolean {
  if (value.kind === 'constant') return true;
  if (value.kind === 'place')
    return value.root.kind === 'module' || value.root.kind === 'import' || value.root.kind === 'global';
  return value.kind === 'computed' && /^(new:Date|call:now)$/.test(value.operator) && sourcesOf(value).size === 0;
}
