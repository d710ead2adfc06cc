/**
 * What the project's own schema says about tables: relations and whether they load by themselves, unique constraints.
 * Read from entity decorators; other sources add to the same shape.
 */

export interface RelationSchema {
  readonly name: string;
  readonly target: string | undefined;
  readonly kind: 'many-to-one' | 'one-to-many' | 'one-to-one' | 'many-to-many';
  /** Declared `lazy: true` or typed `Promise<…>`: reading it runs a query. */
  readonly lazy: boolean;
  readonly eager: boolean;
}

export interface EntitySchema {
  /** Class or model name. */
  readonly name: string;
  readonly table: string | undefined;
  readonly path: string;
  readonly library: string;
  readonly relations: ReadonlyMap<string, RelationSchema>;
  readonly columns: ReadonlySet<string>;
  /** Each a set of columns that no two rows share. */
  readonly unique: readonly (readonly string[])[];
  readonly versionColumn?: string;
}

/** `OrderLine`, `order_line`, `"OrderLines"` and `public.order_lines` are one table under several libraries' names. */
export function plainTable(name: string): string {
  const plain = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[^a-z0-9]/gi, '')
    .toLowerCase();
  return plain
    .replace(/(entity|model)$/, '')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
}
