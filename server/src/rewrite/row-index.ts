/**
 * The code around a query that is run once for many keys: names for its parts, the lines that index its rows by key,
 * and the expression that finds a key's rows again.
 */
import type { SourceFile, Span } from '../typescript/syntax.ts';
import type { BatchForm } from './batch-query.ts';
import { semicolonOf } from './source-edit.ts';

export interface IndexNames {
  readonly keys: string;
  readonly rows: string;
  readonly row: string;
  readonly index: string;
}

/** Names that nothing in the file has; those given out are added to `taken`. `keys`: the list is there already. */
export function indexNames(batch: BatchForm, table: string, taken: Set<string>, keys?: string): IndexNames {
  const plural = plainName(table);
  const one = singular(plural);
  const column = camel(batch.column.replace(/^_/, '').replaceAll('.', '_'));
  const free = (...candidates: string[]): string => freeName(candidates, taken);
  const own = column === 'id' ? `${one}Ids` : `${column}${/s$/.test(column) ? 'Values' : 's'}`;
  const suffix = `By${column[0]?.toUpperCase() ?? ''}${column.slice(1)}`;
  const isCount = batch.gives === 'count';
  return {
    keys: keys ?? free(own, `${one}Keys`),
    rows: free(
      isCount ? `${one}Counts` : plural,
      `${one}Rows`,
      `all${plural[0]?.toUpperCase() ?? ''}${plural.slice(1)}`,
    ),
    row: free(isCount ? 'group' : one, `${one}Row`, 'row'),
    index: free(isCount ? `${one}Count${suffix}` : `${plural}${suffix}`),
  };
}

/** Names that a function of the file sees or has, or that anything in the file has. */
export function namesIn(file: SourceFile, within?: Span): Set<string> {
  const seen = file.variables.filter(
    ({ fn, at }) => within === undefined || fn === 0 || (within.start <= at.start && at.end <= within.end),
  );
  return new Set(seen.map((variable) => variable.name));
}

/** Tables are called so: `returns`, `cases`, `defaults`, `classes`. */
const RESERVED = /^(return|case|default|class|new|this|package|import|export|delete|switch|function|interface|enum)$/;

export function freeName(candidates: readonly string[], taken: Set<string>): string {
  const isFree = (candidate: string): boolean => !taken.has(candidate) && !RESERVED.test(candidate);
  const name = candidates.find(isFree) ?? numbered(candidates[0] ?? 'value', taken);
  taken.add(name);
  return name;
}

function numbered(base: string, taken: ReadonlySet<string>): string {
  for (let serial = 2; ; serial += 1) if (!taken.has(`${base}${serial}`)) return `${base}${serial}`;
}

/** `orderLines` of `public.order_lines`, `OrderLine` or `orderLine`. */
export function plainName(table: string): string {
  return pluralOf(camel(table.slice(table.lastIndexOf('.') + 1).replaceAll(/["`]/g, '')) || 'rows');
}

export function pluralOf(name: string): string {
  if (/(s|x|ch|sh)$/.test(name)) return /s$/.test(name) && !/ss$/.test(name) ? name : `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

export function singular(plural: string): string {
  if (/ies$/.test(plural)) return `${plural.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(plural)) return plural.slice(0, -2);
  return plural.replace(/s$/, '');
}

export function camel(name: string): string {
  const joined = name.replaceAll(/[_\s-]+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return `${joined[0]?.toLowerCase() ?? ''}${joined.slice(1)}`;
}

/** The query for all keys, then its rows by key. `query` is laid out already. */
export function indexLines(file: SourceFile, batch: BatchForm, names: IndexNames, query: string): string[] {
  const end = semicolonOf(file);
  const rows = batch.gives === 'tuple' ? `[${names.rows}]` : batch.inData ? `{ data: ${names.rows} }` : names.rows;
  const nothing = batch.gives === 'tuple' ? '[[]]' : '[]';
  const given =
    batch.needsKeys === true ? `${names.keys}.length === 0 ? ${nothing} : await ${query}` : `await ${query}`;
  return [`const ${rows} = ${given}${end}`, ...mapLines(file, batch, names, end)];
}

function mapLines(file: SourceFile, batch: BatchForm, names: IndexNames, end: string): string[] {
  const { rows, row, index } = names;
  const source = batch.gives === 'result' ? `${rows}.rows` : batch.inData ? `(${rows} ?? [])` : rows;
  const key = batch.byText ? `String(${row}.${batch.column})` : `${row}.${batch.column}`;
  const typed = file.language === 'typescript';
  if (batch.gives === 'count' && (batch.typed || !typed)) {
    return [`const ${index} = new Map(${rows}.map((${row}) => [${key}, ${row}._count._all]))${end}`];
  }
  if (batch.gives === 'count') {
    return [
      `const ${index} = new Map<unknown, number>()${end}`,
      `for (const ${row} of ${rows}) ${index}.set(${key}, ${row}._count._all)${end}`,
    ];
  }
  if (batch.gives === 'one' && batch.first === true) {
    const type = typed ? `<${keyTypeOf(batch, rows)}, (typeof ${rows})[number]>` : '';
    return [
      `const ${index} = new Map${type}()${end}`,
      `for (const ${row} of ${source}) if (!${index}.has(${key})) ${index}.set(${key}, ${row})${end}`,
    ];
  }
  if (batch.gives === 'one') {
    if (batch.typed || !typed) return [`const ${index} = new Map(${source}.map((${row}) => [${key}, ${row}]))${end}`];
    return [
      `const ${index} = new Map<unknown, (typeof ${rows})[number]>()${end}`,
      `for (const ${row} of ${source}) ${index}.set(${key}, ${row})${end}`,
    ];
  }
  const list = batch.inData
    ? `NonNullable<typeof ${rows}>`
    : batch.needsKeys === true
      ? `(typeof ${source})[number][]`
      : `typeof ${source}`;
  const type = typed ? `<${keyTypeOf(batch, rows)}, ${list}>` : '';
  return [
    `const ${index} = new Map${type}()${end}`,
    `for (const ${row} of ${source}) {`,
    `  const same = ${index}.get(${key})${end}`,
    `  if (same === undefined) ${index}.set(${key}, [${row}])${end}`,
    `  else same.push(${row})${end}`,
    '}',
  ];
}

/** Of rows whose type is known the column's: a key of another type finds nothing, and must not compile. */
function keyTypeOf({ typed, byText, column, gives, inData }: BatchForm, rows: string): string {
  if (byText) return 'string';
  const row = inData ? `NonNullable<typeof ${rows}>[number]` : `(typeof ${rows})[number]`;
  return typed && gives !== 'result' && gives !== 'tuple'
    ? row +
        column
          .split('.')
          .map((name) => `['${name}']`)
          .join('')
    : 'unknown';
}

/** The key's entry; undefined where it has none. */
export function foundIn(names: IndexNames, batch: BatchForm): string {
  return `${names.index}.get(${batch.byText ? `String(${batch.key})` : batch.key})`;
}

/** What the query for one key would have given. */
export function lookupOf(names: IndexNames, batch: BatchForm): string {
  const found = foundIn(names, batch);
  switch (batch.gives) {
    case 'one':
      return batch.absent === undefined ? `${found} ?? null` : found;
    case 'count':
      return `${found} ?? 0`;
    case 'many':
      return `${found} ?? []`;
    case 'result':
      return `{ rows: ${found} ?? [] }`;
    case 'tuple':
      return `[${found} ?? []]`;
  }
}
