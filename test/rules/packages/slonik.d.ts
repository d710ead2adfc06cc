declare module 'slonik' {
  export interface QuerySqlToken<T> {
    readonly sql: string;
    readonly values: readonly unknown[];
    readonly row?: T;
  }
  export interface QueryResult<T> {
    readonly rowCount: number;
    readonly rows: readonly T[];
  }
  export interface CommonQueryMethods {
    any<T>(query: QuerySqlToken<T>): Promise<readonly T[]>;
    exists(query: QuerySqlToken<any>): Promise<boolean>;
    many<T>(query: QuerySqlToken<T>): Promise<readonly T[]>;
    maybeOne<T>(query: QuerySqlToken<T>): Promise<T | null>;
    one<T>(query: QuerySqlToken<T>): Promise<T>;
    oneFirst(query: QuerySqlToken<any>): Promise<any>;
    query<T>(query: QuerySqlToken<T>): Promise<QueryResult<T>>;
    transaction<R>(run: (connection: DatabaseTransactionConnection) => Promise<R>): Promise<R>;
  }
  export interface DatabaseTransactionConnection extends CommonQueryMethods {}
  export interface DatabasePool extends CommonQueryMethods {
    connect<R>(run: (connection: CommonQueryMethods) => Promise<R>): Promise<R>;
  }
  export function createPool(uri: string): Promise<DatabasePool>;
  interface SqlTag {
    unsafe(template: TemplateStringsArray, ...values: unknown[]): QuerySqlToken<any>;
    fragment(template: TemplateStringsArray, ...values: unknown[]): object;
    type<T>(parser: { parse(row: unknown): T }): (template: TemplateStringsArray, ...values: unknown[]) => QuerySqlToken<T>;
    array(values: readonly unknown[], type: string): object;
    join(values: readonly unknown[], glue: object): object;
    identifier(names: readonly string[]): object;
  }
  export const sql: SqlTag;
}
