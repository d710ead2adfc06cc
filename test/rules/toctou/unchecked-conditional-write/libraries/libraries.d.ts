declare module 'drizzle-orm' {
  export function eq(column: unknown, value: unknown): object;
  export function and(...conditions: object[]): object;
  export function isNull(column: unknown): object;
}
declare module 'drizzle-orm/pg-core' {
  export interface PgUpdateBase extends Promise<{ rowCount: number | null }> {
    set(values: object): PgUpdateBase;
    where(condition: object): PgUpdateBase;
    returning(): Promise<{ id: number }[]>;
  }
  export interface PgInsertBase extends Promise<unknown> {
    values(row: object): PgInsertBase;
  }
  export class PgDatabase {
    update(table: object): PgUpdateBase;
    insert(table: object): PgInsertBase;
  }
}
declare module 'kysely' {
  export interface UpdateResult {
    numUpdatedRows: bigint;
  }
  export interface UpdateQueryBuilder {
    set(values: object): UpdateQueryBuilder;
    where(column: string, operator: string, value: unknown): UpdateQueryBuilder;
    execute(): Promise<UpdateResult[]>;
    executeTakeFirst(): Promise<UpdateResult>;
  }
  export interface InsertQueryBuilder {
    values(row: object): InsertQueryBuilder;
    execute(): Promise<unknown>;
  }
  export interface Kysely<DB> {
    updateTable(table: keyof DB & string): UpdateQueryBuilder;
    insertInto(table: keyof DB & string): InsertQueryBuilder;
  }
}
declare module 'sequelize' {
  export class Model {
    static update(values: object, options: object): Promise<[number]>;
    static create(values: object, options?: object): Promise<Model>;
  }
}
declare module 'mongoose' {
  export interface Model<T> {
    updateOne(filter: object, update: object): Promise<{ matchedCount: number; modifiedCount: number }>;
    findOneAndUpdate(filter: object, update: object): Promise<T | null>;
    create(document: object): Promise<T>;
  }
}
declare module 'knex' {
  export interface QueryBuilder extends Promise<any> {
    where(conditions: object): QueryBuilder;
    insert(row: object): QueryBuilder;
    update(row: object): QueryBuilder;
  }
  export interface Knex {
    (table: string): QueryBuilder;
  }
}
