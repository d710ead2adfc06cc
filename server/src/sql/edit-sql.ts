/**
 * Edits for fixes: small changes to the text of a parsed statement that leave every other byte as
 * it is. Each function takes the text that was parsed and a statement of it, and answers the edits
 * in that text's offsets, or none where the change could not be right. New SQL is inserted as it is
 * given, so it may hold placeholders of any style, or a template's own `${…}`.
 *
 * Clauses are found among the tokens directly inside the statement's range. The statement came out
 * of a parser, so their order is known to be right and no meaning is derived here.
 */
import type { SqlToken } from './sql-token.ts';
import { tokenizeSql } from './sql-token.ts';
import type { SqlRange, SqlStatement } from './statement.ts';

export interface SqlEdit {
  readonly range: SqlRange;
  readonly text: string;
}

/** `WHERE a = 1` → `WHERE a = 1 AND condition`; adds the WHERE where there is none. */
export function addCondition(text: string, statement: SqlStatement, condition: string): SqlEdit[] {
  if (!['select', 'update', 'delete'].includes(statement.kind)) return [];
  const layout = layoutOf(text, statement);
  if (!layout || layout.has('union')) return [];
  const added = /\bor\b/i.test(condition) ? `(${condition})` : condition;
  const where = layout.clause('where');
  if (!where) {
    const last = layout.lastBefore([
      'group',
      'having',
      'window',
      'order',
      'limit',
      'offset',
      'fetch',
      'for',
      'lock',
      'returning',
    ]);
    // A hole that may be a clause may be the WHERE itself.
    if (!last || statement.fragments.length > 0 || !(layout.has('from') || statement.kind === 'update')) return [];
    return [insert(last.end, ` WHERE ${added}`)];
  }
  const [first] = where;
  const last = where.at(-1);
  if (!first || !last) return [];
  const disjunction = where.some(
    (token) => token.kind === 'word' && token.value === 'or' && token.depth === first.depth,
  );
  const openEnded = statement.fragments.some(
    (fragment) => fragment.range.start >= first.start && fragment.range.start < last.end,
  );
  if (openEnded) return disjunction ? [] : [insert(first.start, `${added} AND `)];
  if (disjunction) return [insert(first.start, '('), insert(last.end, `) AND ${added}`)];
  return [insert(last.end, ` AND ${added}`)];
}

/** Replaces the value assigned to a column by one computed in the database: `SET n = $1` → `SET n = n - $1`. */
export function setRelative(text: string, statement: SqlStatement, column: string, value: string): SqlEdit[] {
  const assignment = statement.assignments.find(
    (candidate) => candidate.clause !== 'values' && candidate.column.toLowerCase() === column.toLowerCase(),
  );
  const layout = assignment && layoutOf(text, statement);
  if (!assignment || !layout) return [];
  const at = layout.all.findIndex((token) => token.start >= assignment.range.start);
  const equals = layout.all.findIndex((token, index) => index >= at && token.value === '=');
  const first = layout.all[equals + 1];
  // `(a, b) = ($1, $2)` assigns several at once; its parts are not replaced one by one.
  const single = layout.all.slice(at, equals).every((token) => token.kind !== 'symbol' || token.value === '.');
  if (at < 0 || equals < 0 || !first || !single) return [];
  const stop = layout.all.findIndex(
    (token, index) => index > equals + 1 && token.depth <= first.depth && layout.endsValue(token, index),
  );
  const last = layout.all[(stop < 0 ? layout.all.length : stop) - 1];
  return last ? [{ range: { start: first.start, end: last.end }, text: value }] : [];
}

/** Adds columns to RETURNING, or the clause itself; none where all are returned already. */
export function addReturning(_text: string, statement: SqlStatement, columns: readonly string[]): SqlEdit[] {
  if (!['insert', 'update', 'delete', 'upsert'].includes(statement.kind) || statement.returning.includes('*'))
    return [];
  const returned = new Set(statement.returning.map((column) => column.toLowerCase()));
  const missing = columns.filter((column) => !returned.has(unquoted(column).toLowerCase()));
  if (missing.length === 0) return [];
  const present = statement.returning.length > 0;
  return [insert(statement.range.end, present ? `, ${missing.join(', ')}` : ` RETURNING ${missing.join(', ')}`)];
}

/** Not for what a row lock cannot apply to: aggregates, groups, DISTINCT and set operations. */
export function addForUpdate(text: string, statement: SqlStatement): SqlEdit[] {
  if (statement.kind !== 'select' || statement.lock !== 'none' || statement.aggregates.length > 0) return [];
  const layout = layoutOf(text, statement);
  const refused = ['union', 'group', 'having', 'distinct', 'window'];
  if (!layout || statement.tables.length === 0 || refused.some((word) => layout.has(word))) return [];
  return [insert(statement.range.end, ' FOR UPDATE')];
}

/** The form of PostgreSQL and SQLite. */
export function addOnConflictDoNothing(text: string, statement: SqlStatement): SqlEdit[] {
  if (statement.kind !== 'insert' || statement.onConflict !== undefined) return [];
  const last = layoutOf(text, statement)?.lastBefore(['returning']);
  return last ? [insert(last.end, ' ON CONFLICT DO NOTHING')] : [];
}

/** PostgreSQL: `id = $1` → `id = ANY($1)`, and `id = $1::uuid` → `id = ANY($1::uuid[])`. */
export function replaceEqualityWithAny(text: string, statement: SqlStatement, column: string): SqlEdit[] {
  const wanted = column.toLowerCase();
  const condition = statement.conditions.find(
    (candidate) =>
      candidate.operator === '=' && candidate.column.toLowerCase() === wanted && candidate.value.kind === 'parameter',
  );
  const layout = condition && layoutOf(text, statement);
  if (!condition || !layout) return [];
  const tokens = layout.all.filter((token) => token.start >= condition.range.start && token.end <= condition.range.end);
  const equals = tokens.findIndex((token) => token.kind === 'symbol' && token.value === '=');
  const value = tokens.slice(equals + 1);
  const [first] = value;
  const last = value.at(-1);
  // `$1 = id` has the value on the side where ANY cannot stand.
  if (equals < 0 || !first || !last || condition.value.range.start < first.start) return [];
  const cast = value.some((token) => token.value === '::');
  return [insert(first.start, 'ANY('), insert(last.end, cast ? '[])' : ')')];
}

/** Orders a select that has no order, before LIMIT and locking clauses. */
export function addOrderBy(text: string, statement: SqlStatement, columns: readonly string[]): SqlEdit[] {
  const layout = layoutOf(text, statement);
  if (!layout || statement.kind !== 'select' || layout.has('union') || layout.has('order') || !layout.has('from'))
    return [];
  if (statement.fragments.length > 0 || columns.length === 0) return [];
  const last = layout.lastBefore(['limit', 'offset', 'fetch', 'for', 'lock']);
  return last ? [insert(last.end, ` ORDER BY ${columns.join(', ')}`)] : [];
}

function insert(offset: number, text: string): SqlEdit {
  return { range: { start: offset, end: offset }, text };
}

function unquoted(name: string): string {
  return name.replace(/^["`[]|["`\]]$/g, '');
}

interface Layout {
  /** The tokens of the statement. */
  readonly all: readonly SqlToken[];
  has(word: string): boolean;
  /** The tokens of a clause without its keyword, nested ones included. */
  clause(word: string): readonly SqlToken[] | undefined;
  /** The token after which something goes that has to stand before these clauses. */
  lastBefore(words: readonly string[]): SqlToken | undefined;
  endsValue(token: SqlToken, index: number): boolean;
}

const clauseStarts = new Set(
  'where group having window order limit offset fetch for lock returning union intersect except from using set on values'.split(
    ' ',
  ),
);
const lockStarts = new Set(['update', 'share', 'no', 'key']);

function layoutOf(text: string, statement: SqlStatement): Layout | undefined {
  const { start, end } = statement.range;
  const all = tokenizeSql(text, undefined)?.filter((token) => token.start >= start && token.end <= end);
  const depth = all?.[0]?.depth;
  if (!all || depth === undefined) return undefined;
  const starts = (token: SqlToken, index: number): boolean => {
    if (token.depth !== depth || token.kind !== 'word' || !clauseStarts.has(token.value)) return false;
    const next = all[index + 1]?.value ?? '';
    if (token.value === 'for') return lockStarts.has(next);
    if (token.value === 'lock') return next === 'in';
    if (token.value === 'from') return all[index - 1]?.value !== 'distinct';
    if (token.value === 'on') return next === 'conflict' || next === 'duplicate';
    return true;
  };
  const positions = all.flatMap((token, index) => (starts(token, index) ? [index] : []));
  const find = (word: string) => positions.find((index) => all[index]?.value === word);
  return {
    all,
    has: (word) => {
      if (word === 'union') return ['union', 'intersect', 'except'].some((name) => find(name) !== undefined);
      if (word === 'distinct')
        return all.some((token, index) => token.value === word && all[index - 1]?.value === 'select');
      return find(word) !== undefined;
    },
    clause: (word) => {
      const from = find(word);
      if (from === undefined) return undefined;
      const next = positions.find((index) => index > from);
      return all.slice(from + 1, next ?? all.length);
    },
    lastBefore: (words) => {
      const next = positions.find((index) => words.includes(all[index]?.value ?? ''));
      return all[(next ?? all.length) - 1];
    },
    endsValue: (token, index) => token.depth < depth || token.value === ',' || starts(token, index),
  };
}
