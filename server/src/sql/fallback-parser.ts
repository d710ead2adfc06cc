/**
 * node-sql-parser, for what pgsql-ast-parser does not read: mostly MySQL's and SQLite's own syntax.
 * Each dialect's build is loaded when it is first needed.
 */

import type { ParserResult } from './hole-roles.ts';
import { likelyRoles, parseTryingRoles } from './hole-roles.ts';
import { isNode, lowerFallback } from './lower-fallback.ts';
import { respell } from './spelling.ts';
import type { SqlToken } from './sql-token.ts';
import type { SqlDialect, SqlStatement } from './statement.ts';

/** Up to three parsers are tried; longer texts that the first parser refused are rarely worth it. */
const maxTokens = 1500;
const verbs = new Set(['select', 'insert', 'update', 'delete', 'replace', 'with']);

export function parseWithFallback(
  source: string,
  tokens: readonly SqlToken[],
  dialect: SqlDialect | undefined,
): SqlStatement | undefined {
  const verb = tokens.find((token) => token.kind === 'word');
  if (verb === undefined || !verbs.has(verb.value) || tokens.length > maxTokens) return undefined;
  const respelled = respell(tokens, dialect);
  for (const candidate of candidates(source, dialect)) {
    const attempt = { roles: likelyRoles(tokens), respelled, target: 'other' } as const;
    const parsed = parseTryingRoles(source, tokens, attempt, (text) => run(candidate, text));
    const statement = parsed && lowerFallback(parsed.tree, { source, tokens, prepared: parsed.prepared });
    if (statement !== undefined) return statement;
  }
  return undefined;
}

/** Without a dialect the first that reads the text is taken; backticks are not PostgreSQL. */
function candidates(source: string, dialect: SqlDialect | undefined): readonly SqlDialect[] {
  if (dialect !== undefined) return [dialect];
  return source.includes('`') ? ['mysql', 'sqlite'] : ['postgresql', 'mysql', 'sqlite'];
}

interface FallbackParser {
  astify(sql: string, options: object): unknown;
}

const loaded = new Map<SqlDialect, FallbackParser>();

function parserFor(dialect: SqlDialect): FallbackParser {
  const known = loaded.get(dialect);
  if (known) return known;
  const { Parser } = load(dialect);
  const parser = new Parser();
  loaded.set(dialect, parser);
  return parser;
}

/** Literal paths, so that the bundler includes these three builds and no other. */
function load(dialect: SqlDialect): { Parser: new () => FallbackParser } {
  switch (dialect) {
    case 'mysql':
      return require('node-sql-parser/build/mysql') as { Parser: new () => FallbackParser };
    case 'sqlite':
      return require('node-sql-parser/build/sqlite') as { Parser: new () => FallbackParser };
    case 'postgresql':
      return require('node-sql-parser/build/postgresql') as { Parser: new () => FallbackParser };
  }
}

/** Reports by throwing, and on some texts with errors of its own code; both mean that it cannot read the text. */
function run(dialect: SqlDialect, text: string): ParserResult<unknown> {
  try {
    const tree = parserFor(dialect).astify(text, { database: dialect, trimQuery: false });
    return { tree: Array.isArray(tree) ? tree[0] : tree };
  } catch (failure) {
    return { offset: failureOffset(failure), ambiguous: false };
  }
}

function failureOffset(failure: unknown): number {
  const location = isNode(failure) && isNode(failure['location']) ? failure['location'] : undefined;
  const start = location && isNode(location['start']) ? location['start'] : undefined;
  const offset = start?.['offset'];
  return typeof offset === 'number' ? offset : Number.POSITIVE_INFINITY;
}
