/**
 * Unique constraints from what creates the tables: SQL text, and the migrations of Sequelize, Knex, TypeORM and Kysely.
 * Read as text, because migrations are no part of the program, and in order: what a later one drops is gone. What a
 * migration does to undo itself is not read. A drop by a name that was never seen drops nothing.
 */
import { plainTable } from './schema.ts';

export interface UniqueSet {
  readonly table: string;
  readonly columns: readonly string[];
  /** Only rows of this kind are kept apart: the predicate of a partial index, as written. */
  readonly where?: string;
}

type Change =
  | ({ readonly kind: 'unique'; readonly name?: string; readonly at: number } & UniqueSet)
  | { readonly kind: 'drop-name'; readonly name: string; readonly at: number }
  | { readonly kind: 'drop-columns'; readonly table: string; readonly columns: readonly string[]; readonly at: number }
  | { readonly kind: 'drop-set'; readonly table: string; readonly columns: readonly string[]; readonly at: number }
  | { readonly kind: 'drop-table'; readonly table: string; readonly at: number }
  | { readonly kind: 'rename'; readonly table: string; readonly to: string; readonly at: number };

/** What is unique after all of the texts, which are given in the order they run in. */
export function readUniqueSets(texts: readonly string[]): UniqueSet[] {
  let known: (UniqueSet & { readonly name?: string })[] = [];
  for (const text of texts) {
    for (const change of changesIn(withoutUndoing(text))) known = apply(known, change);
  }
  return known.map(({ table, columns, where }) => ({ table, columns, ...(where === undefined ? {} : { where }) }));
}

function apply<Known extends UniqueSet & { readonly name?: string }>(
  known: readonly Known[],
  change: Change,
): (Known | (UniqueSet & { readonly name?: string }))[] {
  switch (change.kind) {
    case 'unique': {
      const { kind: _, at: __, ...set } = change;
      return set.table === '' || set.columns.length === 0 ? [...known] : [...known, set];
    }
    case 'drop-name':
      return known.filter((set) => !isNamed(set, change.name));
    case 'drop-columns':
      return known.filter(
        (set) => !(sameTable(set.table, change.table) && set.columns.some((column) => change.columns.includes(column))),
      );
    case 'drop-set':
      return known.filter(
        (set) => !(sameTable(set.table, change.table) && set.columns.join() === change.columns.join()),
      );
    case 'drop-table':
      return known.filter((set) => !sameTable(set.table, change.table));
    case 'rename':
      return known.map((set) => (sameTable(set.table, change.table) ? { ...set, table: change.to } : set));
  }
}

/** By the name it was given, or by the one that the database or the library would give it. */
function isNamed({ name, table, columns }: UniqueSet & { readonly name?: string }, wanted: string): boolean {
  if (name !== undefined) return name === wanted;
  const stem = `${table}_${columns.join('_')}`.toLowerCase();
  return [stem, `${stem}_key`, `${stem}_unique`, `${stem}_uk`, `${stem}_idx`, `${table}_pkey`.toLowerCase()].includes(
    wanted.toLowerCase(),
  );
}

function sameTable(a: string, b: string): boolean {
  return plainTable(a) === plainTable(b);
}

/** `down` of a migration, from its head to the end of its body or the text. */
function withoutUndoing(text: string): string {
  const head =
    /(?:^|[\n;},])[ \t]*(?:(?:export\s+)?(?:public\s+)?(?:async\s+)?(?:function\s+)?down\s*\(|(?:module\.)?exports\.down\s*=|(?:export\s+)?const\s+down\s*=|down\s*:|--\s*(?:migrate:)?down\b|--\s*\+goose\s+Down|--\s*@?down\b)/i.exec(
      text,
    );
  if (head === null) return text;
  const from = head.index + head[0].length;
  const up =
    /(?:^|[\n;},])[ \t]*(?:(?:export\s+)?(?:public\s+)?(?:async\s+)?(?:function\s+)?up\s*\(|(?:module\.)?exports\.up\s*=|(?:export\s+)?const\s+up\s*=|up\s*:)/.exec(
      text.slice(from),
    );
  return text.slice(0, head.index) + (up === null ? '' : text.slice(from + up.index));
}

function changesIn(written: string): Change[] {
  // `async.series([db.createTable.bind(db, 'projects', …)])` of db-migrate.
  const text = written.replaceAll(/\.bind\(\s*[\w$.]+\s*,\s*/g, '(');
  return [...sqlChanges(text), ...builderChanges(text)].sort((a, b) => a.at - b.at);
}

// ---------------------------------------------------------------- SQL

const NAME = String.raw`((?:["\x60\[]?[\w$]+["\x60\]]?\.)*["\x60\[]?[\w$]+["\x60\]]?)`;

function sqlChanges(text: string): Change[] {
  const changes: Change[] = [];
  const each = (pattern: string, work: (match: RegExpMatchArray, end: number, at: number) => void): void => {
    for (const match of text.matchAll(new RegExp(pattern, 'gi')))
      work(match, match.index + match[0].length, match.index);
  };
  each(
    String.raw`\bUNIQUE\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?:${NAME}\s+)?ON\s+(?:ONLY\s+)?${NAME}\s*(?:USING\s+\w+\s*)?\(`,
    ([, name, table = ''], end, at) => {
      const list = balanced(text, end);
      const where = /^[^;]*?\bWHERE\s+([^;\x60]+)/i.exec(
        text.slice(end + list.length + 1, end + list.length + 400),
      )?.[1];
      changes.push({
        kind: 'unique',
        at,
        table: plainName(table),
        columns: columnsIn(list),
        ...(name === undefined ? {} : { name: plainName(name) }),
        ...(where === undefined ? {} : { where: where.replace(/["']?\s*[,)]?\s*$/, '').trim() }),
      });
    },
  );
  each(String.raw`\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?${NAME}\s*\(`, ([, table = ''], end, at) => {
    for (const part of splitTop(balanced(text, end))) changes.push(...definition(plainName(table), part, at));
  });
  each(String.raw`\bALTER\s+TABLE\s+(?:ONLY\s+|IF\s+EXISTS\s+)*${NAME}\s+`, ([, table = ''], end, at) => {
    // Up to the end of the statement, or of the string it stands in.
    const quote = /["'\x60]\s*$/.exec(text.slice(Math.max(0, at - 20), at))?.[0].trim();
    const stop = text.slice(end).search(quote === undefined ? /;/ : new RegExp(`;|(?<!\\\\)${quote}`));
    const statement = stop < 0 ? text.slice(end) : text.slice(end, end + stop);
    for (const part of splitTop(statement)) changes.push(...alteration(plainName(table), part, at));
  });
  each(
    String.raw`\bDROP\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?${NAME}((?:\s*,\s*${NAME})*)`,
    ([, name = '', others = ''], _, at) => {
      for (const one of [name, ...others.split(',')])
        if (one.trim() !== '') changes.push({ kind: 'drop-name', name: plainName(one.trim()), at });
    },
  );
  each(String.raw`\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?${NAME}`, ([, table = ''], _, at) => {
    changes.push({ kind: 'drop-table', table: plainName(table), at });
  });
  return changes;
}

/** A part of CREATE TABLE: a column, or a constraint over several. */
function definition(table: string, part: string, at: number): Change[] {
  if (!/\b(UNIQUE|PRIMARY\s+KEY)\b/i.test(part)) return [];
  const listed =
    /^\s*(?:CONSTRAINT\s+(\S+)\s+)?(?:UNIQUE|PRIMARY\s+KEY)\b(?:\s+(?:KEY|INDEX))?\s*([^\s(]+)?\s*\(/i.exec(part);
  if (listed === null) return [{ kind: 'unique', at, table, columns: [plainName(/\S+/.exec(part)?.[0] ?? '')] }];
  const name = listed[1] ?? listed[2];
  const columns = columnsIn(balanced(part, listed[0].length));
  return [{ kind: 'unique', at, table, columns, ...(name === undefined ? {} : { name: plainName(name) }) }];
}

/** A part of ALTER TABLE. */
function alteration(table: string, part: string, at: number): Change[] {
  const added = /^\s*ADD\s+(?!COLUMN\b)/i.exec(part);
  if (added !== null) return definition(table, part.slice(added[0].length), at);
  const column = /^\s*ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(\S+)[\s\S]*\bUNIQUE\b/i.exec(part);
  if (column !== null) return [{ kind: 'unique', at, table, columns: [plainName(column[1] ?? '')] }];
  const renamed = /^\s*RENAME\s+TO\s+(\S+)/i.exec(part);
  if (renamed !== null) return [{ kind: 'rename', table, to: plainName(renamed[1] ?? ''), at }];
  const constraint = /^\s*DROP\s+(?:CONSTRAINT|INDEX|KEY)\s+(?:IF\s+EXISTS\s+)?(\S+)/i.exec(part);
  if (constraint !== null) return [{ kind: 'drop-name', name: plainName(constraint[1] ?? ''), at }];
  const dropped = /^\s*DROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?(\S+)/i.exec(part);
  return dropped === null ? [] : [{ kind: 'drop-columns', table, columns: [plainName(dropped[1] ?? '')], at }];
}

// ---------------------------------------------------------------- calls of migration builders

const CALLS =
  /\b(addIndex|addConstraint|addColumn|changeColumn|createTable(?:IfNotExists)?|alterTable|table|removeIndex|removeConstraint|removeColumn|dropColumn|dropTable(?:IfExists)?|renameTable|createIndex|createUniqueConstraint|dropIndex|dropUniqueConstraint)\(\s*(?:new\s+Table\(\s*\{\s*name\s*:\s*)?(?:['"`]([\w.]+)['"`]|\{\s*tableName\s*:\s*['"`]([\w.]+)['"`][^}]*\})\s*/g;

function builderChanges(text: string): Change[] {
  return [...text.matchAll(CALLS)].flatMap((match): Change[] => {
    const [whole, method = '', plain, nested] = match;
    const table = plainName(plain ?? nested ?? '');
    const at = match.index;
    const rest = balanced(text, at + whole.length).replace(/^\s*,/, '');
    const first = /^\s*['"`]([\w.]+)['"`]/.exec(rest)?.[1];
    switch (method.replace(/If(Not)?Exists$/, '')) {
      case 'removeIndex':
      case 'removeConstraint':
      case 'dropIndex':
      case 'dropUniqueConstraint': {
        // Kysely's takes the index's name alone.
        if (first === undefined && rest.trim() === '') return [{ kind: 'drop-name', name: table, at }];
        return first === undefined
          ? [{ kind: 'drop-set', table, columns: stringsIn(/\[([^\]]*)\]/.exec(rest)?.[1] ?? ''), at }]
          : [{ kind: 'drop-name', name: first, at }];
      }
      case 'removeColumn':
      case 'dropColumn':
        return first === undefined ? [] : [{ kind: 'drop-columns', table, columns: [first], at }];
      case 'dropTable':
        return [{ kind: 'drop-table', table, at }];
      case 'renameTable':
        return first === undefined ? [] : [{ kind: 'rename', table, to: first, at }];
      case 'createIndex':
        return rest.trim() === '' ? kyselyIndex(text.slice(at), table, at) : listed(table, rest, at);
      case 'addIndex':
      case 'addConstraint':
      case 'createUniqueConstraint':
        return listed(table, rest, at, method === 'createUniqueConstraint');
      default:
        return [
          ...columnsMarked(table, rest, at),
          ...droppedIn(table, rest, at),
          ...(/Table/.test(method) ? kyselyTable(text.slice(at), table, at) : []),
        ];
    }
  });
}

/** `addIndex('t', ['a'], { unique: true })`, `addConstraint('t', { type: 'unique', fields: […] })`, `new TableIndex({ isUnique: true })`. */
function listed(table: string, call: string, at: number, isUnique = false): Change[] {
  const says = /(?:isUnique|unique)\s*:\s*true|type\s*:\s*['"](?:UNIQUE|PRIMARY\s+KEY)['"]|\]\s*,\s*true\b/i;
  if (!isUnique && !says.test(call)) return [];
  const name =
    /\b(?:name|indexName)\s*:\s*['"`]([\w.]+)['"`]/.exec(call)?.[1] ?? /^\s*['"`]([\w.]+)['"`]/.exec(call)?.[1];
  const columns = stringsIn(/\[([^\]]*)\]/.exec(call)?.[1] ?? '');
  return [{ kind: 'unique', at, table, columns, ...named(name), ...predicate(call) }];
}

function columnsMarked(table: string, call: string, at: number): Change[] {
  const unique = (columns: readonly string[], rest = ''): Change => {
    const name = /\b(?:indexName|constraintName)\s*:\s*['"`]([\w.]+)['"`]|^\s*,\s*['"`]([\w.]+)['"`]/.exec(rest);
    return { kind: 'unique', at, table, columns, ...named(name?.[1] ?? name?.[2]), ...predicate(rest) };
  };
  const column = /^\s*['"](\w+)['"]\s*,/.exec(call)?.[1];
  if (column !== undefined) return /unique\s*:\s*true/.test(call) ? [unique([column])] : [];
  return [
    ...[...call.matchAll(/(\w+)\s*:\s*\{[^{}]*\b(?:unique|primaryKey)\s*:\s*true/g)].map(([, key = '']) =>
      unique([key]),
    ),
    ...[...call.matchAll(/\{[^{}]*\bname\s*:\s*['"`](\w+)['"`][^{}]*\bis(?:Unique|Primary)\s*:\s*true/g)].map(
      ([, key = '']) => unique([key]),
    ),
    ...[...call.matchAll(/\bcolumnNames\s*:\s*(\[[^\]]*\])[^{}]*/g)].map(([, list = '']) => unique(stringsIn(list))),
    ...[...call.matchAll(/\.(?:unique|primary)\(\s*(\[[^\]]*\]|['"]\w+['"])/g)].map((match) =>
      unique(stringsIn(match[1] ?? ''), balanced(call, match.index + match[0].length)),
    ),
    ...[
      ...call.matchAll(/\.\w+\(\s*['"](\w+)['"][^;]*?\)(?:\s*\.\w+\([^;()]*\))*\s*\.(?:unique|primary)\(\s*(?:\)|\{)/g),
    ].map(([, key = '']) => unique([key])),
  ];
}

/** `table.dropUnique(['a'])`, `table.dropColumn('a')` inside `alterTable`. */
function droppedIn(table: string, call: string, at: number): Change[] {
  return [...call.matchAll(/\.(dropUnique|dropColumns?)\(/g)].flatMap((match): Change[] => {
    const inside = balanced(call, match.index + match[0].length);
    const name = /\]\s*,\s*['"`]([\w.]+)['"`]/.exec(inside)?.[1];
    const columns = stringsIn(/\[([^\]]*)\]/.exec(inside)?.[1] ?? inside);
    if (match[1] !== 'dropUnique') return [{ kind: 'drop-columns', table, columns, at }];
    return [
      { kind: 'drop-set', table, columns, at },
      ...(name === undefined ? [] : [{ kind: 'drop-name' as const, name, at }]),
    ];
  });
}

/** `createIndex('i').unique().on('t').columns(['a', 'b'])` */
function kyselyIndex(text: string, name: string, at: number): Change[] {
  const chain = text.slice(0, /;|\.execute\(/.exec(text)?.index ?? 400);
  const table = /\.on\(\s*['"`]([\w.]+)['"`]/.exec(chain)?.[1];
  if (table === undefined || !/\.unique\(\)/.test(chain)) return [];
  const columns = stringsIn(/\.columns?\(\s*(\[[^\]]*\]|['"`]\w+['"`])/.exec(chain)?.[1] ?? '');
  return [{ kind: 'unique', at, name, table: plainName(table), columns }];
}

/** `createTable('t').addColumn('a', 'text', (c) => c.unique()).addUniqueConstraint('n', ['a', 'b'])` */
function kyselyTable(text: string, table: string, at: number): Change[] {
  const chain = text.slice(0, /;|\.execute\(/.exec(text)?.index ?? 0);
  return [
    ...[...chain.matchAll(/\.add(?:Unique|PrimaryKey)Constraint\(\s*['"`](\w+)['"`]\s*,\s*(\[[^\]]*\])/g)].map(
      ([, name, list = '']): Change => ({ kind: 'unique', at, table, columns: stringsIn(list), ...named(name) }),
    ),
    ...[...chain.matchAll(/\.addColumn\(\s*['"`](\w+)['"`]/g)].flatMap((match): Change[] => {
      const isUnique = /\.(?:unique|primaryKey)\(\)/.test(balanced(chain, match.index + match[0].length));
      return isUnique ? [{ kind: 'unique', at, table, columns: [match[1] ?? ''] }] : [];
    }),
  ];
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

/** `where: { deletedAt: null }`, `predicate: knex.whereNull('deleted_at')`, `where: '"deletedAt" IS NULL'`. */
function predicate(options: string): { where?: string } {
  const text = /\bwhere\s*:\s*(['"`])(.*?)\1/.exec(options)?.[2];
  if (text !== undefined) return { where: text };
  const call = /\bpredicate\s*:[^,}]*?\.?(where(?:Not)?(?:Null)?|whereRaw)\(\s*['"`]([^'"`]+)['"`]/.exec(options);
  if (call !== null) {
    const [, method = '', column = ''] = call;
    return {
      where: `${column}${method === 'whereNull' ? ' IS NULL' : method === 'whereNotNull' ? ' IS NOT NULL' : ' ='}`,
    };
  }
  const object = /\bwhere\s*:\s*\{([^}]*)\}?/.exec(options)?.[1];
  if (object === undefined) return {};
  const parts = [...object.matchAll(/(\w+)\s*:\s*([^,{}]+|\{[^}]*\}?)/g)];
  return {
    where: parts
      .map(([, column, value = '']) => `${column} ${value.trim() === 'null' ? 'IS NULL' : '='}`)
      .join(' AND '),
  };
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
  return name.replaceAll(/["'`\\[\]();]/g, '').replace(/^.*\./, '');
}
