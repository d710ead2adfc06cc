/**
 * What the project's own schema says about tables: relations and whether they load by themselves, unique constraints.
 * Read from entity decorators; other sources add to the same shape.
 */

export type RelationKind = 'many-to-one' | 'one-to-many' | 'one-to-one' | 'many-to-many';

export interface RelationSchema {
  readonly name: string;
  readonly target: string | undefined;
  readonly kind: RelationKind;
  /** Declared `lazy: true` or typed `Promise<…>`: reading it runs a query. */
  readonly lazy: boolean;
  readonly eager: boolean;
}

export type ColumnKind = 'number' | 'text' | 'boolean' | 'date' | 'json';

/** Undefined what the schema does not say. */
export interface ColumnSchema {
  /** Lists are `json`: stored and changed as a whole. */
  readonly kind: ColumnKind | undefined;
  readonly nullable: boolean | undefined;
  /** How many values it can have: members of its enum. */
  readonly choices?: number;
}

export interface EntitySchema {
  /** Class or model name. */
  readonly name: string;
  readonly table: string | undefined;
  readonly path: string;
  readonly library: string;
  readonly relations: ReadonlyMap<string, RelationSchema>;
  readonly columns: ReadonlyMap<string, ColumnSchema>;
  /** Each a set of columns that no two rows share. */
  readonly unique: readonly (readonly string[])[];
  readonly versionColumn?: string;
  readonly storage?: Storage;
}

/** What SQL has to say of a table behind a client that has names of its own. */
export interface Storage {
  /** `postgresql`, `mysql`; undefined when the schema does not say. */
  readonly provider: string | undefined;
  /** Name in the database and type, by the client's name. */
  readonly columns: ReadonlyMap<string, { readonly name: string; readonly type: string }>;
  /** The column that every write sets anew. */
  readonly touched: string | undefined;
  /** Model and column that a column refers to. */
  readonly references: ReadonlyMap<string, { readonly model: string; readonly column: string }>;
}

const KINDS: readonly (readonly [RegExp, ColumnKind])[] = [
  [/json|^(simple-)?array$|\[\]$|^object$|^hstore$|^mixed$/i, 'json'],
  [/^bool/i, 'boolean'],
  [/^(date|time(?!span))/i, 'date'],
  [/^(unsigned)?(tiny|small|medium|big)?(int|serial)|^(float|double|decimal|numeric|real|number|money)/i, 'number'],
  [/char|text|^(string|uuid|enum)/i, 'text'],
];

/** What a type holds by the name that a library or a database gives it: `Int`, `bigserial`, `STRING`, `doublePrecision`. */
export function kindOfType(type: string): ColumnKind | undefined {
  return KINDS.find(([pattern]) => pattern.test(type))?.[1];
}

/**
 * The columns that decide whether a run's row is kept apart by a unique set: its own, and those of its predicate. What
 * must be NULL (`deleted_at IS NULL`) is so for every new row.
 */
export function decidingColumns(columns: readonly string[], where: string | undefined): readonly string[] {
  if (where === undefined) return columns;
  const others = [...where.matchAll(/["'`]?(\w+)["'`]?\s*(?:=|<>|!=|[<>]=?|IN\b|IS\s+NOT\b|IS\s+(?!NULL)|LIKE\b)/gi)]
    .map(([, column = '']) => column)
    .filter((column) => !/^(and|or|not|is|null)$/i.test(column));
  return [...new Set([...columns, ...others])];
}

/** `OrderLine`, `order_line`, `"OrderLines"` and `public.order_lines` are one table under several libraries' names. */
export function plainTable(name: string): string {
  let plain = plainNames.get(name);
  if (plain === undefined) {
    plain = makePlain(name);
    plainNames.set(name, plain);
  }
  return plain;
}

/** Every pair of statements of a function is asked about; a program has few names. */
const plainNames = new Map<string, string>();

function makePlain(name: string): string {
  const plain = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[^a-z0-9]/gi, '')
    .toLowerCase();
  return plain
    .replace(/(entity|model)$/, '')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
}
