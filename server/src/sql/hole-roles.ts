/**
 * What a template hole stands for. The tokens beside it say what is likely, and the parser decides:
 * where it stops, the hole before that place is tried in another role.
 */
import type { HoleRole, PreparedSql } from './prepared-sql.ts';
import { prepareSql } from './prepared-sql.ts';
import type { Respelled } from './spelling.ts';
import { disambiguate } from './spelling.ts';
import type { SqlToken } from './sql-token.ts';
import { endsOperand } from './sql-token.ts';

/** What a parser made of a text: a tree, or where it stopped (infinite when the text ends too early). */
export type ParserResult<Tree> = { tree: Tree } | { offset: number; ambiguous: boolean };

interface Attempt {
  /** By token index; changed by what is tried. */
  readonly roles: Map<number, HoleRole>;
  readonly respelled: Respelled;
  readonly target: 'pgsql' | 'other';
  /** Parsed in front of the tokens, to make a statement of a part of one. */
  readonly prefix?: string;
}

/** Each failure lets the last hole before it try another role; a few failures are enough to give up. */
const maxAttempts = 8;
/** Repeated parsing of long texts would be felt: it takes about 0.1 ms a token. */
const maxTokensParsed = { pgsql: 4000, other: 1500 };

export function parseTryingRoles<Tree>(
  source: string,
  tokens: readonly SqlToken[],
  attempt: Attempt,
  run: (text: string) => ParserResult<Tree>,
): { tree: Tree; prepared: PreparedSql } | undefined {
  const { roles, respelled, target, prefix } = attempt;
  const untried = new Map([...roles].map(([index, role]) => [index, otherRoles.filter((other) => other !== role)]));
  let { spelling } = respelled;
  const attempts = Math.max(1, Math.min(maxAttempts, maxTokensParsed[target] / tokens.length));
  for (let count = 0; count < attempts; count += 1) {
    const prepared = prepareSql(source, tokens, roles, target, target === 'pgsql' ? spelling : new Map(), prefix);
    const result = run(prepared.text);
    if ('tree' in result) return { tree: result.tree, prepared };
    if (result.ambiguous) {
      if (spelling !== respelled.spelling) return undefined;
      spelling = disambiguate(tokens, spelling);
      continue;
    }
    const failedAt = Number.isFinite(result.offset)
      ? prepared.toSource(result.offset, 'start')
      : Number.POSITIVE_INFINITY;
    const hole = lastUntriedHole(tokens, untried, failedAt);
    const role = hole === undefined ? undefined : untried.get(hole)?.shift();
    if (hole === undefined || role === undefined) return undefined;
    roles.set(hole, role);
  }
  return undefined;
}

function lastUntriedHole(
  tokens: readonly SqlToken[],
  untried: ReadonlyMap<number, readonly HoleRole[]>,
  offset: number,
): number | undefined {
  let last: number | undefined;
  for (const [index, roles] of untried) {
    if (roles.length > 0 && (tokens[index]?.start ?? 0) <= offset) last = index;
  }
  return last;
}

export function likelyRoles(tokens: readonly SqlToken[]): Map<number, HoleRole> {
  const roles = new Map<number, HoleRole>();
  tokens.forEach((token, index) => {
    if (token.kind === 'hole') roles.set(index, likelyRole(tokens, index, roles));
  });
  return roles;
}

const beforeNames = new Set([
  'from',
  'join',
  'into',
  'update',
  'table',
  'only',
  'as',
  'truncate',
  'index',
  'constraint',
  'view',
]);
const verbs = new Set(['select', 'insert', 'update', 'delete']);

/** What a hole most likely is, from the tokens beside it; the parser has the last word. */
function likelyRole(tokens: readonly SqlToken[], index: number, roles: ReadonlyMap<number, HoleRole>): HoleRole {
  const previous = tokens[index - 1];
  const next = tokens[index + 1];
  if (previous === undefined) return 'fragment';
  if (previous.value === '.' || next?.value === '.' || previous.value === '::') return 'name';
  if (previous.value === '(' && queryMayFollow(tokens[index - 2])) return 'query';
  if ((previous.value === ',' || previous.value === 'with') && verbFollows(tokens, index)) return 'cte';
  if (previous.kind === 'word') {
    const lockClause = previous.value === 'update' && tokens[index - 2]?.value === 'for';
    if (beforeNames.has(previous.value) && !lockClause) return 'name';
    if (previous.value === 'set') return next?.value === '=' ? 'name' : 'assignment';
    if (previous.value === 'values') return 'row';
  }
  if (previous.kind === 'hole') return roles.get(index - 1) === 'name' && next?.value === '=' ? 'value' : 'fragment';
  if (!endsOperand(previous)) return 'value';
  const operand =
    next?.kind === 'parameter' || next?.kind === 'string' || next?.kind === 'number' || next?.kind === 'hole';
  return operand && previous.kind !== 'symbol' && next.kind !== 'hole' ? 'operator' : 'fragment';
}

function queryMayFollow(before: SqlToken | undefined): boolean {
  return before?.kind === 'word' && ['from', 'join', 'lateral', 'as', 'exists', 'materialized'].includes(before.value);
}

function verbFollows(tokens: readonly SqlToken[], index: number): boolean {
  let at = index + 1;
  while (tokens[at]?.kind === 'hole') at += 1;
  return tokens[at]?.kind === 'word' && verbs.has(tokens[at]?.value ?? '');
}

/** The order in which other roles are tried after the likely one has failed. */
const otherRoles: readonly HoleRole[] = ['value', 'name', 'fragment', 'assignment', 'row', 'query', 'operator'];
