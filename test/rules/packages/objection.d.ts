declare module 'objection' {
  export interface TransactionOrKnex {
    readonly isTransaction?: boolean;
    (table: string): { insert(row: object): Promise<unknown> };
  }
  export interface QueryBuilder<R> extends Promise<R> {
    findById(id: string | number): QueryBuilder<R extends (infer M)[] ? M | undefined : R>;
    findByIds(ids: readonly (string | number)[]): QueryBuilder<R>;
    findOne(where: object): QueryBuilder<R extends (infer M)[] ? M | undefined : R>;
    first(): QueryBuilder<R extends (infer M)[] ? M | undefined : R>;
    where(column: string | object, operator?: unknown, value?: unknown): QueryBuilder<R>;
    whereIn(column: string, values: readonly unknown[]): QueryBuilder<R>;
    insert(row: object): QueryBuilder<any>;
    patch(row: object): QueryBuilder<number>;
    increment(column: string, amount: number): QueryBuilder<number>;
    delete(): QueryBuilder<number>;
    deleteById(id: string | number): QueryBuilder<number>;
    resultSize(): Promise<number>;
    forUpdate(): QueryBuilder<R>;
    orderBy(column: string): QueryBuilder<R>;
    throwIfNotFound(): QueryBuilder<NonNullable<R>>;
    withGraphFetched(expression: string): QueryBuilder<R>;
    onConflict(columns: string | string[]): { ignore(): QueryBuilder<any>; merge(): QueryBuilder<any> };
  }
  export function raw(sql: string, bindings?: readonly unknown[]): object;
  export class Model {
    static tableName: string;
    static jsonSchema: object;
    static query<M extends Model>(this: new () => M, trx?: TransactionOrKnex): QueryBuilder<M[]>;
    static transaction<R>(run: (trx: TransactionOrKnex) => Promise<R>): Promise<R>;
    static knex(): {
      transaction<R>(run: (trx: TransactionOrKnex) => Promise<R>, options?: { isolationLevel: string }): Promise<R>;
    };
    $query(trx?: TransactionOrKnex): QueryBuilder<this>;
    $relatedQuery(relation: string, trx?: TransactionOrKnex): QueryBuilder<any[]>;
  }
}
