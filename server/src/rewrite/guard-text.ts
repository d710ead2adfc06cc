/**
 * What a guard requires of a column, in the words of the source: `balance >= amount` of `if (balance < amount) throw`;
 * and what the code does when it does not hold.
 */
import type { Guard, Operation } from '../analysis/fact.ts';
import { type GuardMeaning, meaningsOf } from '../analysis/guard-meaning.ts';
import { columnsRead, partsRead, plainColumn } from '../analysis/protection.ts';
import { walkValue } from '../analysis/value.ts';
import type { Expression, SourceFile, Statement } from '../typescript/syntax.ts';
import { isFrom, variablesOfRead } from './row-names.ts';
import {
  childExpressions,
  dedented,
  enclosingStatements,
  expressionsAround,
  functionAround,
  partsOf,
  quoteOf,
  semicolonOf,
  statementAround,
  textOf,
} from './source-edit.ts';

export interface Requirement {
  readonly column: string;
  /** `>=`, `=`, `!=`: the column on the left. `truthy`, `falsy`: of the column alone. */
  readonly operator: string;
  /** Empty for the column alone. */
  readonly other: string;
  readonly otherExpression?: Expression;
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
  return requirementsOn(file, read, write, column).find(({ operator }) => NEGATED[operator] !== undefined);
}

/** All that the guards of the write require of the column. */
export function requirementsOn(file: SourceFile, read: Operation, write: Operation, column: string): Requirement[] {
  const of = { file, column, variables: variablesOfRead(file, read) };
  return write.guards.flatMap((guard) => {
    const test = testOf(file, guard, read, column);
    return test === undefined ? [] : comparisonsIn(test, guard.holds, of).map((found) => ({ ...found, column, guard }));
  });
}

/** The guard's condition, when it looks at the column of the row that was read. */
function testOf(file: SourceFile, guard: Guard, read: Operation, column: string): Expression | undefined {
  if (guard.at.path !== file.path) return undefined;
  if (!columnsRead(guard.test, read).some((name) => plainColumn(name) === plainColumn(column))) return undefined;
  return expressionsAround(file, guard.at).find((part) => part.start === guard.at.start && part.end === guard.at.end);
}

/**
 * The column is required to be as it was when the guard looked at it, whatever the guard asks: `status = order.status`.
 * For a guard that is a call, `isClosed(order.status)`.
 */
export function unchangedSince(
  file: SourceFile,
  read: Operation,
  write: Operation,
  column: string,
): Requirement | undefined {
  for (const guard of write.guards) {
    const test = testOf(file, guard, read, column);
    const seen = test === undefined ? undefined : memberIn(test, column, variablesOfRead(file, read));
    if (seen === undefined || isAssigned(file, seen)) continue;
    return { column, operator: '=', other: textOf(file, seen), otherExpression: seen, guard };
  }
  return undefined;
}

function memberIn(
  expression: Expression,
  column: string,
  variables: ReadonlySet<number> | undefined,
): Expression | undefined {
  if (
    expression.kind === 'member' &&
    plainColumn(expression.name) === plainColumn(column) &&
    expression.object.kind === 'identifier' &&
    (variables === undefined || isFrom(expression, variables))
  )
    return expression;
  for (const child of childExpressions(expression)) {
    const found = memberIn(child, column, variables);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `order.status = …` somewhere: the name no longer says what was read. */
function isAssigned(file: SourceFile, seen: Expression): boolean {
  const text = textOf(file, seen).replaceAll(/[.$?]/g, '\\$&');
  return new RegExp(`(?<![\\w$.])${text}\\s*([-+*/%|&?]*=(?![=>])|\\+\\+|--)`).test(file.text);
}

/** Parts of `a || b` that must fail, and of `a && b` that must hold, each for itself. */
function comparisonsIn(
  test: Expression,
  holds: boolean,
  of: { file: SourceFile; column: string; variables: ReadonlySet<number> | undefined },
): Omit<Requirement, 'guard' | 'column'>[] {
  const { file, column, variables } = of;
  if (test.kind === 'unary' && test.operator === '!') return comparisonsIn(test.operand, !holds, of);
  if (test.kind === 'logical' && (test.operator === '&&') === holds && test.operator !== '??') {
    return [test.left, test.right].flatMap((part) => comparisonsIn(part, holds, of));
  }
  if (test.kind !== 'binary') {
    return isColumnIn(file, test, column, variables) ? [{ operator: holds ? 'truthy' : 'falsy', other: '' }] : [];
  }
  const plain = test.operator.replace(/^[=!]==?$/, (text) => (text.startsWith('!') ? '!=' : '='));
  const negated = NEGATED[plain];
  const mirrored = MIRRORED[plain];
  if (negated === undefined || mirrored === undefined) return [];
  const isLeft = isColumnIn(file, test.left, column, variables);
  // One of them, or the names do not say which is the stored one.
  if (isLeft === isColumnIn(file, test.right, column, variables)) return [];
  const otherExpression = isLeft ? test.right : test.left;
  const operator = isLeft ? plain : mirrored;
  const required = holds ? operator : (NEGATED[operator] ?? operator);
  if (isNothing(otherExpression)) {
    if (required !== '=' && required !== '!=') return [];
    return [{ operator: required === '=' ? 'null' : 'not null', other: '' }];
  }
  return [{ operator: required, other: textOf(file, otherExpression), otherExpression }];
}

/** `balance`, `account.balance`, `rows[0].balance`, `Number(account.balance)`, of the variables where these are known; not a local computed from it. */
export function isColumnIn(
  file: SourceFile,
  expression: Expression,
  column: string,
  variables?: ReadonlySet<number>,
): boolean {
  if (expression.kind === 'identifier') {
    const variable = expression.variable === undefined ? undefined : file.variables[expression.variable];
    if (variable?.reassigned === true) return false;
    if (variable?.initializer !== undefined) return isColumnIn(file, variable.initializer, column, variables);
    if (plainColumn(expression.name) !== plainColumn(column)) return false;
    // A parameter of that name is what the caller gives.
    return variables === undefined ? variable?.kind !== 'parameter' : isFrom(expression, variables);
  }
  if (expression.kind === 'member') {
    return (
      plainColumn(expression.name) === plainColumn(column) && (variables === undefined || isFrom(expression, variables))
    );
  }
  if (expression.kind === 'call' && expression.args.length === 1 && !expression.isNew) {
    const name = expression.callee.kind === 'identifier' ? expression.callee.name : '';
    const [only] = expression.args;
    return (
      /^(Number|BigInt|parseInt|parseFloat|String)$/.test(name) &&
      only !== undefined &&
      isColumnIn(file, only, column, variables)
    );
  }
  return false;
}

function isNothing(expression: Expression): boolean {
  return (
    (expression.kind === 'literal' && (expression.value === null || expression.value === undefined)) ||
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

/** The `if` that a guard is the test of, or a part of the test of. */
export function ifOf(file: SourceFile, guard: Guard): (Statement & { kind: 'if' }) | undefined {
  if (guard.at.path !== file.path) return undefined;
  const around = enclosingStatements(file, guard.at).find(({ statement }) => statement.kind === 'if')?.statement;
  if (around?.kind !== 'if') return undefined;
  return around.test.start <= guard.at.start && guard.at.end <= around.test.end ? around : undefined;
}

/** What the code does when the guard fails: `return null;`, `throw new Error('…');`. */
export function exitOf(file: SourceFile, guard: Guard): string | undefined {
  const [only, ...others] = exitStatements(file, guard);
  return only === undefined || others.length > 0 ? undefined : textOf(file, only);
}

/** The same, with what comes before it: `log('…'); return null;`. */
export function exitLines(file: SourceFile, guard: Guard): string[] {
  return exitStatements(file, guard).flatMap((statement) => dedented(file, statement));
}

function exitStatements(file: SourceFile, guard: Guard): readonly Statement[] {
  const around = ifOf(file, guard);
  if (around === undefined) return [];
  const branch = guard.holds ? around.else : around.then;
  const last = branch.at(-1);
  if (last === undefined || (last.kind !== 'return' && last.kind !== 'throw')) return [];
  return branch.slice(0, -1).every(({ kind }) => kind === 'expression') ? branch : [];
}

/** Where code of the write's function goes when what the guards asked no longer holds: as a guard goes, or it throws. */
export function exitFor(file: SourceFile, write: Operation, guard: Guard | undefined): readonly string[] {
  const thrown = `throw new Error(${quoteOf(file)}The row has changed in the meantime${quoteOf(file)})${semicolonOf(file)}`;
  if (guard === undefined) return [thrown];
  const lines = exitLines(file, guard);
  // `return` in a callback of its own, a transaction's, would leave that alone.
  const isSame = functionAround(file, guard.at)?.index === functionAround(file, write.span)?.index;
  return lines.length > 0 && (isSame || lines.some((line) => line.startsWith('throw '))) ? lines : [thrown];
}

/** `if (test) exit`, in one line or as a block. */
export function exitWhen(test: string, exit: readonly string[]): string[] {
  const [only, ...others] = exit;
  if (only === undefined) return [];
  if (others.length === 0) return [`if (${test}) ${only}`];
  return [`if (${test}) {`, ...exit.map((line) => `  ${line}`), '}'];
}

/** The place of a write that is a statement of its own: `await db.query(…);`. */
export function ownStatement(
  file: SourceFile,
  write: Operation,
): { start: number; end: number; text: string } | undefined {
  const place = statementAround(file, write.span);
  if (write.chain.length > 0 || place?.statement.kind !== 'expression') return undefined;
  const { expression } = place.statement;
  const call = expression.kind === 'await' ? expression.operand : isSynchronous(write) ? expression : undefined;
  return call !== undefined && isSpan(call, write.span)
    ? { start: place.statement.start, end: place.statement.end, text: textOf(file, expression) }
    : undefined;
}

/** It has run when the call returns; others that are not awaited may be running still. */
export function isSynchronous({ model }: Operation): boolean {
  return /^(better-sqlite3|node:sqlite)#/.test(model);
}

export function isSpan(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return a.start === b.start && a.end === b.end;
}

/** How the code reaches into what a query gives: `result.rows`, or the array itself. */
export function rowsOf(read: Operation, tests: readonly Guard[]): 'rows' | 'array' {
  const [first] = tests.flatMap(({ test }) => partsRead(test, read));
  return first !== undefined && /^\d+$/.test(first[0] ?? '') ? 'array' : 'rows';
}

/** The guard of the write that says this of what was read: that it is there, that it is not, how many there are. */
export function guardOn(
  read: Operation,
  write: Operation,
  file: SourceFile,
  ...kinds: readonly GuardMeaning['kind'][]
): Guard | undefined {
  return write.guards.find(
    (guard) => guard.at.path === file.path && meaningsOf(guard, read).some(({ kind }) => kinds.includes(kind)),
  );
}

/** Whether statements leave by `return`, `break` or `continue` beyond themselves; a function inside is none of them. */
export function leaves(list: readonly Statement[], loops = 0): boolean {
  return list.some((statement) => {
    if (statement.kind === 'return') return true;
    if (statement.kind === 'break' || statement.kind === 'continue')
      return loops === 0 || statement.label !== undefined;
    const inner = statement.kind === 'loop' || statement.kind === 'switch' ? loops + 1 : loops;
    return partsOf(statement).lists.some((part) => leaves(part, inner));
  });
}
