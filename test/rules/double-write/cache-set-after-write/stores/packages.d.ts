declare module 'keyv' {
  export default class Keyv<Value = unknown> {
    constructor(uri?: string);
    get(key: string): Promise<Value | undefined>;
    set(key: string, value: Value, ttl?: number): Promise<boolean>;
    delete(key: string): Promise<boolean>;
  }
}
declare module 'cache-manager' {
  export interface Cache {
    get<T>(key: string): Promise<T | undefined>;
    set(key: string, value: unknown, ttl?: number): Promise<unknown>;
    del(key: string): Promise<boolean>;
  }
}
declare module 'node-cache' {
  export default class NodeCache {
    constructor(options?: { stdTTL?: number });
    get<T>(key: string): T | undefined;
    set<T>(key: string, value: T, ttl?: number): boolean;
    del(keys: string | string[]): number;
  }
}
declare module 'knex' {
  export namespace Knex {
    interface QueryBuilder<T> extends Promise<T[]> {
      where(condition: object): QueryBuilder<T>;
      update(row: object): QueryBuilder<T>;
    }
  }
  export interface Knex {
    <T = { id: string }>(table: string): Knex.QueryBuilder<T>;
  }
}
