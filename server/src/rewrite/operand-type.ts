/** What an operand of `+` is as far as its own text and declaration tell: `a + b` adds numbers and joins strings. */
import type { Expression, SourceFile, Variable } from '../typescript/syntax.ts';

export function isText(file: SourceFile, expression: Expression): boolean {
  switch (expression.kind) {
    case 'template':
      return true;
    case 'literal':
      return typeof expression.value === 'string';
    case 'binary':
      return expression.operator === '+' && (isText(file, expression.left) || isText(file, expression.right));
    case 'call':
      return /^(String|toString|trim|join|toUpperCase|toLowerCase|stringify|toISOString)$/.test(calleeName(expression));
    case 'identifier':
      return declaredAs(file, expression.variable, /^string\b/, isText);
    default:
      return false;
  }
}

/** Certainly a number. */
export function isNumber(file: SourceFile, expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'number' || typeof expression.value === 'bigint';
    case 'binary':
      if (/^(-|\*|\/|%|\*\*)$/.test(expression.operator)) return true;
      return expression.operator === '+' && isNumber(file, expression.left) && isNumber(file, expression.right);
    case 'unary':
      return expression.operator === '-' || expression.operator === '+';
    case 'member':
      return expression.name === 'length' || expression.name === 'size';
    case 'call':
      return /^(Number|BigInt|parseInt|parseFloat|round|floor|ceil|min|max|abs)$/.test(calleeName(expression));
    case 'identifier':
      return declaredAs(file, expression.variable, /^(number|bigint)\b/, isNumber);
    default:
      return false;
  }
}

function calleeName({ callee }: Extract<Expression, { kind: 'call' }>): string {
  return callee.kind === 'identifier' || callee.kind === 'member' ? callee.name : '';
}

function declaredAs(
  file: SourceFile,
  index: number | undefined,
  type: RegExp,
  isSo: (file: SourceFile, expression: Expression) => boolean,
): boolean {
  const variable: Variable | undefined = index === undefined ? undefined : file.variables[index];
  if (variable === undefined) return false;
  const annotation = /^\s*\??\s*:\s*([\w$]+\b(?!\s*[|[]))/.exec(
    file.text.slice(variable.at.end, variable.at.end + 60),
  )?.[1];
  if (annotation !== undefined) return type.test(annotation);
  return variable.initializer !== undefined && !variable.reassigned && isSo(file, variable.initializer);
}
