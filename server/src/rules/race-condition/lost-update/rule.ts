import type { Operation } from '../../../analysis/fact.ts';
import { shareTransaction } from '../../../analysis/protection.ts';
import { type Reliance, reliancesOf } from '../../../analysis/reliance.ts';
import { keyLabel, nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { defineRule, type RelatedPlace } from '../../../rule.ts';
import { fixLostUpdate } from './fix.ts';

export const lostUpdate = defineRule<Reliance>({
  id: 'race-condition/lost-update',
  summary: 'A stored value is read, changed in memory and written back, so a change made in between is lost.',
  severity: 'warning',
  status: 'stable',
  cwe: [362],
  detect: (fn, { program }) => reliancesOf(fn, program).filter(({ kind }) => kind === 'lost-update'),
  report: (reliance, { program }) => ({
    at: placeOf(reliance.write),
    message: messageOf(reliance),
    related: [
      { at: placeOf(reliance.read), message: 'Read here.' },
      ...lockedLate(reliance),
      ...traceOf(reliance.read, program),
      ...traceOf(reliance.write, program),
    ],
    confidence: reliance.confidence,
    resource: resourceOf(reliance.write, reliance.columns),
  }),
  fixes: (reliance, ctx) => fixLostUpdate(reliance, ctx),
});

/** A lock that came after the read keeps nobody from writing between the two. */
function lockedLate({ fn, read, write }: Reliance): RelatedPlace[] {
  const lock = fn.operations.find(
    (operation) =>
      operation.order > read.order &&
      operation.order < write.order &&
      operation.effect.kind === 'database' &&
      (operation.effect.rowLock === 'update' || operation.effect.action === 'lock') &&
      shareTransaction(operation, write),
  );
  return lock === undefined ? [] : [{ at: placeOf(lock), message: 'Locked here, after it was read.' }];
}

function messageOf({ read, write, form, columns: [column] }: Reliance): string {
  const subject = subjectOf(write, column);
  if (form === 'position') {
    return `Rows are shifted by ${nameOf(write)} from the ${subject} that ${nameOf(read)} found; after a move in between it shifts the wrong ones.`;
  }
  if (form === 'sequence') {
    return `The next ${subject} is computed from what ${nameOf(read)} found and stored by ${nameOf(write)}; two runs at once store the same number.`;
  }
  if (form === 'entity') {
    return `A row read by ${nameOf(read)} is saved as a whole by ${nameOf(write)}, which sets ${subject} back to the value that was read.`;
  }
  return `${capital(subject)} is read by ${nameOf(read)} and written back as an absolute value by ${nameOf(write)}; a change made in between is lost.`;
}

function subjectOf({ effect }: Operation, column: string | undefined): string {
  if (effect.kind === 'cache') return `key '${keyLabel(effect.key)}'`;
  const table = effect.kind === 'database' ? effect.table : undefined;
  if (column === undefined) return table === undefined ? 'the row' : `a row of '${table}'`;
  return table === undefined ? `'${column}'` : `'${column}' of '${table}'`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function resourceOf({ effect }: Operation, columns: readonly string[]): string {
  if (effect.kind === 'cache') return `key ${keyLabel(effect.key)}`;
  return effect.kind === 'database' ? `column ${effect.table ?? '?'}.${columns.join(',')}` : '';
}
