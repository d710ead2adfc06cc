/**
 * Conditions such as `user.id = :id AND status != 'gone'`, which builders are given by the hundred: comparisons joined
 * by AND, read from the tokens alone. Anything else is left to the parsers (undefined).
 */
import { type SqlToken, tokenizeSql } from './sql-token.ts';
import type { SqlCondition, SqlValue } from './statement.ts';

const COMPARISONS: Readonly<Record<string, string>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const RESERVED = new Set(['not', 'exists', 'case', 'select', 'between', 'any', 'all', 'some', 'interval', 'cast']);

export function plainConditions(text: string): readonly SqlCondition[] | undefined {
  const tokens = tokenizeSql(text, undefined);
  if (tokens === undefined || tokens.length === 0 || tokens.length > 80) return undefined;
  const conditions: SqlCondition[] = [];
  let at = 0;
  for (;;) {
    const read = comparison(text, tokens, at) ?? computation(text, tokens, at);
    if (read === undefined) return undefined;
    conditions.push(read.condition);
    at = read.next;
    const joint = tokens[at];
    if (joint === undefined) return conditions;
    if (joint.kind !== 'word' || joint.value !== 'and') return undefined;
    at += 1;
  }
}

function comparison(
  text: string,
  tokens: readonly SqlToken[],
  start: number,
): { condition: SqlCondition; next: number } | undefined {
  const column = columnAt(text, tokens, start);
  const operator = tokens[column?.next ?? -1];
  if (column === undefined || operator === undefined) return undefined;
  const { table, name, next } = column;
  const made = (
    kind: string,
    value: SqlValue,
    after: number,
  ): { condition: SqlCondition; next: number } | undefined => {
    const first = tokens[start];
    const last = tokens[after - 1];
    if (first === undefined || last === undefined) return undefined;
    const range = { start: first.start, end: last.end };
    const condition = { column: name, operator: kind, value, range };
    return { condition: table === undefined ? condition : { ...condition, table }, next: after };
  };
  if (operator.kind === 'word' && operator.value === 'is') {
    const negated = tokens[next + 1]?.value === 'not';
    const word = tokens[next + (negated ? 2 : 1)];
    if (word?.kind !== 'word' || !['null', 'true', 'false'].includes(word.value)) return undefined;
    const literal = word.value === 'null' ? null : word.value === 'true';
    const value: SqlValue = { kind: 'literal', value: literal, range: { start: word.start, end: word.end } };
    return made(`is ${negated ? 'not ' : ''}${word.value}`, value, next + (negated ? 3 : 2));
  }
  const isNegated = operator.kind === 'word' && operator.value === 'not';
  const membership = isNegated ? next + 1 : next;
  if (tokens[membership]?.kind === 'word' && tokens[membership].value === 'in') {
    const [open, inner, close] = tokens.slice(membership + 1, membership + 4);
    if (open?.value !== '(' || inner?.kind !== 'parameter' || close?.value !== ')') return undefined;
    const value: SqlValue = { kind: 'parameter', name: inner.value, range: { start: inner.start, end: inner.end } };
    return made(isNegated ? 'not in' : 'in', value, membership + 4);
  }
  const kind = operator.kind === 'symbol' ? COMPARISONS[operator.value] : undefined;
  const value = kind === undefined ? undefined : valueAt(text, tokens, next + 1);
  return kind === undefined || value === undefined ? undefined : made(kind, value.value, value.next);
}

/** Words that neither name a column nor make an expression more than a computation. */
const OPERATORS = new Set([
  'like',
  'ilike',
  'in',
  'is',
  'not',
  'null',
  'true',
  'false',
  'any',
  'all',
  'some',
  'similar',
  'to',
]);
/** What only the parsers read. */
const STRUCTURE = new Set([
  'or',
  'select',
  'case',
  'between',
  'exists',
  'interval',
  'cast',
  'array',
  'distinct',
  'from',
]);

/** `LOWER(user.name) = :name`, `1 = 0`: an expression up to the next AND, of which only the operands are told. */
function computation(
  text: string,
  tokens: readonly SqlToken[],
  start: number,
): { condition: SqlCondition; next: number } | undefined {
  const operands: SqlValue[] = [];
  let at = start;
  // `name LIKE :name`, `price + :x <= budget`: the parsers say more.
  let isComputed = columnAt(text, tokens, start) === undefined;
  for (let token = tokens[at]; token !== undefined; token = tokens[at]) {
    if (token.kind === 'word' && token.value === 'and') {
      if (token.depth > 0) return undefined;
      break;
    }
    const range = { start: token.start, end: token.end };
    const isCall = tokens[at + 1]?.value === '(';
    const isType = tokens[at - 1]?.value === '::';
    if (token.kind === 'hole' || (token.kind === 'word' && STRUCTURE.has(token.value))) return undefined;
    if (token.kind === 'parameter') operands.push({ kind: 'parameter', name: token.value, range });
    else if (token.kind === 'number') operands.push({ kind: 'literal', value: Number(token.value), range });
    else if (token.kind === 'string') operands.push({ kind: 'literal', value: token.value, range });
    else if (isCall && token.kind === 'word') isComputed = true;
    else if (isName(token) && !isCall && !isType && !OPERATORS.has(token.value)) {
      const column = columnAt(text, tokens, at);
      if (column === undefined) return undefined;
      const { table, name, next } = column;
      operands.push({ kind: 'column', name, range, ...(table === undefined ? {} : { table }) });
      at = next;
      continue;
    }
    at += 1;
  }
  const [first, last] = [tokens[start], tokens[at - 1]];
  if (!isComputed || first === undefined || last === undefined || operands.length === 0) return undefined;
  const range = { start: first.start, end: last.end };
  const column = operands.find((operand) => operand.kind === 'column');
  const condition: SqlCondition = {
    column: column?.name ?? '',
    ...(column?.table === undefined ? {} : { table: column.table }),
    operator: 'expression',
    value: { kind: 'expression', operator: 'computation', operands, range },
    range,
  };
  return { condition, next: at };
}

function columnAt(
  text: string,
  tokens: readonly SqlToken[],
  start: number,
): { table: string | undefined; name: string; next: number } | undefined {
  // Builders take names of properties, whose case counts.
  const nameOf = (token: SqlToken): string =>
    token.kind === 'quoted' ? token.value : text.slice(token.start, token.end);
  const first = tokens[start];
  if (!isName(first)) return undefined;
  if (tokens[start + 1]?.value === '(') return undefined;
  if (tokens[start + 1]?.value !== '.') return { table: undefined, name: nameOf(first), next: start + 1 };
  const second = tokens[start + 2];
  if (!isName(second)) return undefined;
  if (tokens[start + 3]?.value !== '.') return { table: nameOf(first), name: nameOf(second), next: start + 3 };
  // `order.customer.id`: the column of a relation.
  const third = tokens[start + 4];
  return isName(third) ? { table: nameOf(second), name: nameOf(third), next: start + 5 } : undefined;
}

function isName(token: SqlToken | undefined): token is SqlToken {
  if (token === undefined) return false;
  return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.value));
}

function valueAt(text: string, tokens: readonly SqlToken[], at: number): { value: SqlValue; next: number } | undefined {
  const token = tokens[at];
  const following = tokens[at + 1];
  // An operator or a call goes on: the parsers' business.
  const ends = following === undefined || (following.kind === 'word' && following.value === 'and');
  if (token === undefined) return undefined;
  const range = { start: token.start, end: token.end };
  if (ends && token.kind === 'parameter')
    return { value: { kind: 'parameter', name: token.value, range }, next: at + 1 };
  if (ends && token.kind === 'number')
    return { value: { kind: 'literal', value: Number(token.value), range }, next: at + 1 };
  if (ends && token.kind === 'string') return { value: { kind: 'literal', value: token.value, range }, next: at + 1 };
  if (token.kind !== 'word' && token.kind !== 'quoted') return undefined;
  if (ends && token.kind === 'word' && ['true', 'false', 'null'].includes(token.value)) {
    const value = token.value === 'null' ? null : token.value === 'true';
    return { value: { kind: 'literal', value, range }, next: at + 1 };
  }
  const column = columnAt(text, tokens, at);
  const after = column === undefined ? undefined : tokens[column.next];
  if (column === undefined || !(after === undefined || (after.kind === 'word' && after.value === 'and')))
    return undefined;
  const { table, name } = column;
  const value: SqlValue = { kind: 'column', name, range, ...(table === undefined ? {} : { table }) };
  return { value, next: column.next };
}
