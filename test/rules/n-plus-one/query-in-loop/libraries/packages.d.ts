declare module 'kysely' {
  interface SelectQueryBuilder<Row> {
    selectAll(): SelectQueryBuilder<Row>;
    where(column: string, operator: '=', value: string): SelectQueryBuilder<Row>;
    where(column: string, operator: 'in', value: readonly string[]): SelectQueryBuilder<Row>;
    orderBy(column: string): SelectQueryBuilder<Row>;
    limit(count: number): SelectQueryBuilder<Row>;
    execute(): Promise<Row[]>;
    executeTakeFirst(): Promise<Row | undefined>;
  }
  export class QueryCreator<Tables> {
    selectFrom<Name extends keyof Tables & string>(table: Name): SelectQueryBuilder<Tables[Name]>;
  }
  export class Kysely<Tables> extends QueryCreator<Tables> {}
}

declare module 'drizzle-orm' {
  export interface Condition {
    readonly sql: string;
  }
  export function eq(column: unknown, value: unknown): Condition;
  export function and(...conditions: Condition[]): Condition;
  export function inArray(column: unknown, values: readonly unknown[]): Condition;
}

declare module 'drizzle-orm/pg-core' {
  import type { Condition } from 'drizzle-orm';

  export interface PgTable<Row> {
    readonly row: Row;
  }
  export interface PgSelectBuilder {
    from<Row>(table: PgTable<Row>): PgSelect<Row>;
  }
  export interface PgSelect<Row> extends Promise<Row[]> {
    where(condition: Condition): PgSelect<Row>;
    limit(count: number): PgSelect<Row>;
  }
  export class PgDatabase {
    select(): PgSelectBuilder;
  }
}

declare module 'sequelize' {
  export interface Options {
    where?: Record<string, unknown>;
    transaction?: object;
    hooks?: boolean;
    validate?: boolean;
    limit?: number;
  }
  export class Model {
    static create<M extends Model>(this: new () => M, values: object, options?: Options): Promise<M>;
    static bulkCreate<M extends Model>(this: new () => M, values: object[], options?: Options): Promise<M[]>;
    static findByPk<M extends Model>(this: new () => M, key: string, options?: Options): Promise<M | null>;
    static findAll<M extends Model>(this: new () => M, options?: Options): Promise<M[]>;
    static destroy(options?: Options): Promise<number>;
    destroy(options?: Options): Promise<void>;
  }
}

declare module 'mysql2/promise' {
  export interface RowDataPacket {
    [column: string]: unknown;
  }
  export class Connection {
    query<Rows>(sql: string, values?: unknown): Promise<[Rows, unknown]>;
    execute<Rows>(sql: string, values?: unknown): Promise<[Rows, unknown]>;
  }
  export class Pool extends Connection {}
}

declare module '@mikro-orm/core' {
  export class EntityManager {
    findOne<T extends object>(entity: new () => T, where: object): Promise<T | null>;
    find<T extends object>(entity: new () => T, where: object, options?: object): Promise<T[]>;
    create<T extends object>(entity: new () => T, data: object): T;
    persist(entity: object): this;
    flush(): Promise<void>;
  }
}
