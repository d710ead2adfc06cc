/** `row.n + amount`: a value that is the column's old one and something added to it or taken from it. */
import type { ColumnSchema } from '../analysis/schema.ts';
import type { Edit } from '../rule.ts';
import type { Expression, SourceFile, Statement } from '../typescript/syntax.ts';
import { isColumnIn } from './guard-text.ts';
import { isNumber, isText } from './operand-type.ts';
import { childExpressions, edit, linesOf, partsOf, statementAround, textOf } from './source-edit.ts';

/** What is added to or taken from the column. */
export interface Change {
  readonly operator: '+' | '-';
  readonly amount: string;
  /** `+` may join strings, which the database does in another way. */
  readonly mayBeText: boolean;
  /** `(row.n ?? 0) + amount`, or a column that may be NULL by its schema: to the program that is nothing, to SQL the sum is NULL. */
  readonly fromNull: boolean;
}

/** Of the variables that hold the row, where these are known. */
export function changeOf(
  file: SourceFile,
  value: Expression | undefined,
  column: string,
  variables?: ReadonlySet<number>,
): Change | undefined {
  if (value?.kind !== 'binary' || (value.operator !== '-' && value.operator !== '+')) return undefined;
  const { operator } = value;
  const [left, right] = [orNothing(value.left), orNothing(value.right)];
  const isLeft = isColumnIn(file, left, column, variables);
  const isRight = isColumnIn(file, right, column, variables);
  // `item.quantity + line.quantity`: the names do not say which is the stored one.
  if ((isLeft && isRight && operator === '+') || (!isLeft && (operator === '-' || !isRight))) return undefined;
  const operand = isLeft ? value.right : value.left;
  if (operator === '+' && isText(file, operand)) return undefined;
  const fromNull = isLeft ? left !== value.left : right !== value.right;
  const mayBeText = operator === '+' && !fromNull && !isNumber(file, operand);
  return { operator, amount: textOf(file, operand), mayBeText, fromNull };
}

/** `row.n` of `row.n ?? 0`. */
function orNothing(expression: Expression): Expression {
  if (expression.kind !== 'logical' || expression.operator === '&&') return expression;
  return expression.right.kind === 'literal' && expression.right.value === 0 ? expression.left : expression;
}

/** With what the schema says of the column; undefined for one that holds no number. */
export function changeIn(schema: ColumnSchema | undefined, change: Change): Change | undefined {
  if (schema === undefined) return change;
  const { kind, nullable } = schema;
  if (kind !== undefined && kind !== 'number') return undefined;
  return {
    ...change,
    mayBeText: change.mayBeText && kind !== 'number',
    fromNull: nullable ?? change.fromNull,
  };
}

/** The amount with its sign, for what can only add. */
export function signed({ operator, amount }: Change): string {
  if (operator === '+') return amount;
  return /^[\w$.]+$/.test(amount) ? `-${amount}` : `-(${amount})`;
}

export interface Computed {
  readonly change: Change;
  readonly edits: readonly Edit[];
  /** Something else still uses the value that was computed here. */
  readonly remains: boolean;
}

/** The change that a value makes to the column: the value itself, or the local it was put into, which goes when nothing else uses it. */
export function computedHere(
  file: SourceFile,
  value: Expression | undefined,
  column: string,
  variables?: ReadonlySet<number>,
): Computed | undefined {
  const direct = changeOf(file, value, column, variables);
  if (direct !== undefined) return { change: direct, edits: [], remains: false };
  if (value?.kind !== 'identifier' || value.variable === undefined) return undefined;
  const local = localConstant(file, value.variable);
  const change = changeOf(file, local?.initializer, column, variables);
  if (local === undefined || change === undefined) return undefined;
  if (usesOf(file, value.variable) > 1) return { change, edits: [], remains: true };
  return { change, edits: [edit(file, linesOf(file, local.statement), '')], remains: false };
}

/** `const next = …;` as a statement of its own. */
export function localConstant(
  file: SourceFile,
  index: number,
): { initializer: Expression; statement: Statement } | undefined {
  const variable = file.variables[index];
  if (variable?.initializer === undefined || variable.reassigned || variable.kind === 'var') return undefined;
  const statement = statementAround(file, variable.at)?.statement;
  return statement?.kind === 'variable' && statement.declarations.length === 1
    ? { initializer: variable.initializer, statement }
    : undefined;
}

/** How often a variable is read, in the whole file. */
export function usesOf(file: SourceFile, index: number): number {
  return placesOf(file, index).length;
}

/** Where a variable is read, in the whole file. */
export function placesOf(file: SourceFile, index: number): Expression[] {
  const inExpression = (expression: Expression): Expression[] =>
    expression.kind === 'identifier'
      ? expression.variable === index
        ? [expression]
        : []
      : childExpressions(expression).flatMap(inExpression);
  const inList = (list: readonly Statement[]): Expression[] =>
    list.flatMap((statement) => {
      const { expressions, lists } = partsOf(statement);
      return [...expressions.flatMap(inExpression), ...lists.flatMap(inList)];
    });
  return file.functions.flatMap(({ body }) => inList(body));
}
