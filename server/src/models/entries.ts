/** Spells out entries that differ only in their names, so that a model file stays a table one can read. */
import type { CallForm, CallModel } from './model.ts';

export type Calls = Readonly<Record<string, CallModel>>;

/** `transaction()` without a function: one that the caller commits. */
export const UNMANAGED_TRANSACTION: readonly CallForm[] = [
  {
    arguments: [],
    model: {
      effect: { kind: 'transaction', action: 'begin' },
      executor: 'ReturnValue.Awaited',
      instance: 'Transaction',
    },
  },
  {
    arguments: ['object'],
    model: {
      effect: { kind: 'transaction', action: 'begin', isolation: 'Argument[0].Member[isolationLevel]' },
      executor: 'ReturnValue.Awaited',
      instance: 'Transaction',
    },
  },
];

/** `Prefix + name` for every prefix and name: `members(['Array#', 'ReadonlyArray#'], 'map filter', …)`. */
export function members(prefixes: readonly string[], names: string, model: CallModel): Calls {
  const calls: Record<string, CallModel> = {};
  for (const prefix of prefixes) {
    for (const name of names.split(/\s+/)) {
      if (name !== '') calls[`${prefix}${name}`] = model;
    }
  }
  return calls;
}

/** The same entries under every prefix: `underEach(['Pool#', 'Client#'], { query: … })`. */
export function underEach(prefixes: readonly string[], entries: Calls): Calls {
  const calls: Record<string, CallModel> = {};
  for (const prefix of prefixes) {
    for (const [name, model] of Object.entries(entries)) calls[`${prefix}${name}`] = model;
  }
  return calls;
}

export const NEUTRAL: CallModel = { neutral: true };
