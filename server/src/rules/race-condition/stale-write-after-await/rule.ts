import { traceOf } from '../../../analysis/trace.ts';
import { defineRule } from '../../../rule.ts';
import { type StaleForm, type StaleWrite, staleWritesOf } from './evidence.ts';
import { fixStaleWrite } from './fix.ts';

export const staleWriteAfterAwait = defineRule<StaleWrite>({
  id: 'race-condition/stale-write-after-await',
  summary: 'Shared state in memory is written after an await because of what was read before it.',
  severity: 'warning',
  status: 'stable',
  cwe: [362],
  detect: (fn, { program }) => staleWritesOf(fn, program),
  report: ({ operation, write, place, form, read, wait, file, confidence }, { program }) => ({
    at: write,
    message: MESSAGES[form](place.label),
    related: [
      { at: read, message: form === 'check' ? 'Checked here.' : 'Read here.' },
      { at: { path: file.path, start: wait.start, end: wait.end }, message: 'Others run while this is awaited.' },
      ...traceOf(operation, program),
    ],
    confidence,
    resource: `state ${place.label}`,
  }),
  fixes: fixStaleWrite,
});

const MESSAGES: Readonly<Record<StaleForm, (label: string) => string>> = {
  value: (label) =>
    `'${label}' is read before an await and written back after it; what others write to it meanwhile is lost.`,
  index: (label) =>
    `A position in '${label}' is taken before an await and written to after it; it may hold something else by then.`,
  check: (label) =>
    `'${label}' is checked before an await and set after it; everyone who checks meanwhile passes as well.`,
  clear: (label) =>
    `'${label}' is read before an await and emptied after it; what others add to it meanwhile is thrown away.`,
};
