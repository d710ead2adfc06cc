/** Reads a text that has to parse, and shows ranges as the text they cover. */
import assert from 'node:assert/strict';
import { parseSql } from '../../server/src/sql/parse-sql.ts';
import type { SqlCondition, SqlDialect, SqlRange, SqlStatement, SqlValue } from '../../server/src/sql/statement.ts';

export function readSql(text: string, dialect?: SqlDialect): SqlStatement {
  const [statement] = parseSql(text, dialect) ?? [];
  assert.ok(statement, `not read: ${text}`);
  return statement;
}

export function covered(text: string, range: SqlRange): string {
  return text.slice(range.start, range.end);
}

export function shown(value: SqlValue | undefined): string {
  if (value === undefined) return '';
  switch (value.kind) {
    case 'parameter':
      return `<${value.name}>`;
    case 'literal':
      return JSON.stringify(value.value);
    case 'column':
      return value.table === undefined ? value.name : `${value.table}.${value.name}`;
    case 'subquery':
      return `subquery of ${value.statement.tables.map((table) => table.name).join()}`;
    case 'expression':
      return `${value.operator}(${value.operands.map(shown).join(' ')})`;
  }
}

export function condition({ table, column, operator, value }: SqlCondition): string {
  return `${table === undefined ? '' : `${table}.`}${column} ${operator} ${shown(value)}`;
}

export function conditions(statement: SqlStatement): string[] {
  return statement.conditions.map(condition);
}

export function assignments(statement: SqlStatement): string[] {
  return statement.assignments.map(
    ({ column, value, selfRelative, clause }) =>
      `${clause} ${column} = ${shown(value)}${selfRelative ? ' relative' : ''}`,
  );
}

export function tables(statement: SqlStatement): string[] {
  return statement.tables.map(({ role, schema, name, alias }) =>
    [role, schema === undefined ? name : `${schema}.${name}`, alias].filter((part) => part !== undefined).join(' '),
  );
}
