import type { Operation } from '../../../analysis/fact.ts';
import { type Reliance, reliancesOf } from '../../../analysis/reliance.ts';
import { keyLabel, nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { defineRule } from '../../../rule.ts';
import { fixDbCheckThenAct } from './fix.ts';

export const dbCheckThenAct = defineRule<Reliance>({
  id: 'toctou/db-check-then-act',
  summary: 'Stored data is checked in one statement and changed in another, so two runs at once both pass the check.',
  severity: 'warning',
  status: 'stable',
  cwe: [367],
  detect: (fn, { program }) => reliancesOf(fn, program).filter(({ kind }) => kind === 'check'),
  report: (reliance, { program }) => ({
    at: placeOf(reliance.write),
    message: messageOf(reliance),
    related: [
      { at: placeOf(reliance.read), message: 'Checked here.' },
      ...traceOf(reliance.read, program),
      ...traceOf(reliance.write, program),
      ...(reliance.beside ?? []).map((write) => ({
        at: placeOf(write),
        message: 'Stored here as well, after the same check.',
      })),
    ],
    confidence: reliance.confidence,
    resource: resourceOf(reliance.write),
  }),
  fixes: (reliance, ctx) => fixDbCheckThenAct(reliance, ctx),
});

function messageOf({ read, write, form, columns }: Reliance): string {
  const table = tableOf(write);
  const rows = `'${table}'`;
  const check = nameOf(read);
  const act = nameOf(write);
  const column = columns.length === 0 ? 'a row' : `'${columns[0]}'`;
  switch (form) {
    case 'balance':
      return `${column} of ${rows} is checked by ${check} and changed by ${act} in a later statement; two runs at once both pass the check.`;
    case 'duplicate': {
      const by =
        columns.length === 0
          ? ''
          : ` with this ${columns.map((name) => `'${name}'`).join(' and ')}${restOf(read, columns)}`;
      return `${check} finds no row of ${rows}${by} and ${act} then stores one; two runs at once both store theirs.`;
    }
    case 'conflict':
      return `${check} finds no row of ${rows} and ${act} then inserts one; of two runs at once the second fails with an unhandled conflict.`;
    case 'related':
      return `${check} finds no other row of ${rows} in the way and ${act} then stores one; two runs at once store rows that must not be there together.`;
    case 'reuse':
      return `${act} stores a row of ${rows} with the ${column} of the one that ${check} finds, or with a new one where there is none; two runs at once make two.`;
    case 'limit':
      return `Rows of ${rows} are counted by ${check} and one more is stored by ${act}; two runs at once together exceed the limit.`;
    case 'last':
      return `Rows of ${rows} are counted by ${check} and one is taken away by ${act}; two runs at once both pass the check.`;
    case 'transition':
      return `${column} of ${rows} is checked by ${check} and set by ${act} in a later statement; a change of it in between is overwritten.`;
    case 'once':
      return `${column} of ${rows} is checked by ${check} and only set by ${act} later; two runs at once both do what is meant to happen once.`;
    case 'claim':
      return `A row of ${rows} is found by its ${column} in ${check}, which ${act} changes in a later statement; two runs at once both find it.`;
    case 'consume':
      return `A row of ${rows} is accepted once ${check} found it, and removed by ${act}; two runs at once both accept it.`;
    case 'key-limit':
      return `Key '${table}' is checked by ${check} and incremented by ${act}; two runs at once together exceed the limit.`;
    default:
      return `Key '${table}' is found missing by ${check} and set by ${act}; two runs at once both find it missing.`;
  }
}

/** The look-up may be narrower than the columns that both statements name. */
function restOf({ effect }: Operation, columns: readonly string[]): string {
  const asked = effect.kind === 'database' ? (effect.where ?? []) : [];
  return asked.length > columns.length ? ' and what else it asks for,' : '';
}

function tableOf({ effect }: Operation): string {
  if (effect.kind === 'cache') return keyLabel(effect.key);
  return (effect.kind === 'database' ? effect.table : undefined) ?? 'the table';
}

function resourceOf({ effect }: Operation): string {
  return effect.kind === 'cache'
    ? `key ${keyLabel(effect.key)}`
    : `table ${effect.kind === 'database' ? (effect.table ?? '?') : '?'}`;
}
