declare module 'knex' {
  export namespace Knex {
    type Transaction = Knex;
  }
  export interface QueryBuilder extends Promise<any> {
    where(column: string | object, value?: unknown): QueryBuilder;
    where(column: string, operator: string, value: unknown): QueryBuilder;
    whereIn(column: string, values: readonly unknown[]): QueryBuilder;
    whereNull(column: string): QueryBuilder;
    whereNot(column: string | object, value?: unknown): QueryBuilder;
    count(column?: string): QueryBuilder;
    select(...columns: string[]): QueryBuilder;
    first(...columns: string[]): QueryBuilder;
    insert(row: object | readonly object[]): QueryBuilder;
    update(row: object): QueryBuilder;
    increment(column: string, amount: number): QueryBuilder;
    decrement(column: string, amount: number): QueryBuilder;
    del(): QueryBuilder;
    forUpdate(): QueryBuilder;
    skipLocked(): QueryBuilder;
    noWait(): QueryBuilder;
    orderBy(column: string): QueryBuilder;
    returning(columns: string | string[]): QueryBuilder;
    onConflict(columns: string | string[]): OnConflictQueryBuilder;
  }
  export interface OnConflictQueryBuilder {
    ignore(): QueryBuilder;
    merge(): QueryBuilder;
  }
  export interface Knex {
    (table: string): QueryBuilder;
    raw(sql: string, bindings?: readonly unknown[]): Promise<any>;
    transaction<R>(run: (trx: Knex) => Promise<R>, options?: { isolationLevel?: string }): Promise<R>;
  }
}
