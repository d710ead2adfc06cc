/**
 * Lists that were made from another one. Their value stands for the first, so that elements are traced; that they hold
 * less or more than it only the syntax shows.
 */
import type { Expression, SourceFile } from '../typescript/syntax.ts';

/** `rows.filter(…)`, or a constant that is one. */
export function isFiltered(expression: Expression, file: SourceFile): boolean {
  return isMadeBy(/^filter$/, expression, file);
}

/** As `isFiltered`, for all that gives a list with other contents; also as JSON. */
export function isOtherList(expression: Expression, file: SourceFile): boolean {
  if (expression.kind !== 'call' || expression.callee.kind !== 'member' || expression.callee.name !== 'stringify')
    return isMadeBy(/^(filter|concat|toSpliced|with)$/, expression, file);
  const [list] = expression.args;
  return list !== undefined && isOtherList(list, file);
}

function isMadeBy(names: RegExp, expression: Expression, file: SourceFile): boolean {
  if (expression.kind === 'call') return expression.callee.kind === 'member' && names.test(expression.callee.name);
  if (expression.kind !== 'identifier' || expression.variable === undefined) return false;
  const { kind, initializer } = file.variables[expression.variable] ?? {};
  return kind === 'const' && initializer?.kind === 'call' && isMadeBy(names, initializer, file);
}
