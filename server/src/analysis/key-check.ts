/** A key that is looked up, and set or incremented because of what it held. */
import type { FunctionFacts, Operation } from './fact.ts';
import { type GuardMeaning, meaningsOf } from './guard-meaning.ts';
import type { Judged } from './reliance.ts';
import { sameValue, sourcesOf, type Value } from './value.ts';

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

/**
 * The key is looked up once more with nothing awaited before it is set, in a cache of the process: whatever was looked
 * up before that does not matter (fixture: test/rules/toctou/db-check-then-act/libraries/node-cache.ts).
 */
export function isCheckedAtOnce({ operations }: FunctionFacts, write: Operation): boolean {
  const { effect, segment, order } = write;
  if (effect.kind !== 'cache' || !effect.inProcess) return false;
  return operations.some(
    (other) =>
      other.effect.kind === 'cache' &&
      other.effect.inProcess &&
      /^(get|exists)$/.test(other.effect.action) &&
      other.segment === segment &&
      other.order < order &&
      sameValue(other.effect.key, effect.key) &&
      write.guards.some((guard) => meaningsOf(guard, other).some(({ kind }) => kind === 'absent')),
  );
}

function isMark(value: Value): boolean {
  if (value.kind === 'array') return value.elements.every(isMark);
  if (value.kind === 'constant') return value.value !== '' && value.value !== null && value.value !== undefined;
  if (value.kind !== 'computed' || sourcesOf(value).size > 0) return false;
  // The text of a mark is one; that of anything else is made from it and kept, as a cache does.
  if (/^call:(String|toString)$/.test(value.operator)) return value.operands.every(isMark);
  return /^(call:(now|randomUUID|nanoid|uuid|v4|toISOString)|new:Date)$/.test(value.operator);
}
