/**
 * SQL text to statements. The order of attempts: words of transaction control; pgsql-ast-parser,
 * which locates what it finds, on text whose placeholders and dialect spellings were normalised;
 * then node-sql-parser for the dialect. Text that none of them reads yields nothing.
 *
 * Never throws. Knows no connection, no schema, and nothing of the code around the text.
 */
import type * as pg from 'pgsql-ast-parser';
import { controlStatement } from './control-statement.ts';
import { parseWithFallback } from './fallback-parser.ts';
import type { ParserResult } from './hole-roles.ts';
import { likelyRoles, parseTryingRoles } from './hole-roles.ts';
import { lowerPgsql } from './lower-pgsql.ts';
import type { PreparedSql } from './prepared-sql.ts';
import { respell } from './spelling.ts';
import type { SqlToken } from './sql-token.ts';
import { tokenizeSql } from './sql-token.ts';
import type { SqlDialect, SqlStatement } from './statement.ts';
import { draftStatement } from './statement-draft.ts';
import { endsUnionArm } from './token-positions.ts';

/** Longer texts are dumps and seeds; parsing is linear, but a long way from free. */
const maxLength = 60_000;
const cacheSize = 2000;
const cache = new Map<string, readonly SqlStatement[] | undefined>();

/**
 * The statements of a text, in order; undefined when none could be read. Where some could, the
 * others are of kind `other` without tables. Results are shared between calls: do not change them.
 */
export function parseSql(text: string, dialect?: SqlDialect): readonly SqlStatement[] | undefined {
  if (text.length > maxLength || !beginsLikeSql(text)) return undefined;
  const key = `${dialect ?? ''}\0${text}`;
  if (cache.has(key)) return cache.get(key);
  const statements = parseText(text, dialect);
  if (cache.size >= cacheSize) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  cache.set(key, statements);
  return statements;
}

const verbs =
  'select|insert|update|delete|with|values|replace|begin|start|commit|end|rollback|abort|savepoint|release|set|lock|unlock|pragma|' +
  'create|alter|drop|truncate|explain|comment|refresh|prepare|deallocate';
const opening = new RegExp(
  `^(?:\\s|--[^\\n]*\\n|/\\*[\\s\\S]*?\\*/|#[^\\n]*\\n|;|\\(|\\$hole_\\d+\\$)*(?:${verbs})\\b`,
  'i',
);

/** Sorts out prose and other languages before any work; what it lets through still has to parse. */
function beginsLikeSql(text: string): boolean {
  return opening.test(text);
}

function parseText(text: string, dialect: SqlDialect | undefined): readonly SqlStatement[] | undefined {
  const tokens = tokenizeSql(text, dialect);
  if (tokens === undefined) return undefined;
  const statements = splitStatements(tokens).map((part) => ({ part, statement: parseStatement(text, part, dialect) }));
  if (!statements.some(({ statement }) => statement !== undefined)) return undefined;
  return statements.map(({ part, statement }) => {
    const range = { start: part[0]?.start ?? 0, end: part.at(-1)?.end ?? 0 };
    return statement ?? draftStatement('other', range);
  });
}

function splitStatements(tokens: readonly SqlToken[]): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.value === ';' && token.depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

/** pgsql-ast-parser takes time quadratic in the number of set operations: 0.3 s for 400, 1.3 s for 800. */
const maxUnions = 200;

function parseStatement(
  source: string,
  tokens: readonly SqlToken[],
  dialect: SqlDialect | undefined,
): SqlStatement | undefined {
  if (tokens.filter(endsUnionArm).length > maxUnions) return undefined;
  if (tokens[0]?.value === '(') return parseParenthesised(source, tokens, dialect);
  const verb = tokens.find((token) => token.kind === 'word');
  const definition = verb?.value === 'create' || verb?.value === 'alter' || verb?.value === 'drop';
  if (definition) return parseWithPgsql(source, tokens, dialect) ?? controlStatement(tokens);
  return (
    controlStatement(tokens) ?? parseWithPgsql(source, tokens, dialect) ?? parseWithFallback(source, tokens, dialect)
  );
}

/** `(SELECT …)` is the select itself; `(SELECT …) AS n`, as query builders take it, is an item of a select list. */
function parseParenthesised(
  source: string,
  tokens: readonly SqlToken[],
  dialect: SqlDialect | undefined,
): SqlStatement | undefined {
  const outer = tokens[0]?.depth ?? 0;
  const close = tokens.findIndex((token, index) => index > 0 && token.depth === outer);
  const inner = tokens.slice(1, close);
  if (close === tokens.length - 1) return inner.length > 0 ? parseStatement(source, inner, dialect) : undefined;
  return parseWithPgsql(source, tokens, dialect) ?? parseWithPgsql(source, tokens, dialect, 'select ');
}

function parseWithPgsql(
  source: string,
  tokens: readonly SqlToken[],
  dialect: SqlDialect | undefined,
  prefix?: string,
): SqlStatement | undefined {
  const respelled = respell(tokens, dialect);
  const roles = likelyRoles(tokens);
  const parsed = parseTryingRoles(
    source,
    tokens,
    { roles, respelled, target: 'pgsql', ...(prefix === undefined ? {} : { prefix }) },
    runPgsql,
  );
  if (parsed === undefined) return undefined;
  const parseFrom = (first: number, end: number) => parseFromList(source, tokens.slice(first, end), dialect);
  return lowerPgsql(parsed.tree, { source, tokens, prepared: parsed.prepared, respelled, dialect, parseFrom });
}

function parseFromList(
  source: string,
  part: readonly SqlToken[],
  dialect: SqlDialect | undefined,
): { from: readonly pg.From[]; prepared: PreparedSql } | undefined {
  const roles = likelyRoles(part);
  if (part[0]?.kind === 'hole') roles.set(0, 'name');
  const parsed = parseTryingRoles(
    source,
    part,
    { roles, respelled: respell(part, dialect), target: 'pgsql', prefix: 'select 1 from ' },
    runPgsql,
  );
  const tree = parsed?.tree;
  return parsed && tree?.type === 'select' ? { from: tree.from ?? [], prepared: parsed.prepared } : undefined;
}

let pgsql: typeof pg | undefined;

/** The tree, or where it failed: infinite when the text ends too early. The parser reports by throwing. */
function runPgsql(text: string): ParserResult<pg.Statement> {
  pgsql ??= require('pgsql-ast-parser') as typeof pg;
  try {
    const [tree] = pgsql.parse(text, { locationTracking: true });
    return tree ? { tree } : { offset: Number.POSITIVE_INFINITY, ambiguous: false };
  } catch (failure) {
    const ambiguous = failure instanceof Error && failure.message.includes('Ambiguous SQL syntax');
    return { offset: failureOffset(failure), ambiguous };
  }
}

function failureOffset(failure: unknown): number {
  const token = failure instanceof Error && 'token' in failure ? failure.token : undefined;
  if (typeof token !== 'object' || token === null || !('offset' in token)) return Number.POSITIVE_INFINITY;
  return typeof token.offset === 'number' ? token.offset : Number.POSITIVE_INFINITY;
}
