/** What a condition says about a cache lookup: that the entry was missing (or too old), or that it was there. */
import type { Guard, Operation } from '../../../analysis/fact.ts';
import { hasPart, keyOf, sourcesOf, type Value } from '../../../analysis/value.ts';

/** How a function looks into the cache: a recorded lookup, or an indexed read of an object used as a map. */
export type Lookup = { readonly operation: Operation } | { readonly place: string };

export type Meaning = 'miss' | 'hit' | 'other';

export function meaningOf(guard: Guard, lookup: Lookup): Meaning {
  return mentions(guard.test, lookup) ? said(guard.test, guard.holds, lookup, 0) : 'other';
}

function mentions(value: Value, lookup: Lookup): boolean {
  if ('operation' in lookup) return sourcesOf(value).has(lookup.operation);
  return hasPart(value, (part) => part.kind === 'place' && keyOf(part).startsWith(lookup.place));
}

function said(test: Value, holds: boolean, lookup: Lookup, depth: number): Meaning {
  if (depth > 10 || !mentions(test, lookup)) return 'other';
  switch (test.kind) {
    case 'result':
    case 'place':
    case 'element':
      return holds ? 'hit' : 'miss';
    case 'union':
      return strongest(test.alternatives.map((part) => said(part, holds, lookup, depth + 1)));
    case 'computed':
      return saidByComputed(test.operator, test.operands, holds, lookup, depth + 1);
    default:
      return 'other';
  }
}

function saidByComputed(
  operator: string,
  operands: readonly Value[],
  holds: boolean,
  lookup: Lookup,
  depth: number,
): Meaning {
  const [left, right] = operands;
  if (left === undefined) return 'other';
  switch (operator) {
    case '!':
      return said(left, !holds, lookup, depth);
    case '&&':
    case 'when':
      return strongest(operands.map((part) => said(part, holds, lookup, depth)));
    case '===':
    case '==':
    case '!==':
    case '!=': {
      const equal = holds === operator.startsWith('=');
      const [subject, other] = mentions(left, lookup) ? [left, right] : [right, left];
      if (subject === undefined || other?.kind !== 'constant') return 'other';
      if (other.value === undefined || other.value === null || other.value === false)
        return said(subject, !equal, lookup, depth);
      return other.value === true ? said(subject, equal, lookup, depth) : 'other';
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      // Its age: whichever branch fills the cache again is the one for too old.
      return 'miss';
    default:
      // `JSON.parse(cached)`, `typeof`, `isFresh(entry)`: as true as what they look at.
      return strongest(operands.map((part) => said(part, holds, lookup, depth)));
  }
}

function strongest(meanings: readonly Meaning[]): Meaning {
  if (meanings.includes('miss')) return 'miss';
  return meanings.includes('hit') ? 'hit' : 'other';
}
