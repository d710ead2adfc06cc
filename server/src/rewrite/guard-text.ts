/**
 * What a guard requires of a column, in the words of the source: `balance >= amount` of `if (balance < amount) throw`.
 */
import type { Guard, Operation } from '../analysis/fact.ts';
import { columnsRead, partsRead, plainColumn } from '../analysis/protection.ts';
import { walkValue } from '../analysis/value.ts';
import type { Expression, SourceFile, Statement } from '../typescript/syntax.ts';
import { childExpressions, enclosingStatements, expressionsAround, statementAround, textOf } from './source-edit.ts';

export interface Requirement {
  /** `>=`, `=`, `!=`: the column on the left. */
  readonly operator: string;
  readonly other: string;
  readonly otherExpression: Expression;
  readonly guard: Guard;
}

const NEGATED: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '=': '!=', '!=': '=' };
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '!=': '!=' };

/** The first guard of the write that compares the column with something else. */
export function requirementOn(
  file: SourceFile,
  read: Operation,
  write: Operation,
  column: string,
): Requirement | undefined {
  for (const guard of write.guards) {
    if (
      guard.at.path !== file.path ||
      !columnsRead(guard.test, read).some((name) => plainColumn(name) === plainColumn(column))
    )
      continue;
    // A part of `a || b` that must fail, or of `a && b` that must hold.
    const test = expressionsAround(file, guard.at).find(
      (part) => part.start === guard.at.start && part.end === guard.at.end,
    );
    const found = test === undefined ? undefined : comparisonIn(test, guard.holds, file, column);
    if (found !== undefined) return { ...found, guard };
  }
  return undefined;
}

function comparisonIn(
  test: Expression,
  holds: boolean,
  file: SourceFile,
  column: string,
): Omit<Requirement, 'guard'> | undefined {
  if (test.kind === 'unary' && test.operator === '!') return comparisonIn(test.operand, !holds, file, column);
  if (test.kind === 'logical' && (test.operator === '&&') === holds && test.operator !== '??') {
    return comparisonIn(test.left, holds, file, column) ?? comparisonIn(test.right, holds, file, column);
  }
  if (test.kind !== 'binary') return undefined;
  const plain = test.operator.replace(/^[=!]==?$/, (text) => (text.startsWith('!') ? '!=' : '='));
  const negated = NEGATED[plain];
  const mirrored = MIRRORED[plain];
  if (negated === undefined || mirrored === undefined) return undefined;
  const isLeft = isColumnIn(file, test.left, column);
  if (!isLeft && !isColumnIn(file, test.right, column)) return undefined;
  const otherExpression = isLeft ? test.right : test.left;
  if (isNothing(otherExpression)) return undefined;
  const operator = isLeft ? plain : mirrored;
  return {
    operator: holds ? operator : (NEGATED[operator] ?? operator),
    other: textOf(file, otherExpression),
    otherExpression,
  };
}

/** `balance`, `account.balance`, `rows[0].balance`, `Number(account.balance)`; not a local computed from it. */
export function isColumnIn(file: SourceFile, expression: Expression, column: string): boolean {
  if (expression.kind === 'identifier') {
    const variable = expression.variable === undefined ? undefined : file.variables[expression.variable];
    if (variable?.reassigned === true) return false;
    if (variable?.initializer !== undefined) return isColumnIn(file, variable.initializer, column);
    return plainColumn(expression.name) === plainColumn(column);
  }
  if (expression.kind === 'member') return plainColumn(expression.name) === plainColumn(column);
  if (expression.kind === 'call' && expression.args.length === 1 && !expression.isNew) {
    const name = expression.callee.kind === 'identifier' ? expression.callee.name : '';
    const [only] = expression.args;
    return (
      /^(Number|BigInt|parseInt|parseFloat|String)$/.test(name) && only !== undefined && isColumnIn(file, only, column)
    );
  }
  return false;
}

/** `=` and `<>` with NULL hold for no row. */
function isNothing(expression: Expression): boolean {
  return (
    (expression.kind === 'literal' && expression.value === null) ||
    (expression.kind === 'identifier' && expression.name === 'undefined')
  );
}

/** Whether a guard of the write compares something computed from the column, so that the check belongs into the write. */
export function isBounded(read: Operation, write: Operation, column: string): boolean {
  return write.guards.some(({ test }) => {
    let bounded = false;
    walkValue(test, (part) => {
      if (part.kind === 'computed' && /^[<>]=?$/.test(part.operator))
        bounded ||= columnsRead(part, read).some((name) => plainColumn(name) === plainColumn(column));
      return bounded;
    });
    return bounded;
  });
}

/** Whether an expression mentions anything that only exists once the read is done. */
export function mentionsRead(expression: Expression, names: ReadonlySet<string>): boolean {
  if (expression.kind === 'identifier') return names.has(expression.name);
  return childExpressions(expression).some((child) => mentionsRead(child, names));
}

/** What the code does when the guard fails: `return null;`, `throw new Error('…');`. */
export function exitOf(file: SourceFile, guard: Guard): string | undefined {
  const around = enclosingStatements(file, guard.at).find(({ statement }) => statement.kind === 'if')?.statement;
  if (around?.kind !== 'if') return undefined;
  const branch: readonly Statement[] = guard.holds ? around.else : around.then;
  const [only] = branch;
  if (branch.length !== 1 || only === undefined || (only.kind !== 'return' && only.kind !== 'throw')) return undefined;
  return textOf(file, only);
}

/** The place of a write that is a statement of its own: `await db.query(…);`. */
export function ownStatement(
  file: SourceFile,
  write: Operation,
): { start: number; end: number; text: string } | undefined {
  const place = statementAround(file, write.span);
  if (write.chain.length > 0 || place?.statement.kind !== 'expression') return undefined;
  const { expression } = place.statement;
  const isAwaited =
    expression.kind === 'await' &&
    expression.operand.start === write.span.start &&
    expression.operand.end === write.span.end;
  return isAwaited
    ? { start: place.statement.start, end: place.statement.end, text: textOf(file, expression) }
    : undefined;
}

/** How the code reaches into what a query gives: `result.rows`, or the array itself. */
export function rowsOf(read: Operation, tests: readonly Guard[]): 'rows' | 'array' {
  const [first] = tests.flatMap(({ test }) => partsRead(test, read));
  return first !== undefined && /^\d+$/.test(first[0] ?? '') ? 'array' : 'rows';
}
