declare module 'pg-boss' {
  interface Db {
    executeSql(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  }
  export default class PgBoss {
    constructor(url: string);
    send(name: string, data: object, options?: { db?: Db }): Promise<string | null>;
  }
}
