/**
 * SQL text in literals: a column computed by the database, and checks that join the WHERE. The check before the write
 * stays: it gives the early answer, the condition in the write is what holds under concurrency.
 */
import type { DatabaseEffect, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { columnSchemaOf, isDatabaseOperation, plainColumn } from '../analysis/protection.ts';
import type { ColumnSchema } from '../analysis/schema.ts';
import type { Edit, Fix } from '../rule.ts';
import { addCondition, addReturning, setRelative } from '../sql/edit-sql.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import { type Change, type Computed, changeIn, computedHere } from './column-change.ts';
import {
  guardOn,
  isBounded,
  isSynchronous,
  type Requirement,
  requirementOn,
  requirementsOn,
  rowsOf,
} from './guard-text.ts';
import { afterOutcome } from './outcome.ts';
import { variablesOfRead } from './row-names.ts';
import { edit, insert, textOf } from './source-edit.ts';
import { inFile, isNumbered, parameterAt, placeholderFor, type SqlCall, sqlCallOf, takesValues } from './sql-call.ts';

interface RelativeEdits {
  readonly edits: readonly Edit[];
  readonly placeholder: string;
  readonly amount: string;
  readonly mayBeText: boolean;
  readonly remains: boolean;
}

/** `SET balance = $1` with `[balance - amount]` becomes `SET balance = balance - $1` with `[amount]`. */
function relativeEdits(
  sql: SqlCall,
  read: Operation,
  column: string,
  schema: ColumnSchema | undefined,
): RelativeEdits | undefined {
  const assignment = sql.statement.assignments.find(
    (candidate) => candidate.clause === 'set' && plainColumn(candidate.column) === plainColumn(column),
  );
  if (assignment?.value.kind !== 'parameter' || !/^(hole:)?\d+$/.test(assignment.value.name)) return undefined;
  const expression = parameterAt(sql, assignment.value.name);
  const computed = computedHere(sql.file, expression, column, variablesOfRead(sql.file, read));
  const change = computed === undefined ? undefined : changeIn(schema, computed.change);
  if (expression === undefined || computed === undefined || change === undefined) return undefined;
  if (sql.holes !== undefined) return relativeHole(sql, assignment.column, { ...computed, change });
  const placeholder = isNumbered(sql) ? `$${assignment.value.name}` : '?';
  // The number may be used elsewhere in the statement with its old meaning.
  if (sql.text.split(placeholder).length > 2 && isNumbered(sql)) return undefined;
  const edits = inFile(
    sql,
    setRelative(
      sql.text,
      sql.statement,
      assignment.column,
      `${oldValue(assignment.column, change)} ${change.operator} ${placeholder}`,
    ),
  );
  return edits.length === 0
    ? undefined
    : {
        edits: [...edits, edit(sql.file, expression, change.amount), ...computed.edits],
        placeholder,
        amount: change.amount,
        mayBeText: change.mayBeText,
        remains: computed.remains,
      };
}

function oldValue(column: string, { fromNull }: Change): string {
  return fromNull ? `COALESCE(${column}, 0)` : column;
}

/** `SET balance = ${balance - amount}` becomes `SET balance = balance - ${amount}`. */
function relativeHole(sql: SqlCall, column: string, computed: Computed): RelativeEdits | undefined {
  const { change } = computed;
  const placeholder = `\${${change.amount}}`;
  const text = `${oldValue(column, change)} ${change.operator} ${placeholder}`;
  const edits = inFile(sql, setRelative(sql.text, sql.statement, column, text));
  if (edits.length === 0) return undefined;
  const { amount, mayBeText } = change;
  return { edits: [...edits, ...computed.edits], placeholder, amount, mayBeText, remains: computed.remains };
}

/** For a value computed from the old one: computed by the database instead; with the guard, when there is one, in the WHERE. */
export function atomicSql(
  file: SourceFile,
  read: Operation,
  write: Operation,
  column: string,
  program: ProgramFacts,
): Fix[] {
  const sql = sqlCallOf(file, write);
  const schema = isDatabaseOperation(write) ? columnSchemaOf(write.effect, column, program) : undefined;
  const relative = sql === undefined ? undefined : relativeEdits(sql, read, column, schema);
  if (sql === undefined || relative === undefined) return [];
  const requirement = requirementOn(file, read, write, column);
  if (requirement === undefined) {
    if (isBounded(read, write, column)) return [];
    const fix = { id: 'atomic-update', title: `Let the database compute '${column}'`, edits: relative.edits } as const;
    const differences = [
      ...(relative.mayBeText ? ['What is added has to be a number.'] : []),
      ...(relative.remains ? ['The value computed here is used further and may differ from what is stored.'] : []),
    ];
    return differences.length > 0
      ? [{ ...fix, applicability: 'changes-behaviour', difference: differences.join(' ') }]
      : [{ ...fix, applicability: 'safe' }];
  }
  const placeholder =
    requirement.other === relative.amount && takesValues(sql)
      ? { placeholder: relative.placeholder, edits: [] }
      : valueFor(sql, requirement.other);
  if (placeholder === undefined) return [];
  return guarded(sql, read, write, column, requirement, placeholder, relative.edits);
}

/** For a write that is relative or constant already: the guard goes into its WHERE. */
export function conditionalSql(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  const sql = sqlCallOf(file, write);
  const [requirement] = requirementsOn(file, read, write, column).filter(({ operator }) => isSaid(operator));
  if (sql === undefined || requirement === undefined) return [];
  const placeholder = requirement.other === '' ? { placeholder: '', edits: [] } : valueFor(sql, requirement.other);
  return placeholder === undefined ? [] : guarded(sql, read, write, column, requirement, placeholder, []);
}

/** What a column alone is required to be is said for one that may be null only. */
function isSaid(operator: string): boolean {
  return operator !== 'truthy' && operator !== 'falsy';
}

function conditionText(name: string, { operator }: Requirement, placeholder: string): string {
  if (operator === 'null' || operator === 'not null') return `${name} IS ${operator.toUpperCase()}`;
  return `${name} ${operator === '!=' ? '<>' : operator} ${placeholder}`;
}

function guarded(
  sql: SqlCall,
  read: Operation,
  write: Operation,
  column: string,
  requirement: Requirement,
  given: { placeholder: string; edits: readonly Edit[] },
  others: readonly Edit[],
): Fix[] {
  const { file, text, statement } = sql;
  const name = spelledColumn(sql, column);
  const condition = addCondition(text, statement, conditionText(name, requirement, given.placeholder));
  const returning = givesCount(write) || !takesValues(sql) ? [] : addReturning(text, statement, [name]);
  const outcome = takesValues(sql) ? outcomeEdits(file, read, write, requirement) : countEdits(sql, write, requirement);
  const edits = inFile(sql, merged([...condition, ...returning]));
  if (condition.length === 0 || edits.length === 0 || outcome === undefined) return [];
  return [
    {
      id: 'conditional-update',
      title: `Repeat the check of '${column}' in the WHERE and look at the outcome`,
      applicability: 'changes-behaviour',
      difference: 'When another run came first, the write does nothing and the code after it is not reached.',
      edits: [...edits, ...given.edits, ...others, ...outcome],
    },
  ];
}

/** One more value of the condition, which stands last in the statement: so does the value where values are told by their place. */
function valueFor(sql: SqlCall, value: string): { placeholder: string; edits: readonly Edit[] } | undefined {
  if (takesValues(sql)) return placeholderFor(sql, value);
  const last = sql.parameters?.at(-1);
  const isLast = !/\b(limit|order\s+by|returning)\b/i.test(sql.text);
  return last === undefined || last.kind === 'spread-expression' || !isLast
    ? undefined
    : { placeholder: '?', edits: [insert(sql.file, last.end, `, ${value}`)] };
}

/** MySQL and SQLite say how many rows a statement has changed. */
function countEdits({ file, call }: SqlCall, write: Operation, { guard }: Requirement): Edit[] | undefined {
  if (isSynchronous(write)) return afterOutcome(file, write, guard, (name) => `${name}.changes === 0`);
  // Without the type argument its result is one of several.
  const isTyped = file.language === 'javascript' || /^[\w.]*<ResultSetHeader>\(/.test(textOf(file, call));
  if (!/^mysql2?(\/promise)?#/.test(write.model) || !isTyped) return undefined;
  return afterOutcome(
    file,
    write,
    guard,
    (name) => `${name}.affectedRows === 0`,
    (name) => `[${name}]`,
  );
}

/** For a row found in a state: the state is asked for again where it is taken out of it. The write's statement looks at the outcome. */
export function claimSql(file: SourceFile, read: Operation, write: Operation, columns: readonly string[]): Edit[] {
  const sql = sqlCallOf(file, write);
  const guard = guardOn(read, write, file, 'present', 'amount');
  if (sql === undefined || guard === undefined || !isDatabaseOperation(read)) return [];
  const conditions = columns.map((column) => stateText(read.effect, column));
  if (conditions.length === 0 || conditions.includes(undefined)) return [];
  const returned = spelledColumn(sql, columns[0] ?? '');
  const edits = inFile(
    sql,
    merged([
      ...addCondition(sql.text, sql.statement, conditions.join(' AND ')),
      ...addReturning(sql.text, sql.statement, [returned]),
    ]),
  );
  const rows = rowsOf(read, [guard]) === 'array' ? '' : '.rows';
  const outcome = afterOutcome(file, write, guard, (name) => `${name}${rows}.length === 0`);
  return edits.length === 0 || outcome === undefined ? [] : [...edits, ...outcome];
}

/** `redeemed_at IS NULL`; undefined for a state that is no fixed one. */
function stateText({ where }: DatabaseEffect, column: string): string | undefined {
  const asked = (where ?? []).filter((condition) => plainColumn(condition.column) === plainColumn(column));
  const [only] = asked;
  if (asked.length !== 1 || only === undefined) return undefined;
  const operator = only.operator.toLowerCase();
  if (operator === 'is null' || operator === 'is not null') return `${only.column} ${operator.toUpperCase()}`;
  if (operator !== '=' || only.value.kind !== 'constant') return undefined;
  const { value } = only.value;
  if (typeof value === 'number' || typeof value === 'boolean') return `${only.column} = ${value}`;
  return typeof value === 'string' && /^[\w -]*$/.test(value) ? `${only.column} = '${value}'` : undefined;
}

/** Two insertions at one place are one. */
function merged<T extends { range: { start: number; end: number }; text: string }>(
  edits: readonly T[],
): { range: { start: number; end: number }; text: string }[] {
  const found: { range: { start: number; end: number }; text: string }[] = [];
  for (const { range, text } of edits) {
    const same = found.find(
      (other) => other.range.start === range.start && other.range.end === range.end && range.start === range.end,
    );
    if (same === undefined) found.push({ range, text });
    else same.text += text;
  }
  return found;
}

function spelledColumn({ statement }: SqlCall, column: string): string {
  const wanted = plainColumn(column);
  return statement.assignments.find((candidate) => plainColumn(candidate.column) === wanted)?.column ?? column;
}

/** `const updated = await …; if (updated.rows.length === 0) throw …`. */
function outcomeEdits(
  file: SourceFile,
  read: Operation,
  write: Operation,
  requirement: Requirement,
): Edit[] | undefined {
  if (givesCount(write)) return afterOutcome(file, write, requirement.guard, (name) => `${name} === 0`);
  // What it gives for an update depends on the database.
  if (write.model.startsWith('typeorm#')) return undefined;
  const rows = rowsOf(read, [requirement.guard]) === 'array' ? '' : '.rows';
  return afterOutcome(file, write, requirement.guard, (name) => `${name}${rows}.length === 0`);
}

/** Prisma says how many rows a statement changed, and gives none of them. */
function givesCount({ name }: Operation): boolean {
  return name === '$executeRaw';
}
