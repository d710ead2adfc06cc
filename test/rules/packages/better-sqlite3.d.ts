declare module 'better-sqlite3' {
  interface RunResult {
    changes: number;
    lastInsertRowid: number | bigint;
  }
  export interface Statement<Parameters extends unknown[], Row = unknown> {
    run(...parameters: Parameters): RunResult;
    get(...parameters: Parameters): Row | undefined;
    all(...parameters: Parameters): Row[];
  }
  export interface Transaction<F extends (...args: any[]) => unknown> {
    (...args: Parameters<F>): ReturnType<F>;
    immediate(...args: Parameters<F>): ReturnType<F>;
  }
  export interface Database {
    prepare<P extends unknown[] = unknown[], Row = any>(source: string): Statement<P, Row>;
    transaction<F extends (...args: any[]) => unknown>(run: F): Transaction<F>;
    exec(source: string): this;
  }
  interface DatabaseConstructor {
    new (path: string, options?: object): Database;
  }
  const Database: DatabaseConstructor;
  export default Database;
}
