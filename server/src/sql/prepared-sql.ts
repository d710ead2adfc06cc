/**
 * Makes the tokens of one statement readable for a parser, and keeps the way back to the source.
 *
 * Every placeholder becomes a numbered one, every template hole a placeholder, a name or nothing.
 * For pgsql-ast-parser, spellings that it does not know but that mean the same as one it knows are
 * replaced too (`spellings`). The parsers alone decide what the result means.
 */

import type { SqlToken } from './sql-token.ts';
import type { SqlParameter, SqlRange } from './statement.ts';
import { HOLE_PATTERN } from './template-holes.ts';

/**
 * What a template hole is taken for. `assignment` is `SET ${fields}`, `row` is `VALUES ${rows}`,
 * `query` is `FROM (${select}) t`, `cte` is `WITH a AS (…), ${more} SELECT`, `operator` is
 * `n ${comparison} $1`, and `fragment` a clause or nothing at all.
 */
export type HoleRole = 'value' | 'name' | 'assignment' | 'row' | 'query' | 'cte' | 'operator' | 'fragment';

export interface PreparedSql {
  readonly text: string;
  /** From an offset of `text` to one of the source; the end of a range needs the end of its last piece. */
  toSource(offset: number, side: 'start' | 'end'): number;
  /** By the number that the placeholder has in `text`. */
  readonly parameters: ReadonlyMap<number, SqlParameter>;
  readonly fragments: readonly SqlParameter[];
}

/** A token's replacement: undefined keeps it, an empty text drops it. */
type Spelling = ReadonlyMap<number, string>;

const plainWord = /^[A-Za-z_]\w*$/;
const holeName = /__hole_(\d+)__/g;

/** Names as the source means them: a hole in a name reads `?hole:n`. */
export function restoreName(name: string): string {
  return name
    .replace(holeName, '?hole:$1')
    .replace(HOLE_PATTERN, '?hole:$1')
    .replace(/^__name_(.+)__$/, '?$1');
}

/** Whether a string literal has holes in it, and whether it is nothing but one. */
export function holesIn(literal: string): { holes: number[]; whole: boolean } {
  const holes = [...literal.matchAll(holeName)].map((found) => Number(found[1]));
  return { holes, whole: holes.length === 1 && literal.replace(holeName, '') === '' };
}

export function prepareSql(
  source: string,
  tokens: readonly SqlToken[],
  roles: ReadonlyMap<number, HoleRole>,
  target: 'pgsql' | 'other',
  spelling: Spelling,
  prefix = '',
): PreparedSql {
  const pieces: { out: number; outEnd: number; src: number; srcEnd: number }[] = [];
  const parameters = new Map<number, SqlParameter>();
  const fragments: SqlParameter[] = [];
  let text = prefix;
  let last: SqlToken | undefined;
  const placeholder = (token: SqlToken): string => {
    const number = parameters.size + 1;
    parameters.set(number, { kind: 'parameter', name: token.value, range: rangeOf(token) });
    return target === 'pgsql' ? `$${number}` : `:p${number}`;
  };
  tokens.forEach((token, index) => {
    let written = spelling.get(index);
    if (written === undefined) {
      if (token.kind === 'hole') {
        written = writeHole(token, roles.get(index) ?? 'value', placeholder);
        if (written === '' || fragmentary.has(roles.get(index) ?? 'value'))
          fragments.push({ kind: 'parameter', name: token.value, range: rangeOf(token) });
      } else if (token.kind === 'parameter') {
        written = token.value.startsWith('?') ? `__name_${token.value.slice(1)}__` : placeholder(token);
        // MySQL's drivers write a list of rows out: `VALUES ?`.
        if (last?.kind === 'word' && last.value.toLowerCase() === 'values') {
          written = `(${written})`;
          fragments.push({ kind: 'parameter', name: token.value, range: rangeOf(token) });
        }
      } else {
        written = writeToken(source, token, target);
      }
    }
    if (written === '') return;
    text += last !== undefined && (last.end < token.start || needsSpace(last, token, target)) ? ' ' : '';
    last = token;
    pieces.push({ out: text.length, outEnd: text.length + written.length, src: token.start, srcEnd: token.end });
    text += written;
  });
  return { text, parameters, fragments, toSource: (offset, side) => mapBack(pieces, offset, side) };
}

function rangeOf(token: SqlToken): SqlRange {
  return { start: token.start, end: token.end };
}

/** What stands for more than one value: the statement may say more than the parser saw. */
const fragmentary: ReadonlySet<HoleRole> = new Set(['fragment', 'query', 'cte', 'operator', 'assignment', 'row']);

function writeHole(token: SqlToken, role: HoleRole, placeholder: (token: SqlToken) => string): string {
  const name = `__${token.value.replace(':', '_')}__`;
  if (role === 'name') return name;
  if (role === 'assignment') return `${name} = ${placeholder(token)}`;
  if (role === 'query') return `select ${placeholder(token)}`;
  if (role === 'cte') return `${name} as (select ${placeholder(token)})`;
  if (role === 'operator') return '=';
  if (role === 'row') return `(${placeholder(token)})`;
  return role === 'value' ? placeholder(token) : '';
}

function writeToken(source: string, token: SqlToken, target: 'pgsql' | 'other'): string {
  const written = source.slice(token.start, token.end).replace(HOLE_PATTERN, '__hole_$1__');
  if (token.kind === 'word') return target === 'other' || plainWord.test(written) ? written : `"${written}"`;
  if (target === 'other') return written;
  if (token.kind === 'quoted') return written.startsWith('"') ? written : `"${quotable(token.value)}"`;
  // A string that starts with a dollar is a body of code, which has its own place in the grammar.
  if (token.kind !== 'string' || written.startsWith('$')) return written;
  const content = token.value.replace(HOLE_PATTERN, '__hole_$1__').replaceAll("'", "''");
  return `'${content}'`;
}

function quotable(name: string): string {
  return name.replace(HOLE_PATTERN, '__hole_$1__').replaceAll('"', '""');
}

/** pgsql-ast-parser reads `n -1` and `n-1` as a name and a negative number, unlike PostgreSQL. */
function needsSpace(last: SqlToken, token: SqlToken, target: 'pgsql' | 'other'): boolean {
  if (target === 'pgsql' && token.kind === 'number' && last.value === '-') return true;
  const wordy = (side: SqlToken) => side.kind !== 'symbol';
  return wordy(last) && wordy(token);
}

/** Offsets come from the parser, which works on whole tokens, so each falls on or in one piece. */
function mapBack(
  pieces: readonly { out: number; outEnd: number; src: number; srcEnd: number }[],
  offset: number,
  side: 'start' | 'end',
): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const out = pieces[middle]?.out ?? 0;
    if (side === 'start' ? out <= offset : out < offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  if (piece === undefined) return 0;
  return side === 'start' ? piece.src : piece.srcEnd;
}
