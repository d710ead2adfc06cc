/** Children that are counted or looked for, and stored, in one transaction: the row they belong to is locked first. */
import type { Operation } from '../analysis/fact.ts';
import { equalitiesOf, isDatabaseOperation, isOwnKey, isRead, shareTransaction } from '../analysis/protection.ts';
import { sameValue } from '../analysis/value.ts';
import type { Fix } from '../rule.ts';
import { siteOf } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import type { Pair } from './in-transaction.ts';

export function lockParent({ file, fn, read, write, program }: Pair): Fix[] {
  if (!shareTransaction(read, write)) return [];
  const parent = fn.operations.find(
    (operation) =>
      operation.order < read.order &&
      operation.chain.length === 0 &&
      shareTransaction(operation, write) &&
      isParent(operation, read, write),
  );
  const site = parent === undefined ? undefined : siteOf(file, parent, program);
  const edits = site === undefined ? undefined : dialectOf(site.operation)?.lock?.(site);
  if (parent === undefined || edits === undefined) return [];
  const table = parent.effect.kind === 'database' ? parent.effect.table : undefined;
  return [
    {
      id: 'lock-parent',
      title: `Lock the row of '${table ?? ''}' that they belong to when it is read`,
      applicability: 'changes-behaviour',
      difference: 'Other transactions of the same row wait for this one.',
      edits,
    },
  ];
}

/** A row of another table found by its key, which both the check and the write name. */
function isParent(operation: Operation, read: Operation, write: Operation): boolean {
  if (!isRead(operation) || !isDatabaseOperation(read) || !isDatabaseOperation(write)) return false;
  const { effect } = operation;
  if (effect.table === read.effect.table || effect.returns !== 'row') return false;
  const key = equalitiesOf(effect).find(({ column }) => isOwnKey(column, effect.table))?.value;
  if (key === undefined) return false;
  const isKeyOf = (value: Parameters<typeof sameValue>[0]): boolean =>
    sameValue(value, key) ||
    (value.kind === 'result' && value.operation === operation && value.path.join('.') === 'id');
  const asked = equalitiesOf(read.effect).some(({ value }) => isKeyOf(value));
  return asked && [...(write.effect.data?.values() ?? [])].some(isKeyOf);
}
