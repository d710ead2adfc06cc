/** A key that is looked up, and set or incremented because of what it held. */
import type { Operation } from './fact.ts';
import type { GuardMeaning } from './guard-meaning.ts';
import type { Judged } from './reliance.ts';
import { sourcesOf, type Value } from './value.ts';

export function keyCheck(write: Operation, meanings: readonly GuardMeaning[]): Judged | undefined {
  const { effect } = write;
  if (effect.kind !== 'cache') return undefined;
  if (effect.action === 'increment') {
    // What the increment gives is compared as well, or instead.
    if (write.result !== 'unused') return undefined;
    const bounded = meanings.some(
      (meaning) =>
        meaning.kind === 'amount' ||
        (meaning.kind === 'column' && meaning.relation === 'order') ||
        meaning.kind === 'other',
    );
    return bounded ? { form: 'key-limit', columns: [], confidence: 'medium' } : undefined;
  }
  // Computing what is missing and storing it is caching; a mark that says "done" or "mine" is a check.
  if (effect.action !== 'set' || effect.value === undefined || !isMark(effect.value)) return undefined;
  return meanings.some(({ kind }) => kind === 'absent')
    ? { form: 'key-once', columns: [], confidence: 'medium' }
    : undefined;
}

function isMark(value: Value): boolean {
  if (value.kind === 'array') return value.elements.every(isMark);
  if (value.kind === 'constant') return value.value !== '' && value.value !== null && value.value !== undefined;
  if (value.kind !== 'computed' || sourcesOf(value).size > 0) return false;
  // The text of a mark is one; that of anything else is made from it and kept, as a cache does.
  if (/^call:(String|toString)$/.test(value.operator)) return value.operands.every(isMark);
  return /^(call:(now|randomUUID|nanoid|uuid|v4|toISOString)|new:Date)$/.test(value.operator);
}
