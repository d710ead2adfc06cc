import { retryOnConflict } from '../../../rewrite/retry-conflict.ts';
import { callAt, edit, textOf } from '../../../rewrite/source-edit.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { NoVictimRetry } from './rule.ts';

/** The whole transaction is run again, a few times, after waits that grow and differ. */
export function fixNoVictimRetry({ transaction }: NoVictimRetry, { program }: RuleContext): Fix[] {
  const file = program.file(transaction.at.path);
  const call = file === undefined ? undefined : callAt(file, transaction.at);
  // One that is begun and committed by statements has no call to repeat.
  if (file === undefined || call === undefined || !call.args.some(({ kind }) => kind === 'function')) return [];
  const { name, edits } = retryOnConflict(file);
  const text = textOf(file, call);
  if (/\byield\b/.test(text)) return [];
  return [
    {
      id: 'retry-transaction',
      title: 'Run the whole transaction again after a conflict',
      applicability: 'changes-behaviour',
      difference: 'What the callback does besides its queries happens once per attempt.',
      edits: [...edits, edit(file, call, `${name}(() => ${text})`)],
    },
  ];
}
