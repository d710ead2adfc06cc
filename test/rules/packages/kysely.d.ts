declare module 'kysely' {
  export interface UpdateResult {
    numUpdatedRows: bigint;
  }
  export interface ExpressionBuilder {
    (column: string | object, operator: string, value: unknown): object;
    readonly fn: { coalesce(...values: (string | object)[]): object };
    lit(value: number): object;
  }
  export interface SelectQueryBuilder<Row> {
    stream(): AsyncIterableIterator<Row>;
    selectAll(): SelectQueryBuilder<Row>;
    select(columns: string | readonly string[]): SelectQueryBuilder<Row>;
    where(column: string, operator: string, value: unknown): SelectQueryBuilder<Row>;
    orderBy(column: string): SelectQueryBuilder<Row>;
    forUpdate(): SelectQueryBuilder<Row>;
    skipLocked(): SelectQueryBuilder<Row>;
    noWait(): SelectQueryBuilder<Row>;
    limit(count: number): SelectQueryBuilder<Row>;
    execute(): Promise<Row[]>;
    executeTakeFirst(): Promise<Row | undefined>;
    executeTakeFirstOrThrow(): Promise<Row>;
  }
  export interface InsertQueryBuilder {
    values(row: object | readonly object[]): InsertQueryBuilder;
    onConflict(build: (oc: OnConflictBuilder) => object): InsertQueryBuilder;
    returningAll(): InsertQueryBuilder;
    execute(): Promise<any[]>;
    executeTakeFirst(): Promise<{ numInsertedOrUpdatedRows?: bigint }>;
    executeTakeFirstOrThrow(): Promise<any>;
  }
  export interface OnConflictBuilder {
    column(name: string): { doNothing(): object; doUpdateSet(values: object): object };
    columns(names: readonly string[]): { doNothing(): object; doUpdateSet(values: object): object };
  }
  export interface UpdateQueryBuilder {
    set(values: object | ((eb: ExpressionBuilder) => object)): UpdateQueryBuilder;
    where(column: string, operator: string, value: unknown): UpdateQueryBuilder;
    execute(): Promise<UpdateResult[]>;
    returning(columns: string | readonly string[]): ReturningQueryBuilder;
    executeTakeFirst(): Promise<UpdateResult>;
  }
  export interface ReturningQueryBuilder {
    execute(): Promise<any[]>;
    executeTakeFirst(): Promise<any>;
    executeTakeFirstOrThrow(): Promise<any>;
  }
  export interface DeleteQueryBuilder {
    where(column: string, operator: string, value: unknown): DeleteQueryBuilder;
    execute(): Promise<{ numDeletedRows: bigint }[]>;
  }
  export interface TransactionBuilder<DB> {
    setIsolationLevel(level: 'serializable' | 'repeatable read'): TransactionBuilder<DB>;
    execute<R>(run: (trx: Transaction<DB>) => Promise<R>): Promise<R>;
  }
  export function sql(parts: TemplateStringsArray, ...values: unknown[]): {
    execute(executor: Kysely<any>): Promise<{ rows: any[] }>;
  };
  export class QueryCreator<DB> {
    selectFrom<T extends keyof DB & string>(table: T): SelectQueryBuilder<DB[T]>;
    insertInto(table: keyof DB & string): InsertQueryBuilder;
    updateTable(table: keyof DB & string): UpdateQueryBuilder;
    deleteFrom(table: keyof DB & string): DeleteQueryBuilder;
  }
  export class Kysely<DB> extends QueryCreator<DB> {
    transaction(): TransactionBuilder<DB>;
  }
  export class Transaction<DB> extends Kysely<DB> {}
}
