declare module 'mysql2/promise' {
  export interface RowDataPacket {
    [column: string]: any;
  }
  export interface ResultSetHeader {
    affectedRows: number;
    insertId: number;
  }
  export class Connection {
    query<T extends RowDataPacket[] | ResultSetHeader>(sql: string, values?: unknown): Promise<[T, unknown]>;
    execute<T extends RowDataPacket[] | ResultSetHeader>(sql: string, values?: unknown): Promise<[T, unknown]>;
    beginTransaction(): Promise<void>;
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }
  export class PoolConnection extends Connection {
    release(): void;
  }
  export class Pool extends Connection {
    getConnection(): Promise<PoolConnection>;
  }
  export function createPool(options: object): Pool;
}
