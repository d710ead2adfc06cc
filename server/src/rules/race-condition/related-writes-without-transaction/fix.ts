/** Puts the writes into a transaction; two rows of one table are locked in one order first, whoever pays whom. */

import type { Operation } from '../../../analysis/fact.ts';
import { equalitiesOf, isOwnKey } from '../../../analysis/protection.ts';
import { plainTable } from '../../../analysis/schema.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { quoteOf, textOf } from '../../../rewrite/source-edit.ts';
import { isNumbered, parameterAt, sqlCallOf } from '../../../rewrite/sql-call.ts';
import { wrapInTransaction } from '../../../rewrite/transaction-wrap.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import type { RelatedWrites } from './evidence.ts';

export function fixRelatedWrites({ fn, first, second, form }: RelatedWrites, { program }: RuleContext): readonly Fix[] {
  const isPair =
    form === 'money' &&
    first.effect.action === 'update' &&
    second.effect.action === 'update' &&
    plainTable(first.effect.table ?? '') === plainTable(second.effect.table ?? '');
  const file = program.file(placeOf(second).path);
  // MongoDB ends the second of two that change one document at once, and runs it again.
  const isOrdered = /^mongo(db|ose)\W/.test(second.model);
  if (!isPair || isOrdered || file === undefined) return wrapInTransaction(fn, [first, second], program);
  const lock = lockBoth(file, first, second);
  return lock === undefined ? [] : wrapInTransaction(fn, [first, second], program, lock);
}

/** `query('SELECT id FROM accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE', [[from, to]])`; MySQL has no arrays. */
function lockBoth(file: SourceFile, first: Operation, second: Operation): string | undefined {
  const keys = [first, second].map((write) => keyOfRow(file, write));
  const [a, b] = keys;
  if (a === undefined || b === undefined || a.column !== b.column || a.table !== b.table) return undefined;
  const quote = quoteOf(file);
  const [among, values] = a.isNumbered
    ? ['= ANY($1)', `[[${a.value}, ${b.value}]]`]
    : ['IN (?, ?)', `[${a.value}, ${b.value}]`];
  const sql = `SELECT ${a.column} FROM ${a.table} WHERE ${a.column} ${among} ORDER BY ${a.column} FOR UPDATE`;
  return sql.includes(quote) ? undefined : `query(${quote}${sql}${quote}, ${values})`;
}

interface RowKey {
  readonly table: string;
  readonly column: string;
  readonly value: string;
  readonly isNumbered: boolean;
}

function keyOfRow(file: SourceFile, write: Operation): RowKey | undefined {
  const sql = sqlCallOf(file, write);
  if (sql === undefined || sql.holes !== undefined || write.effect.kind !== 'database') return undefined;
  const { table } = write.effect;
  const [key] = equalitiesOf(write.effect).filter(({ column }) => isOwnKey(column, table));
  const condition = sql.statement.conditions.find(({ column }) => column === key?.column);
  if (table === undefined || condition?.value.kind !== 'parameter') return undefined;
  const value = parameterAt(sql, condition.value.name);
  return value === undefined
    ? undefined
    : { table, column: condition.column, value: textOf(file, value), isNumbered: isNumbered(sql) };
}
