/**
 * A request, a mail, a payment, a search index or a stored file is changed while a database transaction is open: a
 * rollback does not take it back, and the connection is held for as long as the other side takes to answer.
 */
import { openedPhrase } from '../../../analysis/open-transaction.ts';
import { effectPhrase } from '../../../analysis/outside-effect.ts';
import { nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { type TransactionEffect, transactionEffectsOf } from '../../../analysis/transaction-effect.ts';
import { afterCommit } from '../../../rewrite/after-commit.ts';
import { defineRule } from '../../../rule.ts';

export const effectInTransaction = defineRule<TransactionEffect>({
  id: 'double-write/effect-in-transaction',
  summary: 'Something that no rollback takes back happens inside an open transaction.',
  severity: 'warning',
  status: 'stable',
  cwe: [662],
  detect: (fn, { program }) => transactionEffectsOf(fn, program).filter(({ kind }) => kind === 'irrevocable'),
  report: (evidence, { program }) => {
    const { effect, outside, transaction, write, others } = evidence;
    const what = `${nameOf(effect)} ${effectPhrase(outside)} while the transaction ${openedPhrase(transaction)} is open`;
    return {
      at: placeOf(effect),
      message:
        write === undefined || !outside.changes
          ? `${what}: its connection is held for as long as the answer takes.`
          : outside.kind === 'cache'
            ? `${what}: whoever reads ${tableLabel(write.effect)} before the commit puts the older value back.`
            : `${what}: if it is rolled back, ${tableLabel(write.effect)} goes back to what it was and this does not.`,
      related: [
        { at: transaction.at, message: 'The transaction begins here.' },
        ...(write === undefined
          ? []
          : [{ at: placeOf(write), message: `A rollback undoes this ${write.effect.action}.` }]),
        ...others.map((other) => ({ at: placeOf(other), message: `${nameOf(other)} does so as well.` })),
        ...traceOf(effect, program),
      ],
      confidence: evidence.confidence,
      resource: `${outside.kind} in transaction`,
      covers: others.map(() => `${outside.kind} in transaction`),
    };
  },
  fixes: (evidence, ctx) => afterCommit(evidence, ctx),
});
