import { nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { defineRule } from '../../../rule.ts';
import { type UncheckedWrite, uncheckedWritesOf } from './evidence.ts';
import { fixUncheckedWrite } from './fix.ts';

export const uncheckedConditionalWrite = defineRule<UncheckedWrite>({
  id: 'toctou/unchecked-conditional-write',
  summary: 'A conditional write whose outcome nobody looks at, and code that goes on as if it had taken place.',
  severity: 'warning',
  status: 'stable',
  cwe: [252, 367],
  detect: (fn, { program }) => uncheckedWritesOf(fn, program),
  report: (evidence, { program }) => ({
    at: placeOf(evidence.write),
    message: messageOf(evidence),
    related: [
      ...(evidence.next === undefined
        ? []
        : [{ at: placeOf(evidence.next), message: 'Happens whether the row was changed or not.' }]),
      ...traceOf(evidence.write, program),
    ],
    confidence: evidence.confidence,
    resource: `${tableLabel(evidence.write.effect)} ${evidence.columns.join(',')}`,
  }),
  fixes: fixUncheckedWrite,
});

function messageOf({ write, columns, next }: UncheckedWrite): string {
  const table = tableLabel(write.effect);
  const does = write.effect.action === 'delete' ? 'deletes' : 'changes';
  const what =
    columns.length === 0 ? `a row of ${table}` : `a row of ${table} only while '${columns[0]}' is as expected`;
  const goes = next === undefined ? 'success is reported' : `${nameOf(next)} follows`;
  return `${nameOf(write)} ${does} ${what}, and nobody looks at whether it did: ${goes} also for those who came second.`;
}
