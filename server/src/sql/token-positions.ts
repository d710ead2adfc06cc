/**
 * Exact positions from tokens, where a parser gives none or leaves out parentheses.
 * All ranges are in source offsets.
 */
import type { SqlToken } from './sql-token.ts';
import type { SqlRange } from './statement.ts';

/** The index of the first token that starts at or after `offset`; the length when there is none. */
export function tokenIndexAt(tokens: readonly SqlToken[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A range that a parser took from the first and last leaf of an expression, widened until its
 * parentheses balance: `a.id) = (b` has lost the one before and the one after.
 */
export function balancedRange(tokens: readonly SqlToken[], range: SqlRange): SqlRange {
  const first = tokenIndexAt(tokens, range.start);
  const after = tokenIndexAt(tokens, range.end);
  let open = 0;
  let unopened = 0;
  for (let index = first; index < after; index += 1) {
    const value = symbolOf(tokens[index]);
    if (value === '(') open += 1;
    if (value === ')' && open === 0) unopened += 1;
    else if (value === ')') open -= 1;
  }
  let { start, end } = range;
  // A hole beside the parenthesis is a fragment that the parser did not see.
  for (let index = first - 1; unopened > 0; index -= 1) {
    const token = tokens[index];
    if (token?.kind === 'hole') continue;
    if (token === undefined || symbolOf(token) !== '(') break;
    start = token.start;
    unopened -= 1;
  }
  for (let index = after; open > 0; index += 1) {
    const token = tokens[index];
    if (token?.kind === 'hole') continue;
    if (token === undefined || symbolOf(token) !== ')') break;
    end = token.end;
    open -= 1;
  }
  return { start, end };
}

/** The name that starts at `offset`, with its qualifiers: the tokens joined by dots. */
export function nameAt(tokens: readonly SqlToken[], offset: number): { range: SqlRange; parts: SqlToken[] } {
  let index = tokenIndexAt(tokens, offset);
  const parts: SqlToken[] = [];
  for (let token = tokens[index]; token !== undefined; token = tokens[index]) {
    parts.push(token);
    if (symbolOf(tokens[index + 1]) !== '.') break;
    index += 2;
  }
  return { range: { start: parts[0]?.start ?? offset, end: parts.at(-1)?.end ?? offset }, parts };
}

/**
 * The extent of a statement that starts at or (behind its parentheses) after `offset`: to the
 * parenthesis that closes around it, to a token that `stops`, or to the last token.
 */
export function statementRange(
  tokens: readonly SqlToken[],
  offset: number,
  stops: (token: SqlToken, next: SqlToken | undefined) => boolean = () => false,
): SqlRange {
  let index = tokenIndexAt(tokens, offset);
  while (symbolOf(tokens[index]) === '(') index += 1;
  const first = tokens[index];
  if (first === undefined) return { start: offset, end: offset };
  let end = first.end;
  for (index += 1; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || token.depth < first.depth) break;
    if (token.depth === first.depth && stops(token, tokens[index + 1])) break;
    end = token.end;
  }
  return { start: first.start, end };
}

/** A set operation ends the SELECT before it. */
export function endsUnionArm(token: SqlToken): boolean {
  return token.kind === 'word' && (token.value === 'union' || token.value === 'intersect' || token.value === 'except');
}

/** The SELECT of an INSERT ends at the conflict clause or at RETURNING. */
export function endsInsertedSelect(token: SqlToken, next: SqlToken | undefined): boolean {
  if (token.kind !== 'word') return false;
  return (
    token.value === 'returning' || (token.value === 'on' && (next?.value === 'conflict' || next?.value === 'duplicate'))
  );
}

export function symbolOf(token: SqlToken | undefined): string | undefined {
  return token?.kind === 'symbol' ? token.value : undefined;
}
