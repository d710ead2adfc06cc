/**
 * Which `await`s lie between two places of one function, on a way that leads from the first to the second: what stands
 * in a branch that leaves the function, in the other branch of an `if`, or in a closure does not. Knows syntax only.
 */
import { childExpressions, partsOf } from '../rewrite/source-edit.ts';
import type { Expression, FunctionNode, Span, Statement } from '../typescript/syntax.ts';

/** Where the function may be suspended after the first place and before the second, in source order. */
export function awaitsBetween(fn: FunctionNode, from: Span, to: Span): Span[] {
  const found: Span[] = [];
  collect(fn.body, from, to, found);
  return found.sort((a, b) => a.end - b.end);
}

function collect(list: readonly Statement[], from: Span, to: Span, found: Span[]): void {
  for (const statement of list) {
    if (statement.end <= from.start || statement.start >= to.end) continue;
    const { expressions, lists } = partsOf(statement);
    for (const expression of expressions) awaitsIn(expression, from, to, found);
    if (statement.kind === 'loop' && statement.form === 'for-await' && isBetween(statement.iterable, from, to))
      found.push(statement.iterable);
    for (const inner of lists) {
      const span = spanOf(inner);
      if (span === undefined) continue;
      const holdsEnd = span.start <= to.start && to.end <= span.end;
      // A branch that leads elsewhere: the end stands in another one, or this one leaves.
      if (!holdsEnd && isBranch(statement) && (contains(statement, to) || leaves(inner))) continue;
      collect(inner, from, to, found);
    }
  }
}

function isBranch(statement: Statement): boolean {
  return statement.kind === 'if' || statement.kind === 'switch';
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function spanOf(list: readonly Statement[]): Span | undefined {
  const [first] = list;
  const last = list.at(-1);
  return first === undefined || last === undefined ? undefined : { start: first.start, end: last.end };
}

function leaves(list: readonly Statement[]): boolean {
  const last = list.at(-1);
  if (last === undefined) return false;
  if (/^(return|throw|break|continue)$/.test(last.kind)) return true;
  if (last.kind === 'block') return leaves(last.body);
  return last.kind === 'if' && last.elseSpan !== undefined && leaves(last.then) && leaves(last.else);
}

function isBetween(span: Span | undefined, from: Span, to: Span): span is Span {
  return span !== undefined && span.end > from.end && span.end <= to.end;
}

/** An `await` suspends once its operand is evaluated: at its end. One around the second place is too late. */
function awaitsIn(expression: Expression, from: Span, to: Span, found: Span[]): void {
  if (expression.end <= from.start || expression.start >= to.end) return;
  if (
    /^(await|yield|yield\*)$/.test(expression.kind) &&
    expression.end > from.end &&
    !(contains(expression, to) && to.start < expression.end)
  ) {
    // What the right side of an assignment waits for happens before the assignment itself.
    if (expression.end <= to.end) found.push({ start: expression.start, end: expression.end });
  }
  for (const child of childExpressions(expression)) awaitsIn(child, from, to, found);
}
