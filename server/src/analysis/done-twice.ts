/** Whether doing it twice does something twice: another row, a message, a payment. */
import type { DatabaseEffect, FunctionFacts, Guard, Operation } from './fact.ts';
import { meaningsOf } from './guard-meaning.ts';
import { isWrite, plainColumn } from './protection.ts';
import { sourcesOf } from './value.ts';

/** Because of the column, where one is named. */
export function hasOtherEffects(fn: FunctionFacts, read: Operation, write: Operation, column?: string): boolean {
  const isAbout = (guard: Guard): boolean =>
    column === undefined
      ? sourcesOf(guard.test).has(read)
      : meaningsOf(guard, read).some(
          (said) => said.kind === 'column' && plainColumn(said.column) === plainColumn(column),
        );
  return fn.operations.some((operation) => {
    if (operation === write || operation.order <= read.order || !operation.guards.some(isAbout)) return false;
    const { effect } = operation;
    if (effect.kind === 'publish' || (effect.kind === 'request' && !effect.local)) return true;
    return isWrite(operation) && addsUp(operation.effect);
  });
}

/** Done twice, it is there twice. */
export function addsUp({ action, relative }: DatabaseEffect): boolean {
  return action === 'insert' || relative.length > 0;
}

/** Who holds the token sets a password with it: twice, and the later one counts. */
export function setsPassword(fn: FunctionFacts, read: Operation): boolean {
  return fn.operations.some(
    (operation) =>
      operation.order > read.order &&
      isWrite(operation) &&
      (/password/i.test(operation.effect.table ?? '') ||
        [...(operation.effect.data?.keys() ?? [])].some((column) => /passw(or)?d/i.test(column)) ||
        operation.chain.some(({ name }) => /password/i.test(name))),
  );
}
