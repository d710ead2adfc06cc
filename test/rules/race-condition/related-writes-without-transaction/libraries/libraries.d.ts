declare module 'knex' {
  export interface QueryBuilder extends Promise<any> {
    insert(row: object, returning?: string): QueryBuilder;
    where(conditions: object): QueryBuilder;
    del(): QueryBuilder;
  }
  export interface Knex {
    (table: string): QueryBuilder;
    transaction<T>(run: (trx: Knex) => Promise<T>): Promise<T>;
  }
}
declare module 'drizzle-orm' {
  export function eq(column: unknown, value: unknown): object;
}
declare module 'drizzle-orm/pg-core' {
  export interface PgDeleteBase extends Promise<unknown> {
    where(condition: object): PgDeleteBase;
  }
  export interface PgInsertBase extends Promise<unknown> {
    values(row: object): PgInsertBase;
  }
  export class PgDatabase {
    delete(table: object): PgDeleteBase;
    insert(table: object): PgInsertBase;
    transaction<T>(run: (tx: PgDatabase) => Promise<T>): Promise<T>;
  }
}
declare module 'kysely' {
  export interface DeleteQueryBuilder {
    where(column: string, operator: string, value: unknown): DeleteQueryBuilder;
    execute(): Promise<unknown>;
  }
  export interface InsertQueryBuilder {
    values(row: object): InsertQueryBuilder;
    execute(): Promise<unknown>;
  }
  export interface Kysely<DB> {
    deleteFrom(table: keyof DB & string): DeleteQueryBuilder;
    insertInto(table: keyof DB & string): InsertQueryBuilder;
    transaction(): TransactionBuilder<DB>;
  }
  export interface TransactionBuilder<DB> {
    execute<T>(run: (trx: Kysely<DB>) => Promise<T>): Promise<T>;
  }
}
declare module 'sequelize' {
  export interface Transaction {
    id: string;
  }
  export class Model {
    static create(values: object, options?: { transaction?: Transaction }): Promise<Model>;
    static bulkCreate(values: object[], options?: { transaction?: Transaction }): Promise<Model[]>;
    static destroy(options: { where: object; transaction?: Transaction }): Promise<number>;
  }
  export class Sequelize {
    transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T>;
  }
}
declare module 'mongoose' {
  export interface ClientSession {
    id: string;
  }
  export interface Model<T> {
    deleteMany(filter: object, options?: { session?: ClientSession }): Promise<{ deletedCount: number }>;
    insertMany(documents: object[], options?: { session?: ClientSession }): Promise<T[]>;
  }
  const mongoose: { connection: { transaction<T>(run: (session: ClientSession) => Promise<T>): Promise<T> } };
  export default mongoose;
}
declare module '@mikro-orm/core' {
  export class EntityManager {
    nativeDelete(entity: unknown, where: object): Promise<number>;
    insert(entity: unknown, row: object): Promise<number>;
    transactional<T>(run: (em: EntityManager) => Promise<T>): Promise<T>;
  }
}
declare module 'objection' {
  export interface QueryBuilder extends Promise<any> {
    delete(): QueryBuilder;
    where(conditions: object): QueryBuilder;
    insert(row: object): QueryBuilder;
  }
  export class Model {
    static query(trx?: unknown): QueryBuilder;
    static transaction<T>(run: (trx: unknown) => Promise<T>): Promise<T>;
  }
}
