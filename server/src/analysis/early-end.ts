/** Whether a loop searches: it ends at the first element whose query gave what was looked for. */

import type { Expression, Span, Statement } from '../typescript/syntax.ts';
import type { LoopSyntax } from './repetition.ts';

/** `at` is where the query is run. Early ends for errors (`if (!row) return …`) do not count: they are the exception. */
export function stopsAtFirst(syntax: LoopSyntax | undefined, at: Span): boolean {
  if (syntax?.kind !== 'statement') return false;
  return ends(syntax.loop.body, at.start, true);
}

function ends(statements: readonly Statement[], after: number, unconditional: boolean): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'break':
        return statement.start > after;
      case 'return':
        return unconditional && statement.end > after;
      case 'if':
        if (statement.end < after) return false;
        return (
          ends(statement.then, after, isPositive(statement.test)) ||
          ends(statement.else, after, !isPositive(statement.test))
        );
      case 'block':
        return ends(statement.body, after, unconditional);
      case 'try':
        return ends(statement.block, after, unconditional);
      default:
        return false;
    }
  });
}

/** Whether the branch that holds `at` leaves the loop at its end, whatever the query gives: it runs once at most. */
export function leavesAfter(syntax: LoopSyntax | undefined, at: Span): boolean {
  return syntax?.kind === 'statement' && branchLeaves(syntax.loop.body, at.start, false);
}

function branchLeaves(statements: readonly Statement[], at: number, isBranch: boolean): boolean {
  const last = statements.at(-1);
  const index = statements.findIndex((statement) => statement.start <= at && at < statement.end);
  const holder = statements[index];
  if (holder === undefined) return false;
  if (isBranch && (last?.kind === 'return' || last?.kind === 'throw' || last?.kind === 'break')) {
    return !statements.slice(index, -1).some((statement) => statement.kind === 'continue');
  }
  if (holder.kind === 'if') return [holder.then, holder.else].some((branch) => branchLeaves(branch, at, true));
  return holder.kind === 'block' && branchLeaves(holder.body, at, isBranch);
}

/** `row`, `row !== null`, `rows.length > 0`: found. */
function isPositive(test: Expression): boolean {
  switch (test.kind) {
    case 'identifier':
    case 'member':
    case 'call':
      return !/error|fail|invalid|isLeft|missing/i.test(nameIn(test));
    case 'binary':
      return (
        (/^(!==?|>|>=)$/.test(test.operator) || (/^===?$/.test(test.operator) && isSomething(test.right))) &&
        !/error|fail/i.test(nameIn(test.left))
      );
    case 'logical':
      return isPositive(test.left);
    default:
      return false;
  }
}

/** `count === 1`: a value that is looked for, rather than one that says there is none. */
function isSomething({ kind, ...expression }: Expression): boolean {
  return kind === 'literal' && 'value' in expression && Boolean(expression.value);
}

function nameIn(expression: Expression): string {
  if (expression.kind === 'identifier') return expression.name;
  if (expression.kind === 'member') return `${nameIn(expression.object)}.${expression.name}`;
  if (expression.kind === 'call') return nameIn(expression.callee);
  return '';
}
