/**
 * Moves a guard into the write it guards, and looks at whether the write took place. The check before it stays: it
 * gives the early answer, the condition in the write is what holds under concurrency.
 */
import type { Operation } from '../analysis/fact.ts';
import { plainColumn } from '../analysis/protection.ts';
import type { Edit, Fix } from '../rule.ts';
import { addCondition, addReturning, setRelative } from '../sql/edit-sql.ts';
import type { Expression, ObjectExpression, SourceFile, Statement } from '../typescript/syntax.ts';
import { exitOf, isBounded, isColumnIn, ownStatement, type Requirement, requirementOn, rowsOf } from './guard-text.ts';
import { isNumber, isText } from './operand-type.ts';
import {
  callAt,
  childExpressions,
  edit,
  freshName,
  indentationAt,
  insert,
  layout,
  linesOf,
  newlineOf,
  partsOf,
  quoteOf,
  semicolonOf,
  statementAround,
  textOf,
} from './source-edit.ts';
import { inFile, isNumbered, parameterAt, placeholderFor, type SqlCall, sqlCallOf } from './sql-call.ts';

/** `n - amount`: what is added to or taken from the column. */
export interface Change {
  readonly operator: '+' | '-';
  readonly amount: string;
  /** `+` may join strings, which the database does in another way. */
  readonly mayBeText: boolean;
}

export function changeOf(file: SourceFile, value: Expression | undefined, column: string): Change | undefined {
  if (value?.kind !== 'binary' || (value.operator !== '-' && value.operator !== '+')) return undefined;
  const { operator } = value;
  const isLeft = isColumnIn(file, value.left, column);
  if (!isLeft && (operator === '-' || !isColumnIn(file, value.right, column))) return undefined;
  const operand = isLeft ? value.right : value.left;
  if (operator === '+' && isText(file, operand)) return undefined;
  return { operator, amount: textOf(file, operand), mayBeText: operator === '+' && !isNumber(file, operand) };
}

// ---------------------------------------------------------------- SQL text

/** `SET balance = $1` with `[balance - amount]` becomes `SET balance = balance - $1` with `[amount]`. */
function relativeEdits(
  sql: SqlCall,
  column: string,
): { edits: Edit[]; placeholder: string; amount: string; mayBeText: boolean; remains: boolean } | undefined {
  const assignment = sql.statement.assignments.find(
    (candidate) => candidate.clause === 'set' && plainColumn(candidate.column) === plainColumn(column),
  );
  if (assignment?.value.kind !== 'parameter' || !/^\d+$/.test(assignment.value.name)) return undefined;
  const expression = parameterAt(sql, assignment.value.name);
  const computed = computedHere(sql.file, expression, column);
  if (expression === undefined || computed === undefined) return undefined;
  const { change } = computed;
  const placeholder = isNumbered(sql) ? `$${assignment.value.name}` : '?';
  // The number may be used elsewhere in the statement with its old meaning.
  if (sql.text.split(placeholder).length > 2 && isNumbered(sql)) return undefined;
  const edits = inFile(
    sql,
    setRelative(sql.text, sql.statement, assignment.column, `${assignment.column} ${change.operator} ${placeholder}`),
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

/**
 * The change that a value makes to the column: the value itself, or the local it was put into. A local that nothing else
 * uses goes; `remains` when something else still uses the value that was computed here.
 */
export function computedHere(
  file: SourceFile,
  value: Expression | undefined,
  column: string,
): { change: Change; edits: readonly Edit[]; remains: boolean } | undefined {
  const direct = changeOf(file, value, column);
  if (direct !== undefined) return { change: direct, edits: [], remains: false };
  if (value?.kind !== 'identifier' || value.variable === undefined) return undefined;
  const local = localConstant(file, value.variable);
  const change = changeOf(file, local?.initializer, column);
  if (local === undefined || change === undefined) return undefined;
  if (usesOf(file, value.variable) > 1) return { change, edits: [], remains: true };
  return { change, edits: [edit(file, linesOf(file, local.statement), '')], remains: false };
}

/** `const next = …;` as a statement of its own. */
function localConstant(file: SourceFile, index: number): { initializer: Expression; statement: Statement } | undefined {
  const variable = file.variables[index];
  if (variable?.initializer === undefined || variable.reassigned || variable.kind === 'var') return undefined;
  const statement = statementAround(file, variable.at)?.statement;
  return statement?.kind === 'variable' && statement.declarations.length === 1
    ? { initializer: variable.initializer, statement }
    : undefined;
}

/** How often a variable is read, in the whole file. */
function usesOf(file: SourceFile, index: number): number {
  const inExpression = (expression: Expression): number =>
    expression.kind === 'identifier'
      ? Number(expression.variable === index)
      : childExpressions(expression).reduce((sum, child) => sum + inExpression(child), 0);
  const inList = (list: readonly Statement[]): number =>
    list.reduce((sum, statement) => {
      const { expressions, lists } = partsOf(statement);
      const own = expressions.reduce((part, expression) => part + inExpression(expression), 0);
      return sum + own + lists.reduce((part, inner) => part + inList(inner), 0);
    }, 0);
  return file.functions.reduce((sum, { body }) => sum + inList(body), 0);
}

/** For a value computed from the old one: computed by the database instead; with the guard, when there is one, in the WHERE. */
export function atomicSql(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  const sql = sqlCallOf(file, write);
  const relative = sql === undefined ? undefined : relativeEdits(sql, column);
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
    requirement.other === relative.amount
      ? { placeholder: relative.placeholder, edits: [] }
      : placeholderFor(sql, requirement.other);
  if (placeholder === undefined) return [];
  return guarded(sql, read, write, column, requirement, placeholder, relative.edits);
}

/** For a write that is relative or constant already: the guard goes into its WHERE. */
export function conditionalSql(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  const sql = sqlCallOf(file, write);
  const requirement = sql === undefined ? undefined : requirementOn(file, read, write, column);
  if (sql === undefined || requirement === undefined) return [];
  const placeholder = placeholderFor(sql, requirement.other);
  return placeholder === undefined ? [] : guarded(sql, read, write, column, requirement, placeholder, []);
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
  if (!isNumbered(sql)) return [];
  const name = spelledColumn(sql, column);
  const condition = addCondition(
    text,
    statement,
    `${name} ${requirement.operator === '!=' ? '<>' : requirement.operator} ${given.placeholder}`,
  );
  const returning = addReturning(text, statement, [name]);
  const outcome = outcomeEdits(file, read, write, requirement);
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
  const rows = rowsOf(read, [requirement.guard]) === 'array' ? '' : '.rows';
  return afterOutcome(file, write, requirement, (name) => `${name}${rows}.length === 0`);
}

/** Names what the write's statement gives and leaves, as the guard does, when `test` of it holds. */
export function afterOutcome(
  file: SourceFile,
  write: Operation,
  requirement: Pick<Requirement, 'guard'> | undefined,
  test: (name: string) => string,
): Edit[] | undefined {
  const statement = ownStatement(file, write);
  if (statement === undefined) return undefined;
  const name = freshName(file, 'updated');
  const quote = quoteOf(file);
  const end = semicolonOf(file);
  const exit =
    (requirement === undefined ? undefined : exitOf(file, requirement.guard)) ??
    `throw new Error(${quote}The row has changed in the meantime${quote})${end}`;
  const indent = indentationAt(file, statement.start);
  return [
    insert(file, statement.start, `const ${name} = `),
    insert(file, statement.end, `${newlineOf(file)}${layout(file, indent, [`if (${test(name)}) ${exit}`])}`),
  ];
}

// ---------------------------------------------------------------- options objects

/** The object under a key of the call's first argument. */
export function optionObject(file: SourceFile, write: Operation, key: string): ObjectExpression | undefined {
  const call = callAt(file, write.span);
  const [first] = call?.args ?? [];
  if (first?.kind !== 'object') return undefined;
  const found = first.properties.find((property) => property.kind === 'property' && property.key === key);
  return found?.kind === 'property' && found.value.kind === 'object' ? found.value : undefined;
}

/** The value that an object gives a column. */
export function propertyValue(object: ObjectExpression | undefined, column: string): Expression | undefined {
  const found = object?.properties.find((property) => property.kind === 'property' && property.key === column);
  return found?.kind === 'property' ? found.value : undefined;
}

/** Adds a property at the end of an object, on a line of its own where the others are. */
export function addProperty(file: SourceFile, object: ObjectExpression, text: string): Edit {
  const last = object.properties.at(-1);
  if (last === undefined) return edit(file, object, `{ ${text} }`);
  const between = file.text.slice(object.start, last.span.start);
  const separator = between.includes('\n') ? `,${newlineOf(file)}${indentationAt(file, last.span.start)}` : ', ';
  return insert(file, last.span.end, `${separator}${text}`);
}
