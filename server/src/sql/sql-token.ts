/**
 * A tokenizer for the SQL of PostgreSQL, MySQL and SQLite. It serves three purposes only: finding
 * placeholders and template holes, recognising transaction control, and giving exact positions to
 * what the parsers found. It does not understand statements; the parsers do that.
 */

import type { SqlDialect } from './statement.ts';
import { HOLE_PATTERN } from './template-holes.ts';

type SqlTokenKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'hole' | 'symbol';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly start: number;
  readonly end: number;
  /**
   * Words in lower case, symbols as they are, the content of strings and quoted names, a
   * parameter's name; with `?` before it when it stands for the name of a table or column.
   */
  readonly value: string;
  /** Nesting depth in parentheses; a parenthesis itself has the depth outside of it. */
  readonly depth: number;
  /** A comment or other text that is not white space stands between the previous token and this one. */
  readonly afterComment: boolean;
}

/** Beyond this many tokens a text is data, not a query someone wrote; the parsers need about 0.1 ms a token. */
const maxTokens = 4000;
/** Deeper nesting is refused, so that recursion over the parsers' trees is bounded. */
const maxDepth = 60;

const blank = /(?:\s|--[^\n]*(?:\n|$))+/y;
const hash = /#[^\n]*/y;
const wordPart = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const wordMore = /[\p{L}\p{N}_$]+/uy;
const holePart = new RegExp(HOLE_PATTERN.source, 'y');
const numberPart = /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const parameterPart =
  /\$(\d+)|\?(\d+)|:(?:\.\.\.)?([A-Za-z_]\w*)|:(\d+)|@(\w+)|\$([A-Za-z_]\w*)|\{\{\s*([\w.]+)[^{}]*\}\}|\{\s*([A-Za-z_]\w*)\s*:[^{}]*\}/y;
/** pg-promise: `$<name>`, `${name}`, `$(name)`, `$[name]`, `$/name/`. */
const bracketedParameter =
  /\$(?:<\s*([\w.]+)|\{\s*([\w.]+)|\(\s*([\w.]+)|\[\s*([\w.]+)|\/\s*([\w.]+))(?::\w+|[~^#])?\s*[>})\]/]/y;
/** pg-promise: `$1:name`, `$1~` and, in Knex, `:table:` stand for a name, not for a value. */
const nameModifier = /:(?:name|alias)\b|~(?![~*])/y;
const knexName = /:([A-Za-z_]\w*):(?!:)/y;
/** pg-promise: `$1:csv`, `$1:json`; the value stays one parameter. */
const valueModifier = /:(?:csv|list|json|raw|value)\b|\^/y;
/** `$${index}` or `:${name}`: a placeholder whose number or name is computed. */
const computedParameter = new RegExp(`[$:@?]${HOLE_PATTERN.source}`, 'y');
const dollarQuote = /\$(?:[A-Za-z_]\w*)?\$/y;
const symbolPart =
  /->>|#>>|<->|<#>|<=>|<~>|<%>|!~~\*|!~\*|::|->|#>|<=|>=|<>|!=|:=|\|\||&&|<<|>>|<@|@>|@@|!~~|~~\*|!~|~\*|~~|\?\||\?&|#-|==|[-+*/%^<>=~!@#&|`?.,;:()[\]{}]/y;

/** Words after which an operand is expected, so that a following `?` is a placeholder and `-1` a number. */
const clauseWords = new Set(
  (
    'select distinct all from join on using where and or not in is like ilike between limit offset values value set by having ' +
    'returning as into update delete insert when then else case order group fetch first next interval escape with any some ' +
    'left right inner outer full cross natural for do nothing conflict union except intersect only lateral over filter partition ' +
    'asc desc nulls end collate similar to ignore replace key duplicate share skip locked nowait of default rows row'
  ).split(' '),
);

/** Whether something that could be the left side of an operator ends at this token. */
export function endsOperand(token: SqlToken | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'word') return !clauseWords.has(token.value) || token.value === 'end';
  if (token.kind === 'symbol') return token.value === ')' || token.value === ']';
  return true;
}

/** The tokens of a text, or undefined where a string, a quoted name or a comment does not end. */
export function tokenizeSql(text: string, dialect: SqlDialect | undefined): SqlToken[] | undefined {
  const scanner = new Scanner(text, dialect);
  return scanner.run() ? scanner.tokens : undefined;
}

class Scanner {
  readonly tokens: SqlToken[] = [];
  private readonly text: string;
  private readonly dialect: SqlDialect | undefined;
  /** MySQL reads "x" as a string and knows backslash escapes; a backtick in a text of unknown dialect says MySQL. */
  private readonly mysqlStrings: boolean;
  private readonly numbered: boolean;
  private at = 0;
  private depth = 0;
  private ordinal = 0;
  private commented = false;

  constructor(text: string, dialect: SqlDialect | undefined) {
    this.text = text;
    this.dialect = dialect;
    this.mysqlStrings = dialect === 'mysql' || (dialect === undefined && text.includes('`'));
    this.numbered = /\$\d/.test(text);
  }

  run(): boolean {
    while (this.skipBlank() && this.at < this.text.length) {
      if (this.tokens.length > maxTokens || this.depth > maxDepth) return false;
      if (!this.next()) return false;
      this.commented = false;
    }
    return this.at >= this.text.length;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  private push(kind: SqlTokenKind, end: number, value: string): true {
    this.tokens.push({ kind, start: this.at, end, value, depth: this.depth, afterComment: this.commented });
    this.at = end;
    return true;
  }

  /** False when a block comment does not end. PostgreSQL nests block comments, the others do not. */
  private skipBlank(): boolean {
    for (;;) {
      const space = this.match(blank) ?? (this.mysqlStrings ? this.match(hash) : null);
      if (space) {
        this.commented ||= space[0].trim() !== '';
        this.at += space[0].length;
        continue;
      }
      if (!this.text.startsWith('/*', this.at)) return true;
      const end = this.endOfBlockComment();
      if (end === undefined) return false;
      this.commented = true;
      this.at = end;
    }
  }

  private endOfBlockComment(): number | undefined {
    const edge = /\/\*|\*\//g;
    edge.lastIndex = this.at;
    let open = 0;
    for (let found = edge.exec(this.text); found; found = edge.exec(this.text)) {
      open += found[0] === '*/' ? -1 : 1;
      if (open === 0 || (found[0] === '*/' && this.dialect !== 'postgresql' && this.dialect !== undefined)) {
        return edge.lastIndex;
      }
    }
    return undefined;
  }

  private next(): boolean {
    const char = this.text[this.at] ?? '';
    if (char === "'") return this.string(this.at, "'", this.mysqlStrings);
    if (char === '"') return this.mysqlStrings ? this.string(this.at, '"', true) : this.quoted('"');
    if (char === '`') return this.quoted('`');
    const prefix = /[eEnNbBxX]'/y;
    prefix.lastIndex = this.at;
    if (prefix.test(this.text)) return this.string(this.at + 1, "'", this.mysqlStrings || /e/i.test(char));
    return this.holeOrWord() || this.bracketed() || this.parameter() || this.dollarQuoted() || this.numberOrSymbol();
  }

  private string(open: number, quote: string, backslash: boolean): boolean {
    let value = '';
    for (let index = open + 1; index < this.text.length; index += 1) {
      const char = this.text[index] ?? '';
      if (backslash && char === '\\') {
        index += 1;
        value += this.text[index] ?? '';
      } else if (char !== quote) {
        value += char;
      } else if (this.text[index + 1] === quote) {
        index += 1;
        value += quote;
      } else {
        return this.push('string', index + 1, value);
      }
    }
    return false;
  }

  private quoted(quote: string): boolean {
    let end = this.text.indexOf(quote, this.at + 1);
    while (end >= 0 && this.text[end + 1] === quote) end = this.text.indexOf(quote, end + 2);
    if (end < 0) return false;
    return this.push('quoted', end + 1, this.text.slice(this.at + 1, end).replaceAll(quote + quote, quote));
  }

  /** A run of word characters and holes without a gap is one name (`log_${day}`); a run of holes alone is one token each. */
  private holeOrWord(): boolean {
    let end = this.at;
    let letters = false;
    const holes: { end: number; number: string }[] = [];
    for (;;) {
      holePart.lastIndex = end;
      const hole = holePart.exec(this.text);
      if (hole) {
        end += hole[0].length;
        holes.push({ end, number: hole[1] ?? '' });
        continue;
      }
      const part = end === this.at ? wordPart : wordMore;
      part.lastIndex = end;
      const word = part.exec(this.text)?.[0];
      if (word === undefined) break;
      const cut = word.search(HOLE_PATTERN);
      const taken = cut >= 0 ? cut : word.length;
      if (taken === 0) break;
      letters = true;
      end += taken;
    }
    if (end === this.at) return false;
    if (letters) {
      const value = this.text.slice(this.at, end);
      return this.push('word', end, holes.length === 0 ? value.toLowerCase() : value);
    }
    for (const hole of holes) this.push('hole', hole.end, `hole:${hole.number}`);
    return true;
  }

  /** `[name]` of SQLite; after an operand a bracket is an array subscript. */
  private bracketed(): boolean {
    if (this.text[this.at] !== '[' || this.dialect === 'postgresql' || this.dialect === 'mysql') return false;
    const previous = this.tokens.at(-1);
    if (endsOperand(previous)) return false;
    const name = /\[([A-Za-z_][\w ]*)\]/y;
    name.lastIndex = this.at;
    const found = name.exec(this.text);
    return found !== null && this.push('quoted', name.lastIndex, found[1] ?? '');
  }

  private parameter(): boolean {
    const char = this.text[this.at];
    const previous = this.tokens.at(-1);
    if (char === ':' && previous?.value === ':' && previous.end === this.at) return false;
    const computed = this.match(computedParameter);
    if (computed) return this.push('parameter', this.at + computed[0].length, `${char}hole:${computed[1]}`);
    if (char === '$' && this.match(dollarQuote)) return false;
    const knex = this.match(knexName);
    if (knex) return this.push('parameter', this.at + knex[0].length, `?${knex[1]}`);
    const found = this.match(parameterPart) ?? this.match(bracketedParameter);
    if (found) return this.namedParameter(found);
    if (char !== '?' || this.questionIsOperator()) return false;
    this.ordinal += 1;
    // `??` is the placeholder for a name in the mysql drivers and in Knex.
    const isName = this.text[this.at + 1] === '?';
    return this.push('parameter', this.at + (isName ? 2 : 1), `${isName ? '?' : ''}${this.ordinal}`);
  }

  private namedParameter(found: RegExpExecArray): boolean {
    const name = found.slice(1).find((group) => group !== undefined) ?? '';
    const end = this.at + found[0].length;
    nameModifier.lastIndex = end;
    valueModifier.lastIndex = end;
    if (this.text[this.at] !== '$') return this.push('parameter', end, name);
    if (/[:~]/.test(found[0]) ? /:name|:alias|~/.test(found[0]) : nameModifier.test(this.text)) {
      return this.push('parameter', Math.max(end, nameModifier.lastIndex), `?${name}`);
    }
    return this.push('parameter', valueModifier.test(this.text) ? valueModifier.lastIndex : end, name);
  }

  /** PostgreSQL's JSON operators `?`, `?|` and `?&` stand after an operand, a placeholder never does. */
  private questionIsOperator(): boolean {
    if (this.dialect === 'mysql' || this.dialect === 'sqlite') return false;
    return this.numbered || endsOperand(this.tokens.at(-1));
  }

  private dollarQuoted(): boolean {
    const open = this.match(dollarQuote)?.[0];
    if (open === undefined) return false;
    const end = this.text.indexOf(open, this.at + open.length);
    if (end < 0) return false;
    return this.push('string', end + open.length, this.text.slice(this.at + open.length, end));
  }

  private numberOrSymbol(): boolean {
    const number = this.match(numberPart)?.[0];
    if (number !== undefined) return this.push('number', this.at + number.length, number);
    const symbol = this.match(symbolPart)?.[0];
    if (symbol === undefined) return false;
    if (symbol === ')') this.depth = Math.max(0, this.depth - 1);
    this.push('symbol', this.at + symbol.length, symbol);
    if (symbol === '(') this.depth += 1;
    return true;
  }
}
