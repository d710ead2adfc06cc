declare module 'drizzle-orm' {
  export type SQL = object;
  export function sql(parts: TemplateStringsArray, ...values: unknown[]): SQL;
  export function eq(column: unknown, value: unknown): SQL;
  export function gte(column: unknown, value: unknown): SQL;
  export function and(...conditions: SQL[]): SQL;
}
declare module 'drizzle-orm/pg-core' {
  export interface PgSelectBase<T> extends Promise<T[]> {
    where(condition: object): PgSelectBase<T>;
    for(strength: 'update' | 'share'): PgSelectBase<T>;
  }
  export interface PgSelectBuilder {
    from<T>(table: PgTable<T>): PgSelectBase<T>;
  }
  export interface PgUpdateBase extends Promise<{ rowCount: number | null }> {
    set(values: object): PgUpdateBase;
    where(condition: object): PgUpdateBase;
    returning(columns?: object): Promise<object[]>;
  }
  export interface PgTable<T> {
    readonly $inferSelect: T;
  }
  export function integer(name: string): { readonly type: number };
  export function text(name: string): { readonly type: string };
  export function pgTable<C extends Record<string, { readonly type: unknown }>>(
    name: string,
    columns: C,
  ): C & PgTable<{ [K in keyof C]: C[K]['type'] }>;
  export interface PgInsertBase extends Promise<unknown> {
    values(row: object): PgInsertBase;
    onConflictDoNothing(): PgInsertBase;
    returning(): Promise<object[]>;
  }
  export class PgDatabase {
    insert(table: object): PgInsertBase;
    select(): PgSelectBuilder;
    update(table: object): PgUpdateBase;
    transaction<R>(run: (tx: PgDatabase) => Promise<R>, options?: { isolationLevel?: string }): Promise<R>;
  }
}
declare module 'kysely' {
  export interface UpdateResult {
    numUpdatedRows: bigint;
  }
  type Expressions = (column: string, operator: string, value: unknown) => object;
  export interface SelectQueryBuilder<T> {
    selectAll(): SelectQueryBuilder<T>;
    where(column: string, operator: string, value: unknown): SelectQueryBuilder<T>;
    forUpdate(): SelectQueryBuilder<T>;
    executeTakeFirst(): Promise<T | undefined>;
    executeTakeFirstOrThrow(): Promise<T>;
  }
  export interface UpdateQueryBuilder {
    set(values: object | ((eb: Expressions) => object)): UpdateQueryBuilder;
    where(column: string, operator: string, value: unknown): UpdateQueryBuilder;
    execute(): Promise<UpdateResult[]>;
    executeTakeFirst(): Promise<UpdateResult>;
  }
  export interface InsertQueryBuilder {
    values(row: object): InsertQueryBuilder;
    onConflict(build: (oc: { column(name: string): { doNothing(): object } }) => object): InsertQueryBuilder;
    execute(): Promise<unknown>;
    executeTakeFirst(): Promise<{ numInsertedOrUpdatedRows?: bigint }>;
  }
  export interface TransactionBuilder<DB> {
    setIsolationLevel(level: 'serializable'): TransactionBuilder<DB>;
    execute<R>(run: (trx: Kysely<DB>) => Promise<R>): Promise<R>;
  }
  export interface Kysely<DB> {
    selectFrom<T extends keyof DB & string>(table: T): SelectQueryBuilder<DB[T]>;
    updateTable(table: keyof DB & string): UpdateQueryBuilder;
    insertInto(table: keyof DB & string): InsertQueryBuilder;
    transaction(): TransactionBuilder<DB>;
  }
}
declare module 'knex' {
  export interface QueryBuilder extends Promise<any> {
    where(column: string, value: unknown): QueryBuilder;
    where(column: string, operator: string, value: unknown): QueryBuilder;
    first(): QueryBuilder;
    update(row: object): QueryBuilder;
    increment(column: string, amount: number): QueryBuilder;
    decrement(column: string, amount: number): QueryBuilder;
    forUpdate(): QueryBuilder;
    insert(row: object): QueryBuilder;
    onConflict(columns: string | string[]): QueryBuilder;
    ignore(): QueryBuilder;
    returning(column: string): QueryBuilder;
    whereNull(column: string): QueryBuilder;
    count(): QueryBuilder;
  }
  export interface Knex {
    (table: string): QueryBuilder;
    raw(sql: string, bindings: unknown[]): object;
    transaction<R>(run: (trx: Knex) => Promise<R>, options?: { isolationLevel: 'serializable' }): Promise<R>;
  }
}
declare module 'mongoose' {
  export interface Model<T> {
    findById(id: string): Promise<T | null>;
    findByIdAndUpdate(id: string, update: object): Promise<T | null>;
    findOneAndUpdate(filter: object, update: object): Promise<T | null>;
    create(document: object): Promise<T>;
  }
}
