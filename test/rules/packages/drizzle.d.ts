declare module 'drizzle-orm' {
  export type SQL = { readonly queryChunks: unknown[] };
  export function sql(parts: TemplateStringsArray, ...values: unknown[]): SQL;
  export function eq(column: unknown, value: unknown): SQL;
  export function gte(column: unknown, value: unknown): SQL;
  export function isNull(column: unknown): SQL;
  export function asc(column: unknown): SQL;
  export function inArray(column: unknown, values: readonly unknown[]): SQL;
  export function and(...conditions: SQL[]): SQL;
}
declare module 'drizzle-orm/pg-core' {
  import type { SQL } from 'drizzle-orm';
  export interface PgSelectBase<T> extends Promise<T[]> {
    where(condition: SQL): PgSelectBase<T>;
    orderBy(...columns: unknown[]): PgSelectBase<T>;
    limit(count: number): PgSelectBase<T>;
    for(strength: 'update' | 'share', config?: { noWait?: boolean; skipLocked?: boolean }): PgSelectBase<T>;
  }
  export interface PgSelectBuilder {
    from<T>(table: PgTable<T>): PgSelectBase<T>;
  }
  export interface PgUpdateBase extends Promise<{ rowCount: number | null }> {
    set(values: object): PgUpdateBase;
    where(condition: SQL): PgUpdateBase;
    returning(columns?: object): Promise<any[]>;
  }
  export interface PgInsertBase extends Promise<{ rowCount: number | null }> {
    onConflictDoNothing(target?: object): PgInsertBase;
    onConflictDoUpdate(target: object): PgInsertBase;
    returning(columns?: object): Promise<any[]>;
  }
  export interface PgInsertBuilder {
    values(row: object | readonly object[]): PgInsertBase;
  }
  export interface PgDeleteBase extends Promise<{ rowCount: number | null }> {
    where(condition: SQL): PgDeleteBase;
  }
  export interface PgTable<T> {
    readonly $inferSelect: T;
  }
  export function integer(name: string): { readonly type: any; notNull(): { readonly type: number } };
  export function text(name: string): { readonly type: string };
  export function pgTable<C extends Record<string, { readonly type: unknown }>>(
    name: string,
    columns: C,
  ): C & PgTable<{ [K in keyof C]: C[K]['type'] }>;
  export class PgDatabase {
    select(): PgSelectBuilder;
    insert(table: object): PgInsertBuilder;
    update(table: object): PgUpdateBase;
    delete(table: object): PgDeleteBase;
    execute(query: SQL): Promise<{ rows: any[] }>;
    transaction<R>(run: (tx: PgTransaction) => Promise<R>, options?: { isolationLevel?: string }): Promise<R>;
  }
  export class PgTransaction extends PgDatabase {}
}
