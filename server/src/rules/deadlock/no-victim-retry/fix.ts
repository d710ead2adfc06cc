import type { TransactionContext } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isTransactionRepeatable } from '../../../rewrite/repeatable.ts';
import { retryOnConflict } from '../../../rewrite/retry-conflict.ts';
import { callAt, edit, textOf } from '../../../rewrite/source-edit.ts';
import { repeatedStatements } from '../../../rewrite/statement-transaction.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import type { NoVictimRetry } from './rule.ts';

/** The whole transaction is run again, a few times, after waits that grow and differ. */
export function fixNoVictimRetry({ transaction }: NoVictimRetry, { program }: RuleContext): Fix[] {
  const file = program.file(transaction.at.path);
  if (file === undefined) return [];
  const { name, edits } = retryOnConflict(file);
  const repeated =
    repeatedCall(file, transaction, name, program) ?? repeatedStatements(file, transaction, name, program);
  if (repeated === undefined) return [];
  return [
    {
      id: 'retry-transaction',
      title: 'Run the whole transaction again after a conflict',
      applicability: 'changes-behaviour',
      difference: 'What it does besides its queries happens once per attempt.',
      edits: [...edits, ...repeated],
    },
  ];
}

/** `retryOnConflict(() => client.transaction(async (tx) => { … }))`. */
function repeatedCall(
  file: SourceFile,
  transaction: TransactionContext,
  name: string,
  program: ProgramFacts,
): readonly Edit[] | undefined {
  const call = callAt(file, transaction.at);
  const callback = call?.args.find(({ kind }) => kind === 'function');
  if (call === undefined || callback === undefined) return undefined;
  const text = textOf(file, call);
  if (/\byield\b/.test(text) || !isTransactionRepeatable(transaction, callback, program)) return undefined;
  return [edit(file, call, `${name}(() => ${text})`)];
}
