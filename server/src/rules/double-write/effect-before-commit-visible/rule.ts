/**
 * A job or message is sent inside the transaction that writes what it is about: a consumer may look for the rows
 * before they are committed, or work for rows that are rolled back.
 */
import { openedPhrase } from '../../../analysis/open-transaction.ts';
import { type OutsideEffect, outsideEffectOf } from '../../../analysis/outside-effect.ts';
import { nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { type TransactionEffect, transactionEffectsOf } from '../../../analysis/transaction-effect.ts';
import { afterCommit } from '../../../rewrite/after-commit.ts';
import { defineRule } from '../../../rule.ts';

export const effectBeforeCommitVisible = defineRule<TransactionEffect>({
  id: 'double-write/effect-before-commit-visible',
  summary: 'A job is enqueued inside the transaction whose rows its worker needs.',
  severity: 'warning',
  status: 'stable',
  cwe: [362],
  detect: (fn, { program }) => transactionEffectsOf(fn, program).filter(({ kind }) => kind === 'visible'),
  report: (evidence, { program }) => {
    const { effect, outside, transaction, write, others } = evidence;
    const rows = write === undefined ? 'the rows' : tableLabel(write.effect);
    const label = outside.label === undefined || outside.label.length > 50 ? '' : ` '${outside.label}'`;
    return {
      at: placeOf(effect),
      message: `${nameOf(effect)} sends the ${outside.kind}${label} while the transaction ${openedPhrase(transaction)} is open: a consumer can be at work before ${rows} is committed, or although it is rolled back.`,
      related: [
        { at: transaction.at, message: 'The transaction begins here.' },
        ...(write === undefined ? [] : [{ at: placeOf(write), message: `Not visible to others before the commit.` }]),
        ...others.map((other) => ({ at: placeOf(other), message: `${nameOf(other)} sends as well.` })),
        ...traceOf(effect, program),
      ],
      confidence: evidence.confidence,
      resource: resourceOf(outside),
      covers: others.flatMap((other) => {
        const also = outsideEffectOf(other);
        return also === undefined ? [] : [resourceOf(also)];
      }),
    };
  },
  fixes: (evidence, ctx) => afterCommit(evidence, ctx),
});

function resourceOf({ kind, label }: OutsideEffect): string {
  return `${kind}${label === undefined ? '' : ` '${label.slice(0, 60)}'`} before commit`;
}
