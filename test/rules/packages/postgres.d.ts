declare module 'postgres' {
  interface RowList<T extends readonly unknown[]> extends Array<T[number]> {
    readonly count: number;
  }
  interface PendingQuery<T extends readonly unknown[]> extends Promise<RowList<T>> {}
  export interface Sql {
    <T extends readonly object[] = any[]>(template: TemplateStringsArray, ...values: unknown[]): PendingQuery<T>;
    (value: object | readonly unknown[], ...columns: string[]): object;
    unsafe<T extends readonly object[] = any[]>(query: string, values?: unknown[]): PendingQuery<T>;
    begin<T>(run: (sql: TransactionSql) => Promise<T>): Promise<T>;
    begin<T>(options: string, run: (sql: TransactionSql) => Promise<T>): Promise<T>;
  }
  export interface TransactionSql extends Sql {
    savepoint<T>(run: (sql: TransactionSql) => Promise<T>): Promise<T>;
  }
  export default function postgres(url?: string, options?: object): Sql;
}
