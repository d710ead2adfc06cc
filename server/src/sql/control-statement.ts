/**
 * Transaction control, session settings and explicit locks: statements of fixed words, which the
 * parsers know only in part. The whole statement has to match, so that prose does not.
 */
import type { SqlToken } from './sql-token.ts';
import type { SqlIsolation, SqlRange, SqlStatement, SqlStatementKind } from './statement.ts';
import type { SqlDraft } from './statement-draft.ts';
import { draftStatement } from './statement-draft.ts';
import { nameAt } from './token-positions.ts';

export function controlStatement(tokens: readonly SqlToken[]): SqlStatement | undefined {
  const first = tokens[0];
  if (first?.kind !== 'word') return undefined;
  const reader = new ControlReader(tokens);
  switch (first.value) {
    case 'begin':
    case 'start':
      return reader.begin();
    case 'commit':
    case 'end':
      return reader.fixed('commit');
    case 'rollback':
    case 'abort':
      return reader.rollback();
    case 'savepoint':
      return reader.savepoint(1);
    case 'release':
      return reader.savepoint(reader.is(1, 'savepoint') ? 2 : 1);
    case 'set':
      return reader.set();
    case 'lock':
      return reader.lock();
    case 'unlock':
      return reader.is(1, 'tables', 'table') && tokens.length === 2 ? reader.draft('other') : undefined;
    case 'pragma':
      return reader.named(1) ? reader.draft('other') : undefined;
    case 'alter':
    case 'create':
    case 'drop':
      return reader.definition();
    default:
      return undefined;
  }
}

const definitionWords = new Set(
  (
    'table index view function trigger type schema database extension sequence role user policy procedure domain aggregate rule ' +
    'materialized publication subscription column server statistics event operator cast collation'
  ).split(' '),
);
const definitionModifiers = new Set(
  'or replace unique temp temporary unlogged fulltext spatial virtual constraint concurrently recursive global local foreign clustered'.split(
    ' ',
  ),
);

class ControlReader {
  private readonly tokens: readonly SqlToken[];

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens;
  }

  draft(kind: SqlStatementKind): SqlDraft {
    const range: SqlRange = { start: this.tokens[0]?.start ?? 0, end: this.tokens.at(-1)?.end ?? 0 };
    return draftStatement(kind, range);
  }

  is(index: number, ...words: readonly string[]): boolean {
    const token = this.tokens[index];
    return token?.kind === 'word' && words.includes(token.value);
  }

  /** A name, or a hole where a name may be. */
  named(index: number): boolean {
    const kind = this.tokens[index]?.kind;
    return kind === 'word' || kind === 'quoted' || kind === 'hole' || kind === 'string';
  }

  begin(): SqlStatement | undefined {
    const draft = this.draft('begin');
    let at = 1;
    if (this.is(0, 'start')) {
      if (!this.is(1, 'transaction')) return undefined;
      at = 2;
    } else {
      if (this.is(at, 'immediate', 'exclusive', 'deferred', 'concurrent')) {
        if (this.is(at, 'immediate', 'exclusive')) draft.immediate = true;
        at += 1;
      }
      if (this.is(at, 'transaction', 'work', 'tran')) at += 1;
    }
    return this.modes(at, draft);
  }

  fixed(kind: 'commit' | 'rollback'): SqlStatement | undefined {
    let at = 1;
    if (this.is(at, 'transaction', 'work', 'tran')) at += 1;
    if (this.is(at, 'and')) {
      at += this.is(at + 1, 'no') ? 3 : 2;
      if (!this.is(at - 1, 'chain')) return undefined;
    }
    return at === this.tokens.length ? this.draft(kind) : undefined;
  }

  /** ROLLBACK TO SAVEPOINT leaves the transaction open, so it counts with the savepoints. */
  rollback(): SqlStatement | undefined {
    const to = this.is(1, 'to') ? 1 : this.is(1, 'transaction', 'work') && this.is(2, 'to') ? 2 : undefined;
    if (to === undefined) return this.fixed('rollback');
    return this.savepoint(this.is(to + 1, 'savepoint') ? to + 2 : to + 1);
  }

  savepoint(nameIndex: number): SqlStatement | undefined {
    return this.named(nameIndex) && this.tokens.length === nameIndex + 1 ? this.draft('savepoint') : undefined;
  }

  set(): SqlStatement | undefined {
    let at = 1;
    if (this.is(at, 'session') && this.are(at + 1, 'characteristics', 'as')) at += 3;
    else if (this.is(at, 'local', 'session', 'global')) at += 1;
    if (this.is(at, 'transaction')) {
      const draft = this.draft('set-transaction');
      return at + 1 < this.tokens.length ? this.modes(at + 1, draft) : undefined;
    }
    const { parts } = nameAt(this.tokens, this.tokens[at]?.start ?? Number.MAX_SAFE_INTEGER);
    const after = at + Math.max(1, parts.length * 2 - 1);
    const assigns = this.tokens[after]?.value === '=' || this.is(after, 'to');
    return this.named(at) && assigns && this.tokens.length > after + 1 ? this.draft('other') : undefined;
  }

  lock(): SqlStatement | undefined {
    const explicit = this.is(1, 'table', 'tables');
    const draft = this.draft('lock');
    let at = explicit ? 2 : 1;
    if (this.is(at, 'only')) at += 1;
    for (;;) {
      if (!this.named(at)) return undefined;
      const { range, parts } = nameAt(this.tokens, this.tokens[at]?.start ?? 0);
      const name = this.nameOf(parts.at(-1));
      draft.tables.push({ name, ...(parts[1] ? { schema: this.nameOf(parts[0]) } : {}), role: 'lock', range });
      at += parts.length * 2 - 1;
      while (this.is(at, 'write', 'read', 'as', 'local') || (explicit && this.tokens[at]?.value === '*')) at += 1;
      if (this.tokens[at]?.value !== ',') break;
      at += 1;
    }
    const mode = this.is(at, 'in');
    if (mode) while (at < this.tokens.length && !this.is(at - 1, 'mode')) at += 1;
    draft.noWait = this.is(at, 'nowait');
    if (draft.noWait) at += 1;
    draft.lock = mode && this.tokens.some((_, index) => this.is(index, 'share')) ? 'share' : 'update';
    return (explicit || mode) && at === this.tokens.length ? draft : undefined;
  }

  /** A definition that no parser reads: that it is one is all that can be said. */
  definition(): SqlStatement | undefined {
    let at = 1;
    while (
      at < this.tokens.length &&
      this.tokens[at]?.kind === 'word' &&
      definitionModifiers.has(this.tokens[at]?.value ?? '')
    )
      at += 1;
    const object = this.tokens[at];
    const plausible = object?.kind === 'word' && definitionWords.has(object.value) && this.named(at + 1);
    // "Create table view" is prose as much as SQL: a definition has at least one symbol, or is a DROP.
    const formal =
      this.is(0, 'drop') || this.tokens.some((token) => token.kind === 'symbol' || token.kind === 'quoted');
    return plausible && (formal || this.tokens.length > 3) ? this.draft('ddl') : undefined;
  }

  private nameOf(token: SqlToken | undefined): string {
    return token?.kind === 'hole' ? `?${token.value}` : (token?.value ?? '');
  }

  private are(index: number, ...words: readonly string[]): boolean {
    return words.every((word, offset) => this.is(index + offset, word));
  }

  /** ISOLATION LEVEL, READ ONLY, READ WRITE, DEFERRABLE, WITH CONSISTENT SNAPSHOT, in any order. */
  private modes(from: number, draft: SqlDraft): SqlStatement | undefined {
    let at = from;
    while (at < this.tokens.length) {
      if (at > from && this.tokens[at]?.value === ',') at += 1;
      if (this.are(at, 'isolation', 'level')) {
        const level = `${this.tokens[at + 2]?.value} ${this.tokens[at + 3]?.value ?? ''}`;
        const isolation = isolations.find((name) => level.startsWith(name));
        const unknown = this.tokens[at + 2]?.kind === 'hole';
        if (isolation !== undefined) draft.isolation = isolation;
        else if (!unknown && !level.startsWith('read uncommitted')) return undefined;
        at += unknown || isolation === 'serializable' ? 3 : 4;
      } else if (this.is(at, 'read') && this.is(at + 1, 'only', 'write')) at += 2;
      else if (this.are(at, 'with', 'consistent', 'snapshot')) at += 3;
      else if (this.is(at, 'deferrable')) at += 1;
      else if (this.are(at, 'not', 'deferrable')) at += 2;
      else return undefined;
    }
    return draft;
  }
}

const isolations: readonly SqlIsolation[] = ['read committed', 'repeatable read', 'serializable'];
