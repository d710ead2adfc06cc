/** `{ ...row.settings, theme }`: keys merged into a JSON column by PostgreSQL instead of by the program. */
import type { Operation } from '../analysis/fact.ts';
import { plainColumn } from '../analysis/protection.ts';
import type { Fix } from '../rule.ts';
import { setRelative } from '../sql/edit-sql.ts';
import type { Expression, SourceFile } from '../typescript/syntax.ts';
import { isColumnIn } from './guard-text.ts';
import { removeProperty } from './object-edit.ts';
import { variablesOfRead } from './row-names.ts';
import { childExpressions } from './source-edit.ts';
import { inFile, isNumbered, parameterAt, sqlCallOf } from './sql-call.ts';

/** `SET settings = $1` becomes `SET settings = settings || $1::jsonb`, with the new keys alone as the parameter. */
export function mergeJson(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  const sql = sqlCallOf(file, write);
  const assignment = sql?.statement.assignments.find(
    (candidate) => candidate.clause === 'set' && plainColumn(candidate.column) === plainColumn(column),
  );
  if (sql === undefined || !isNumbered(sql) || assignment?.value.kind !== 'parameter') return [];
  const given = parameterAt(sql, assignment.value.name);
  const value = given?.kind === 'call' && given.args.length === 1 && isStringify(given) ? given.args[0] : given;
  if (value?.kind !== 'object' || read.at.path !== file.path) return [];
  const [first, ...others] = value.properties;
  if (
    first?.kind !== 'spread' ||
    others.length === 0 ||
    !isColumnIn(file, base(first.value), column, variablesOfRead(file, read))
  )
    return [];
  if (others.some((property) => mentions(file, property.value, column))) return [];
  const name = assignment.column;
  const placeholder = `$${assignment.value.name}`;
  const merged = `COALESCE(${name}, '{}'::jsonb) || ${placeholder}::jsonb`;
  const quoted = sql.quote === "'" ? `${name} || ${placeholder}::jsonb` : merged;
  const edits = inFile(sql, setRelative(sql.text, sql.statement, assignment.column, quoted));
  if (edits.length === 0) return [];
  return [
    {
      id: 'merge-json',
      title: `Let the database merge the keys into '${column}'`,
      applicability: 'changes-behaviour',
      difference:
        quoted === merged
          ? 'Keys that were read and not changed here keep what others have stored; the column has to be jsonb.'
          : 'Keys that were read and not changed here keep what others have stored; the column has to be jsonb and not null.',
      edits: [...edits, removeProperty(file, value, first)],
    },
  ];
}

function isStringify({ callee }: Extract<Expression, { kind: 'call' }>): boolean {
  return callee.kind === 'member' && callee.name === 'stringify';
}

/** `row.settings ?? {}`. */
function base(expression: Expression): Expression {
  return expression.kind === 'logical' && expression.operator !== '&&' ? base(expression.left) : expression;
}

function mentions(file: SourceFile, expression: Expression, column: string): boolean {
  return (
    isColumnIn(file, expression, column) || childExpressions(expression).some((part) => mentions(file, part, column))
  );
}
