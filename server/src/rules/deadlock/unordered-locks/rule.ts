import { type UnorderedLocks, unorderedLocksOf } from '../../../analysis/row-locks.ts';
import { labelOf, nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { defineRule, type RelatedPlace } from '../../../rule.ts';
import { fixUnorderedLocks } from './fix.ts';

export const unorderedLocks = defineRule<UnorderedLocks>({
  id: 'deadlock/unordered-locks',
  summary: 'A transaction locks rows in an order that depends on its input, so two of them can wait for each other.',
  severity: 'warning',
  status: 'stable',
  cwe: [833],
  detect: (fn, { program }) => unorderedLocksOf(fn, program),
  report: (locks, { program }) => ({
    at: placeOf(locks.second),
    message: messageOf(locks),
    related: [...placesOf(locks), ...traceOf(locks.second, program)],
    confidence: locks.confidence,
    resource: `table ${locks.second.effect.table ?? '?'}`,
  }),
  fixes: (locks, ctx) => fixUnorderedLocks(locks, ctx),
});

function messageOf({ form, first, second, keys, loop }: UnorderedLocks): string {
  const table = tableLabel(second.effect);
  if (form === 'pair') {
    const [one, other] = keys.map((key) => labelOf(key) ?? 'another');
    return `${nameOf(first)} locks the row '${one}' of ${table} and ${nameOf(second)} then the row '${other}'; a transaction given them the other way round locks them in the opposite order.`;
  }
  if (form === 'bulk') {
    return `${nameOf(second)} locks rows of ${table} in the order they arrive in; two statements with the same rows in different orders deadlock.`;
  }
  const over = loop?.over === undefined ? undefined : labelOf(loop.over);
  return `${nameOf(second)} locks one row of ${table} per element${over === undefined ? '' : ` of '${over}'`} in one transaction, in whatever order they come; two transactions with different orders deadlock.`;
}

function placesOf({ form, first, loop }: UnorderedLocks): RelatedPlace[] {
  if (form === 'pair') return [{ at: placeOf(first), message: 'The first row is locked here.' }];
  return loop === undefined ? [] : [{ at: loop.at, message: 'The order comes from here.' }];
}
