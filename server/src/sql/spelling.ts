/**
 * Spellings that pgsql-ast-parser does not know, replaced by ones it does, token for token.
 *
 * Each entry is a synonym (`INSERT IGNORE` is an insert with a conflict clause), a detail that no
 * rule asks for (a window frame), or a FROM list that is parsed on its own (`detached`). Nothing is
 * recognised here: text that is not SQL still fails in the parser.
 */
import type { SqlToken } from './sql-token.ts';
import { endsOperand } from './sql-token.ts';
import type { SqlDialect } from './statement.ts';

export interface Respelled {
  readonly spelling: ReadonlyMap<number, string>;
  /** INSERT IGNORE, INSERT OR …, REPLACE: what happens on a conflict whose columns are not named. */
  readonly conflict: 'nothing' | 'update' | undefined;
  /** Names after FOR UPDATE OF. */
  readonly lockedNames: readonly string[];
  /** Token ranges (end exclusive) of FROM lists of an update and USING lists of a delete. */
  readonly detached: readonly { readonly first: number; readonly end: number }[];
  /** The operators that were replaced by another, by the offset where they start. */
  readonly operators: ReadonlyMap<number, string>;
}

export function respell(tokens: readonly SqlToken[], dialect: SqlDialect | undefined): Respelled {
  const speller = new Speller(tokens);
  tokens.forEach((token, index) => {
    if (token.kind === 'word') speller.word(token, index);
    else if (token.kind === 'symbol') speller.symbol(token, index, dialect);
  });
  return speller;
}

/**
 * The grammar reads `(select a, b)` also as a list of two, and refuses what it can read twice. A
 * clause that only a SELECT can have decides it; OFFSET 0 means nothing and is not reported.
 */
export function disambiguate(tokens: readonly SqlToken[], spelling: ReadonlyMap<number, string>): Map<number, string> {
  const result = new Map(spelling);
  const open: { isSelect: boolean; limited: boolean }[] = [];
  tokens.forEach((token, index) => {
    const group = open.at(-1);
    if (token.kind === 'word' && group && ['limit', 'offset', 'fetch', 'for'].includes(token.value))
      group.limited = true;
    if (token.kind !== 'symbol') return;
    if (token.value === '(') open.push({ isSelect: tokens[index + 1]?.value === 'select', limited: false });
    if (token.value === ')' && open.pop()?.isSelect && group?.limited === false) result.set(index, ' offset 0)');
  });
  return result;
}

const updatePredecessors = new Set(['for', 'do', 'key', 'on']);

class Speller implements Respelled {
  readonly spelling = new Map<number, string>();
  conflict: 'nothing' | 'update' | undefined;
  readonly lockedNames: string[] = [];
  readonly detached: { first: number; end: number }[] = [];
  readonly operators = new Map<number, string>();
  private readonly tokens: readonly SqlToken[];

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens;
  }

  word(token: SqlToken, index: number): void {
    switch (token.value) {
      case 'insert':
        this.insert(index);
        return;
      case 'replace':
        this.replace(index);
        return;
      case 'on':
        this.conflictClause(index);
        return;
      case 'default':
        if (this.is(index + 1, 'values')) this.put(index, 'values', index + 1, '(default)');
        return;
      case 'lock':
        if (this.are(index + 1, 'in', 'share', 'mode')) {
          this.put(index, 'for', index + 1, 'share');
          this.drop(index + 2, index + 4);
        }
        return;
      case 'update':
        this.update(index);
        return;
      case 'share':
        this.lockedTables(index);
        return;
      case 'delete':
        if (this.is(index + 1, 'from')) this.detach(index, 'using', ['where', 'returning', 'order', 'limit']);
        return;
      case 'only':
        if (this.is(index - 1, 'from') || this.is(index - 1, 'update') || this.is(index - 1, 'join'))
          this.drop(index, index + 1);
        return;
      case 'is':
        this.distinct(index);
        return;
      case 'with':
        this.commonTables(index);
        return;
      default:
        this.detail(token, index);
    }
  }

  /** Null-safe equality of MySQL; distances of pgvector and pg_trgm. */
  symbol(token: SqlToken, index: number, dialect: SqlDialect | undefined): void {
    if (!/^<[-#=~%]>$/.test(token.value)) return;
    const equality = token.value === '<=>' && dialect !== 'postgresql';
    this.spelling.set(index, equality ? ' = ' : ' - ');
    this.operators.set(token.start, token.value);
  }

  private detail(token: SqlToken, index: number): void {
    const before = this.tokens[index - 1];
    switch (token.value) {
      case 'intersect':
      case 'except':
        this.spelling.set(index, 'union');
        return;
      case 'rows':
      case 'range':
      case 'groups':
        if (this.is(index + 1, 'between') || this.is(index + 1, 'unbounded') || this.is(index + 1, 'current')) {
          this.drop(index, this.endOfGroup(index));
        }
        return;
      case 'collate':
        if (endsOperand(before)) this.drop(index, index + 2);
        return;
      case 'from':
      case 'join':
      case 'into':
        this.tableName(index + 1);
        return;
      case 'any':
        // ClickHouse: ANY LEFT JOIN.
        if (['left', 'inner', 'right', 'join'].includes(this.tokens[index + 1]?.value ?? ''))
          this.drop(index, index + 1);
        return;
      case 'user':
        if (this.tokens[index + 1]?.value === '.') this.spelling.set(index, '"user"');
        return;
      case 'natural':
        this.drop(index, index + 1);
        return;
      case 'escape':
        if (endsOperand(before)) this.drop(index, index + 2);
        return;
      case 'similar':
        if (this.is(index + 1, 'to')) this.put(index, 'like', index + 1, '');
        return;
      default:
    }
  }

  /** `user` is reserved in PostgreSQL but a common table elsewhere; `database.schema.table` has one part too many. */
  private tableName(index: number): void {
    if (this.is(index, 'user')) this.spelling.set(index, '"user"');
    if (this.tokens[index + 1]?.value === '.' && this.tokens[index + 3]?.value === '.') this.drop(index, index + 2);
  }

  private insert(index: number): void {
    if (this.is(index + 1, 'ignore')) {
      this.conflict = 'nothing';
      this.drop(index + 1, index + 2);
    } else if (this.is(index + 1, 'or')) {
      const action = this.tokens[index + 2]?.value;
      if (action === 'ignore') this.conflict = 'nothing';
      if (action === 'replace') this.conflict = 'update';
      this.drop(index + 1, index + 3);
    }
  }

  private replace(index: number): void {
    if (!this.is(index + 1, 'into') || (index > 0 && !this.startsStatement(index))) return;
    this.spelling.set(index, 'insert');
    this.conflict = 'update';
  }

  private conflictClause(index: number): void {
    if (this.are(index + 1, 'duplicate', 'key', 'update')) {
      for (const [offset, word] of ['on', 'conflict', 'do', 'update set'].entries())
        this.spelling.set(index + offset, word);
      return;
    }
    if (!this.is(index + 1, 'conflict')) return;
    // The predicate of a partial index; the WHERE after DO UPDATE SET is another one and stays.
    const depth = this.tokens[index]?.depth;
    for (let at = index + 2; at < this.tokens.length; at += 1) {
      const token = this.tokens[at];
      if (token?.depth !== depth || token?.kind !== 'word') continue;
      if (token.value === 'do') return;
      if (token.value !== 'where') continue;
      const end = this.find(at, depth ?? 0, ['do']);
      this.drop(at, end);
      return;
    }
  }

  private update(index: number): void {
    this.tableName(index + 1);
    const before = this.tokens[index - 1];
    if (before?.value === 'for' || (before?.value === 'key' && this.is(index - 2, 'no'))) {
      this.lockedTables(index);
      return;
    }
    if (before !== undefined && updatePredecessors.has(before.value)) return;
    if (index === 0 || this.startsStatement(index))
      this.detach(index, 'from', ['where', 'returning', 'order', 'limit']);
  }

  /** FOR UPDATE OF a, b: the lock is on these tables alone. */
  private lockedTables(index: number): void {
    if (!this.is(index + 1, 'of')) return;
    let end = index + 2;
    for (let token = this.tokens[end]; token !== undefined; token = this.tokens[end]) {
      if (token.kind === 'word' && ['nowait', 'skip', 'for', 'limit', 'offset', 'order'].includes(token.value)) break;
      if (token.kind === 'symbol' && token.value !== ',' && token.value !== '.') break;
      if (token.kind !== 'symbol') this.lockedNames.push(token.value.toLowerCase());
      end += 1;
    }
    this.drop(index + 1, end);
  }

  private distinct(index: number): void {
    const negated = this.is(index + 1, 'not');
    const at = index + (negated ? 2 : 1);
    if (!this.are(at, 'distinct', 'from')) return;
    this.drop(index, at + 2);
    this.spelling.set(index, negated ? '=' : '!=');
    const start = this.tokens[index]?.start ?? 0;
    this.operators.set(start, negated ? 'is not distinct from' : 'is distinct from');
  }

  /** WITH RECURSIVE, column lists and MATERIALIZED do not change what the statements inside do. */
  private commonTables(index: number): void {
    const start = this.tokens[index];
    if (start === undefined || (index > 0 && !this.startsStatement(index))) return;
    let at = index + 1;
    if (this.is(at, 'recursive')) {
      this.drop(at, at + 1);
      at += 1;
    }
    for (;;) {
      at += 1;
      if (this.tokens[at]?.value === '(') {
        const end = this.endOfGroup(at + 1) + 1;
        this.drop(at, end);
        at = end;
      }
      if (!this.is(at, 'as')) return;
      const not = this.is(at + 1, 'not') ? 1 : 0;
      if (this.is(at + 1 + not, 'materialized')) {
        this.drop(at + 1, at + 2 + not);
        at += 1 + not;
      }
      at = this.endOfGroup(at + 2) + 1;
      if (this.tokens[at]?.value !== ',') return;
      at += 1;
    }
  }

  private detach(index: number, keyword: string, ends: readonly string[]): void {
    const depth = this.tokens[index]?.depth ?? 0;
    let first = index + (keyword === 'using' ? 2 : 1);
    for (;;) {
      first = this.find(first, depth, [keyword, 'where', 'returning']);
      if (!this.is(first, keyword)) return;
      if (!this.is(first - 1, 'distinct')) break;
      first += 1;
    }
    const end = this.find(first + 1, depth, ends);
    this.detached.push({ first: first + 1, end });
    this.drop(first, end);
  }

  /** The next of these words at this depth, the end of the group, or the end. */
  private find(from: number, depth: number, words: readonly string[]): number {
    for (let at = from; at < this.tokens.length; at += 1) {
      const token = this.tokens[at];
      if (token === undefined || token.depth < depth) return at;
      if (token.depth === depth && token.kind === 'word' && words.includes(token.value)) return at;
    }
    return this.tokens.length;
  }

  /** The closing parenthesis of the group that the token is directly in. */
  private endOfGroup(index: number): number {
    const depth = this.tokens[index]?.depth ?? 0;
    for (let at = index; at < this.tokens.length; at += 1) if ((this.tokens[at]?.depth ?? 0) < depth) return at;
    return this.tokens.length;
  }

  private startsStatement(index: number): boolean {
    const before = this.tokens[index - 1]?.value;
    return (
      before === '(' ||
      before === ')' ||
      before === 'explain' ||
      before === 'analyze' ||
      this.tokens[index - 1]?.kind === 'hole'
    );
  }

  private is(index: number, word: string): boolean {
    const token = this.tokens[index];
    return token?.kind === 'word' && token.value === word;
  }

  private are(index: number, ...words: readonly string[]): boolean {
    return words.every((word, offset) => this.is(index + offset, word));
  }

  private put(index: number, text: string, second: number, secondText: string): void {
    this.spelling.set(index, text).set(second, secondText);
  }

  private drop(first: number, end: number): void {
    for (let at = first; at < end; at += 1) this.spelling.set(at, '');
  }
}
