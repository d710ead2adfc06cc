/**
 * Unique constraints from what creates the tables: SQL text, and the migrations of Sequelize, Knex and TypeORM. Read as
 * text, because migrations are no part of the program; dropped constraints still count, which errs towards silence.
 */
export interface UniqueSet {
  readonly table: string;
  readonly columns: readonly string[];
}

export function readUniqueSets(text: string): UniqueSet[] {
  return [...sqlIndexes(text), ...sqlTables(text), ...builderCalls(text)].filter(
    ({ table, columns }) => table !== '' && columns.length > 0,
  );
}

// ---------------------------------------------------------------- SQL

function sqlIndexes(text: string): UniqueSet[] {
  const found: UniqueSet[] = [];
  const index = /\bUNIQUE\s+INDEX\b[^;(]*?\bON\s+(?:ONLY\s+)?([^\s(]+)\s*(?:USING\s+\w+\s*)?\(/gi;
  const constraint =
    /\bALTER\s+TABLE\s+(?:ONLY\s+|IF\s+EXISTS\s+)*([^\s;(]+)[^;(]*?\bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:UNIQUE|PRIMARY\s+KEY)\b[^;(]*\(/gi;
  for (const pattern of [index, constraint]) {
    for (const match of text.matchAll(pattern)) {
      found.push({
        table: plainName(match[1] ?? ''),
        columns: columnsIn(balanced(text, match.index + match[0].length)),
      });
    }
  }
  return found;
}

function sqlTables(text: string): UniqueSet[] {
  const found: UniqueSet[] = [];
  for (const match of text.matchAll(/\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([^\s(]+)\s*\(/gi)) {
    const table = plainName(match[1] ?? '');
    for (const part of splitTop(balanced(text, match.index + match[0].length))) {
      if (!/\b(UNIQUE|PRIMARY\s+KEY)\b/i.test(part)) continue;
      const listed = /^\s*(?:CONSTRAINT\s+\S+\s+)?(?:UNIQUE|PRIMARY\s+KEY)\b[^(]*\(/i.exec(part);
      const columns =
        listed === null ? [plainName(/\S+/.exec(part)?.[0] ?? '')] : columnsIn(balanced(part, listed[0].length));
      found.push({ table, columns });
    }
  }
  return found;
}

// ---------------------------------------------------------------- calls of migration builders

/** `addIndex('t', ['a'], { unique: true })`, `createTable('t', (table) => { table.string('a').unique(); })`, … */
function builderCalls(text: string): UniqueSet[] {
  const found: UniqueSet[] = [];
  const calls =
    /\b(addIndex|addConstraint|addColumn|changeColumn|createTable|alterTable|table)\(\s*(['"`])([\w.]+)\2\s*,/g;
  for (const match of text.matchAll(calls)) {
    const [whole, method, , table = ''] = match;
    const rest = balanced(text, match.index + whole.length);
    const sets = method === 'addIndex' || method === 'addConstraint' ? listedColumns(rest) : columnsMarked(rest);
    found.push(...sets.map((columns) => ({ table: plainName(table), columns })));
  }
  return found;
}

function listedColumns(call: string): string[][] {
  if (!/unique\s*:\s*true|type\s*:\s*['"]UNIQUE['"]/i.test(call)) return [];
  return [stringsIn(/\[([^\]]*)\]/.exec(call)?.[1] ?? '')];
}

function columnsMarked(call: string): string[][] {
  const named = /^\s*['"](\w+)['"]\s*,/.exec(call)?.[1];
  if (named !== undefined) return /unique\s*:\s*true/.test(call) ? [[named]] : [];
  return [
    ...[...call.matchAll(/(\w+)\s*:\s*\{[^{}]*\bunique\s*:\s*true/g)].map(([, column = '']) => [column]),
    ...[...call.matchAll(/\.(?:unique|primary)\(\s*(\[[^\]]*\]|['"]\w+['"])/g)].map(([, list = '']) => stringsIn(list)),
    ...[...call.matchAll(/\.\w+\(\s*['"](\w+)['"][^;]*?\)(?:\s*\.\w+\([^;()]*\))*\s*\.unique\(\s*(?:\)|\{)/g)].map(
      ([, column = '']) => [column],
    ),
  ];
}

// ---------------------------------------------------------------- text

/** The text up to the parenthesis that closes the one just before the offset. */
function balanced(text: string, from: number): string {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(from, at);
  }
  return text.slice(from);
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** `lower(email)` is unique for less than all of `email`, which makes it unique for the equal ones as well. */
function columnsIn(list: string): string[] {
  return splitTop(list)
    .map((part) => plainName((/\(([^()]*)\)/.exec(part)?.[1] ?? part).trim().split(/\s+/)[0] ?? ''))
    .filter((name) => name !== '');
}

function stringsIn(list: string): string[] {
  return [...list.matchAll(/['"`]([\w.]+)['"`]/g)].map(([, name = '']) => name);
}

function plainName(name: string): string {
  return name.replaceAll(/["'`\\[\]]/g, '').replace(/^.*\./, '');
}
