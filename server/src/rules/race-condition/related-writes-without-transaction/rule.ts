import { nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { defineRule } from '../../../rule.ts';
import { type RelatedWrites, relatedWritesOf } from './evidence.ts';
import { fixRelatedWrites } from './fix.ts';

export const relatedWritesWithoutTransaction = defineRule<RelatedWrites>({
  id: 'race-condition/related-writes-without-transaction',
  summary: 'Writes that only make sense together, without a transaction around them.',
  severity: 'warning',
  status: 'stable',
  cwe: [362, 460],
  detect: (fn, { program }) => relatedWritesOf(fn, program),
  report: (evidence, { program }) => ({
    at: placeOf(evidence.second),
    message: messageOf(evidence),
    related: [
      { at: placeOf(evidence.first), message: 'Written before.' },
      ...traceOf(evidence.first, program),
      ...traceOf(evidence.second, program),
    ],
    confidence: evidence.confidence,
    resource: `${tableLabel(evidence.first.effect)} ${tableLabel(evidence.second.effect)}`,
  }),
  fixes: fixRelatedWrites,
});

function messageOf({ form, first, second }: RelatedWrites): string {
  const a = tableLabel(first.effect);
  const b = tableLabel(second.effect);
  switch (form) {
    case 'money':
      return `${nameOf(second)} changes ${b} after ${nameOf(first)} has changed ${a}, without a transaction; when it fails, one of the two has happened.`;
    case 'replace':
      return `${nameOf(second)} writes anew what ${nameOf(first)} has deleted from ${a}, without a transaction; when it fails, what was there is gone.`;
    case 'child':
      return `${nameOf(second)} writes to ${b} for the row that ${nameOf(first)} has stored in ${a}, without a transaction; when it fails, that row stays behind without it.`;
  }
}
