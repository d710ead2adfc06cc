/**
 * Whether a write happens only because of what an earlier statement read, and undoes what made that true: a second run
 * at the same time sees the same and writes too. A check that the write does not touch (permission, existence before an
 * update of the same row, an unrelated table) is none. Says which form it is; the forms are judged in files of their own.
 */
import { changedRow, claimedRow } from './changed-row-check.ts';
import type { FunctionFacts, Operation } from './fact.ts';
import { meaningsOf } from './guard-meaning.ts';
import { isCheckedAtOnce, keyCheck } from './key-check.ts';
import { isNewRow, writtenColumns } from './lost-value.ts';
import { newRow, renamed } from './new-row-check.ts';
import type { ProgramFacts } from './program.ts';
import { isDatabaseOperation, isRead, sameRow } from './protection.ts';
import type { Judged } from './reliance.ts';
import { isStartUp } from './repetition.ts';
import { reusedValue } from './reused-value.ts';
import { lastOne } from './row-count-check.ts';

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
  if (write.effect.kind === 'cache') {
    const judged = meanings.length === 0 || isCheckedAtOnce(fn, write) ? undefined : keyCheck(write, meanings);
    // Once for all, when the process starts.
    const isForStart = write.effect.key.kind === 'constant' && isStartUp(fn, program);
    return judged !== undefined && isForStart ? { ...judged, confidence: 'low' } : judged;
  }
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
