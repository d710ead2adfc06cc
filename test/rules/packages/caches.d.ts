declare module '@upstash/redis' {
  interface SetOptions {
    ex?: number;
    nx?: true;
    xx?: true;
  }
  export class Pipeline {
    set(key: string, value: unknown, options?: SetOptions): this;
    del(...keys: string[]): this;
    exec<T = unknown[]>(): Promise<T>;
  }
  export class Redis {
    constructor(options: { url: string; token: string });
    static fromEnv(): Redis;
    get<T>(key: string): Promise<T | null>;
    set(key: string, value: unknown, options?: SetOptions): Promise<'OK' | null>;
    del(...keys: string[]): Promise<number>;
    exists(...keys: string[]): Promise<number>;
    incr(key: string): Promise<number>;
    incrby(key: string, amount: number): Promise<number>;
    expire(key: string, seconds: number): Promise<0 | 1>;
    hget<T>(key: string, field: string): Promise<T | null>;
    hgetall<T>(key: string): Promise<T | null>;
    hset(key: string, values: object): Promise<number>;
    hincrby(key: string, field: string, amount: number): Promise<number>;
    eval<T>(script: string, keys: string[], args: unknown[]): Promise<T>;
    pipeline(): Pipeline;
  }
}
declare module 'keyv' {
  export default class Keyv<T = any> {
    constructor(options?: { store?: object; namespace?: string; ttl?: number });
    get<V = T>(key: string): Promise<V | undefined>;
    set<V = T>(key: string, value: V, ttl?: number): Promise<boolean>;
    delete(key: string): Promise<boolean>;
    has(key: string): Promise<boolean>;
  }
}
declare module 'cache-manager' {
  export interface Cache {
    get<T>(key: string): Promise<T | undefined>;
    set<T>(key: string, value: T, ttl?: number): Promise<T>;
    del(key: string): Promise<boolean>;
    wrap<T>(key: string, compute: () => Promise<T>, ttl?: number): Promise<T>;
  }
}
declare module 'node-cache' {
  export default class NodeCache {
    constructor(options?: { stdTTL?: number });
    get<T>(key: string): T | undefined;
    set<T>(key: string, value: T, ttl?: number): boolean;
    del(key: string | string[]): number;
    has(key: string): boolean;
  }
}
