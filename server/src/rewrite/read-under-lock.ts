/**
 * A row that was read before the lock that is to keep it as it is: it is read once more behind the lock, through the
 * transaction, and what follows goes by that. The first read still says early that there is nothing to do.
 */
import type { Operation } from '../analysis/fact.ts';
import { shareTransaction } from '../analysis/protection.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Fix } from '../rule.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { placesOf } from './column-change.ts';
import { exitFor, exitWhen, isSpan } from './guard-text.ts';
import type { Pair } from './in-transaction.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  functionAround,
  insertAfter,
  reindented,
  type StatementPlace,
  scopedName,
  semicolonOf,
  statementAround,
} from './source-edit.ts';
import { clientOfQuery, sendThrough } from './transaction-client.ts';

export function readUnderLock(pair: Pair): Fix[] {
  const { file, read, write } = pair;
  const row = rowOf(file, read);
  const lock = lockBefore(pair);
  const call = callAt(file, read.span);
  if (row === undefined || lock === undefined || call === undefined || read.executor?.kind !== 'place') return [];
  const client = clientOfQuery(file, write, lock.statement);
  const sent = client === undefined ? undefined : sendThrough(file, read, read.executor, client.text);
  // What follows the lock, where the lock is held.
  const around = functionAround(file, lock.statement);
  const uses = placesOf(file, row).filter(({ start, end }) => start >= lock.statement.end && end <= (around?.end ?? 0));
  if (sent === undefined || uses.length === 0) return [];
  const name = scopedName(file, write.span, ['current', 'latest', 'fresh']);
  const again = reindented(file, call, applyWithin(file, call, sent).text);
  const end = semicolonOf(file);
  const reading = again.map(
    (line, index) => `${index === 0 ? `const ${name} = await ` : ''}${line}${index === again.length - 1 ? end : ''}`,
  );
  return [
    {
      id: 'read-under-lock',
      title: 'Read the row again once the lock is held',
      applicability: 'changes-behaviour',
      difference: 'It throws when the row is gone by the time the lock is held.',
      edits: [
        insertAfter(file, lock.statement, [...reading, ...exitWhen(`!${name}`, exitFor(file, write, undefined))]),
        ...uses.map((use) => edit(file, use, name)),
      ],
    },
  ];
}

/** The variable of `const card = await …`, read outside the transaction of the write. */
function rowOf(file: SourceFile, read: Operation): number | undefined {
  if (read.chain.length > 0 || read.at.path !== file.path || read.transactions.length > 0) return undefined;
  const statement = statementAround(file, read.span)?.statement;
  const [declaration, another] = statement?.kind === 'variable' ? statement.declarations : [];
  const value = declaration?.initializer;
  if (declaration?.pattern.kind !== 'variable' || another !== undefined) return undefined;
  if (value?.kind !== 'await' || !isSpan(value.operand, read.span)) return undefined;
  const { variable } = declaration.pattern;
  const isRow = read.effect.kind === 'database' && read.effect.returns === 'row';
  return isRow && file.variables[variable]?.reassigned === false ? variable : undefined;
}

/** The statement that takes the lock, in a list that the write is in as well. */
function lockBefore({ file, fn, read, write }: Pair): StatementPlace | undefined {
  if (write.chain.length > 0) return undefined;
  const lock = fn.operations.find(
    (operation) =>
      operation.order > read.order &&
      operation.order < write.order &&
      operation.effect.kind === 'database' &&
      (operation.effect.rowLock === 'update' || operation.effect.action === 'lock') &&
      shareTransaction(operation, write),
  );
  const at = lock === undefined ? undefined : placeOf(lock);
  if (at === undefined || at.path !== file.path) return undefined;
  const place = statementAround(file, at);
  const lists = enclosingStatements(file, write.span).map(({ siblings }) => siblings);
  return place !== undefined && lists.includes(place.siblings) ? place : undefined;
}
