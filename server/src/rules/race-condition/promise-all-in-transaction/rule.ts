import { describe, tableLabel } from '../../../analysis/trace.ts';
import { defineRule } from '../../../rule.ts';
import { type ParallelWrites, parallelWritesIn } from './evidence.ts';
import { fixParallelWrites } from './fix.ts';

export const promiseAllInTransaction = defineRule<ParallelWrites>({
  id: 'race-condition/promise-all-in-transaction',
  summary: 'Promise.all over writes of one transaction.',
  severity: 'warning',
  status: 'stable',
  cwe: [362, 755],
  detect: (fn, { program }) => parallelWritesIn(fn, program),
  report: (evidence) => {
    const { run, write, name, place, transaction, confidence } = evidence;
    return {
      at: { path: run.file.path, start: run.call.start, end: run.call.callee.end },
      message: messageOf(evidence),
      related: [
        { at: transaction.at, message: 'The transaction begins here.' },
        { at: place, message: `'${name}' is one of them.` },
        ...(place === write.at ? [] : [{ at: write.at, message: `${describe(write)} happens here.` }]),
      ],
      confidence,
      resource: `transaction ${tableLabel(write.effect)}`,
    };
  },
  fixes: fixParallelWrites,
});

function messageOf({ name, steps }: ParallelWrites): string {
  const what = `Promise.all runs '${name}' and others at once in one transaction, which has one connection`;
  return steps === 'several'
    ? `${what}; when one fails the transaction is rolled back while the others go on writing.`
    : `${what}; when one fails the transaction is rolled back without waiting for the others.`;
}
