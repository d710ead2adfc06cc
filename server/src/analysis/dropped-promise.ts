/**
 * Whether somebody waits for an operation: one that is started by a statement of its own, without `await`, goes on by
 * itself, so nothing that follows or surrounds it depends on its end. Knows syntax only.
 */
import { statementAround } from '../rewrite/source-edit.ts';
import type { Expression } from '../typescript/syntax.ts';
import type { Operation } from './fact.ts';
import type { ProgramFacts } from './program.ts';

/** Any call on the way to it is a statement without `await`: `void this.refresh()`, `save().catch(log);`. */
export function isDropped(operation: Operation, program: ProgramFacts): boolean {
  return [...operation.chain.map(({ at }) => at), operation.at].some((at) => {
    const file = program.file(at.path);
    const statement = file === undefined ? undefined : statementAround(file, at)?.statement;
    if (statement?.kind !== 'expression') return false;
    const call = started(statement.expression);
    return call?.kind === 'call' && call.nameAt?.start === at.start;
  });
}

/** The call whose promise the expression throws away. */
function started(expression: Expression): Expression | undefined {
  if (expression.kind === 'unary' && expression.operator === 'void') return started(expression.operand);
  if (expression.kind !== 'call' || expression.callee.kind !== 'member') return expression;
  const { object, name } = expression.callee;
  return /^(then|catch|finally)$/.test(name) ? started(object) : expression;
}
