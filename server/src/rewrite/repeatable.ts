/**
 * Whether a piece of code may run once more after a rollback. Queries are taken back; what was sent, stored or counted
 * elsewhere is not. Errs towards no: fixture test/rules/deadlock/no-victim-retry/not-repeatable.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import { outsideEffectOf } from '../analysis/outside-effect.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation, isWrite, runsIn } from '../analysis/protection.ts';
import type { Expression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { isMentioned } from './mention.ts';
import { childExpressions, functionAround, isWithin, partsOf, textOf } from './source-edit.ts';

/** Nothing that happens in the transaction, in whatever function, outlives its rollback and adds up. */
export function isTransactionRepeatable(transaction: TransactionContext, around: Span, program: ProgramFacts): boolean {
  const home = program.file(transaction.at.path);
  if (home === undefined || addsUp(home, around)) return false;
  const judged = new Set<string>();
  for (const { operations } of program.functions) {
    for (const operation of operations) {
      const own = operation.transactions.find(({ id }) => id === transaction.id);
      if (own === undefined) continue;
      if (!isTakenBack(operation, own)) return false;
      // The callback of a wrapper, and what that calls.
      const file = program.file(operation.at.path);
      const node = file === undefined ? undefined : functionAround(file, operation.at);
      if (file === undefined || node === undefined || (file === home && isWithin(operation.at, around))) continue;
      const key = `${file.path}:${node.index}`;
      if (!judged.has(key) && node.index !== 0 && !isWithin(transaction.at, node) && addsUp(file, node)) return false;
      judged.add(key);
    }
  }
  return true;
}

/** By the rollback, or it is no change; `transaction` is undefined for what runs beside one. */
export function isTakenBack(operation: Operation, transaction: TransactionContext | undefined): boolean {
  const { effect } = operation;
  switch (effect.kind) {
    case 'database':
      return (
        !isDatabaseOperation(operation) ||
        !isWrite(operation) ||
        (transaction !== undefined && runsIn(operation, transaction))
      );
    case 'publish':
      return false;
    case 'request':
      return outsideEffectOf(operation)?.changes === false;
    case 'file':
      return /^(check|stat|read|open|close)$/.test(effect.action);
    case 'cache':
      return !/^(increment|set-if-absent)$/.test(effect.action);
    default:
      return true;
  }
}

/** `done.push(row)`, `this.count += 1`: of something that was there before and would get it twice. */
function addsUp(file: SourceFile, span: Span): boolean {
  const isOuter = (expression: Expression): boolean => {
    if (expression.kind === 'member' || expression.kind === 'index') return isOuter(expression.object);
    if (expression.kind === 'this') return true;
    const at =
      expression.kind === 'identifier' && expression.variable !== undefined
        ? file.variables[expression.variable]?.at
        : undefined;
    return expression.kind === 'identifier' && (at === undefined || !isWithin(at, span));
  };
  const adds = (expression: Expression): boolean => {
    if (!isWithin(expression, span)) return childExpressions(expression).some(adds);
    if (expression.kind === 'assign' && isExpression(expression.target) && isOuter(expression.target)) {
      const { operator, target, value } = expression;
      if (!/^(=|\?\?=|\|\|=)$/.test(operator)) return true;
      if (operator === '=' && value !== undefined && isMentioned(textOf(file, value), textOf(file, target)))
        return true;
    }
    const isGrowing =
      expression.kind === 'call' &&
      expression.callee.kind === 'member' &&
      /^(push|unshift|splice|pop|shift)$/.test(expression.callee.name) &&
      isOuter(expression.callee.object);
    return isGrowing || childExpressions(expression).some(adds);
  };
  const inList = (list: readonly Statement[]): boolean =>
    list.some((statement) => {
      if (statement.end <= span.start || statement.start >= span.end) return false;
      const { expressions, lists } = partsOf(statement);
      return expressions.some(adds) || lists.some(inList);
    });
  // A closure's statements are no part of the expression that holds it.
  return file.functions.some(
    (node) => (isWithin(node, span) || isWithin(span, node) || node.kind === 'module') && inList(node.body),
  );
}

type Target = (Expression & { kind: 'assign' })['target'];

function isExpression(target: Target): target is Expression {
  return /^(identifier|member|index)$/.test(target.kind);
}
