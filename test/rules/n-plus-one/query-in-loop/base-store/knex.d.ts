declare module 'knex' {
  export namespace Knex {
    interface QueryInterface {
      select(...columns: unknown[]): QueryBuilder;
      from(table: string): QueryBuilder;
      where(...conditions: unknown[]): QueryBuilder;
      whereIn(column: string, values: unknown): QueryBuilder;
      first(): QueryBuilder;
      insert(row: unknown): QueryBuilder;
      with(name: string, query: unknown): QueryBuilder;
    }
    interface ChainableInterface {
      stream(): AsyncIterable<any>;
    }
    interface QueryBuilder extends QueryInterface, ChainableInterface, PromiseLike<any[]> {}
    interface Raw extends PromiseLike<any> {}
    interface Transaction extends Knex {
      commit(): Promise<void>;
    }
  }
  export interface Knex extends Knex.QueryInterface {
    <Row = any>(table: string): Knex.QueryBuilder;
    raw(sql: string, bindings?: unknown[]): Knex.Raw;
  }
}
