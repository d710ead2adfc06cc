declare module 'knex' {
  export interface QueryBuilder extends Promise<any> {
    insert(row: object): QueryBuilder;
    where(conditions: object): QueryBuilder;
    del(): QueryBuilder;
  }
  export interface Knex {
    (table: string): QueryBuilder;
    transaction<T>(run: (trx: Knex) => Promise<T>): Promise<T>;
  }
}
