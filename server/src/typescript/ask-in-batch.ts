/**
 * One question for many nodes. If the compiler fails on a batch, halves are asked, so that one node it cannot answer
 * costs its own answer only.
 */
import { isTransportError } from './native-session.ts';

export function askInBatch<Item, Answer>(
  items: readonly (Item | undefined)[],
  ask: (items: readonly Item[]) => readonly (Answer | undefined)[],
): (Answer | undefined)[] {
  const present = items.filter((item) => item !== undefined);
  const answers = answer(present, ask);
  let next = 0;
  return items.map((item) => (item === undefined ? undefined : answers[next++]));
}

/** Sends the question that `askInBatch` will ask of the same items. */
export function expectInBatch<Item>(
  items: readonly (Item | undefined)[],
  ask: (items: readonly Item[]) => unknown,
  expect: (ask: () => unknown) => void,
): void {
  const present = items.filter((item) => item !== undefined);
  if (present.length > 0) expect(() => ask(present));
}

function answer<Item, Answer>(
  items: readonly Item[],
  ask: (items: readonly Item[]) => readonly (Answer | undefined)[],
): readonly (Answer | undefined)[] {
  if (items.length === 0) return [];
  try {
    return ask(items);
  } catch (error) {
    if (isTransportError(error)) throw error;
    if (items.length === 1) return [undefined];
    const half = items.length >> 1;
    return [...answer(items.slice(0, half), ask), ...answer(items.slice(half), ask)];
  }
}

/** A question that the compiler may fail on; only its death passes. */
export function askIfAble<Answer>(ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch (error) {
    if (isTransportError(error)) throw error;
    return undefined;
  }
}
