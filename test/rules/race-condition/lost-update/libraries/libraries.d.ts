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
  export class PgDatabase {
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
    executeTakeFirstOrThrow(): Promise<T>;
  }
  export interface UpdateQueryBuilder {
    set(values: object | ((eb: Expressions) => object)): UpdateQueryBuilder;
    where(column: string, operator: string, value: unknown): UpdateQueryBuilder;
    execute(): Promise<UpdateResult[]>;
    executeTakeFirst(): Promise<UpdateResult>;
  }
  export interface TransactionBuilder<DB> {
    execute<R>(run: (trx: Kysely<DB>) => Promise<R>): Promise<R>;
  }
  export interface Kysely<DB> {
    selectFrom<T extends keyof DB & string>(table: T): SelectQueryBuilder<DB[T]>;
    updateTable(table: keyof DB & string): UpdateQueryBuilder;
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
  }
  export interface Knex {
    (table: string): QueryBuilder;
    raw(sql: string, bindings: unknown[]): object;
    transaction<R>(run: (trx: Knex) => Promise<R>): Promise<R>;
  }
}
declare module 'objection' {
  export interface QueryBuilder<R> extends Promise<R> {
    findById(id: string): QueryBuilder<R>;
    throwIfNotFound(): QueryBuilder<R>;
    patch(row: object): QueryBuilder<number>;
    increment(column: string, amount: number): QueryBuilder<number>;
    where(column: string, operator: unknown, value?: unknown): QueryBuilder<R>;
    forUpdate(): QueryBuilder<R>;
  }
  export function raw(sql: string, bindings: unknown[]): object;
  export class Model {
    static query<M extends Model>(this: new () => M, trx?: object): QueryBuilder<M>;
    static transaction<R>(run: (trx: object) => Promise<R>): Promise<R>;
  }
}
declare module 'sequelize' {
  export interface Transaction {
    readonly LOCK: { readonly UPDATE: 'UPDATE' };
  }
  interface Options {
    where?: object;
    transaction?: Transaction;
    lock?: unknown;
  }
  export const Op: { readonly gte: unique symbol };
  export class Model {
    static findByPk<M extends Model>(this: new () => M, id: string, options?: Options): Promise<M | null>;
    static findOne<M extends Model>(this: new () => M, options: Options): Promise<M | null>;
    static update(values: object, options: Options): Promise<[number]>;
    static increment(values: object, options: Options): Promise<unknown>;
    static decrement(values: object, options: Options): Promise<unknown>;
    save(options?: Options): Promise<this>;
    update(values: object, options?: Options): Promise<this>;
    increment(values: object, options?: Options): Promise<this>;
  }
  export class Sequelize {
    transaction<R>(run: (transaction: Transaction) => Promise<R>): Promise<R>;
  }
}
declare module 'mongoose' {
  export interface Document {
    _id: string;
    save(options?: object): Promise<this>;
  }
  export interface Model<T> {
    findById(id: string): Promise<(T & Document) | null>;
    updateOne(filter: object, update: object): Promise<{ matchedCount: number; modifiedCount: number }>;
  }
}
