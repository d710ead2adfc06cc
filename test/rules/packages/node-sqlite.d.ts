declare module 'node:sqlite' {
  export interface StatementResultingChanges {
    changes: number | bigint;
    lastInsertRowid: number | bigint;
  }
  export class StatementSync {
    run(...parameters: unknown[]): StatementResultingChanges;
    get(...parameters: unknown[]): Record<string, any> | undefined;
    all(...parameters: unknown[]): Record<string, any>[];
  }
  export class DatabaseSync {
    constructor(path: string);
    exec(sql: string): void;
    prepare(sql: string): StatementSync;
  }
}
