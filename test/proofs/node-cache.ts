/** node-cache, which is not installed here: what it does is a Map whose values are copies. */

export const NODE_CACHE = `declare module 'node-cache' {
  export default class NodeCache {
    constructor(options?: { stdTTL?: number });
    get<T>(key: string): T | undefined;
    set<T>(key: string, value: T, ttl?: number): boolean;
    del(key: string | string[]): number;
    has(key: string): boolean;
  }
}`;

class NodeCache {
  private readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return structuredClone(this.values.get(key));
  }

  set(key: string, value: unknown): boolean {
    this.values.set(key, structuredClone(value));
    return true;
  }

  has(key: string): boolean {
    return this.values.has(key);
  }
}

export const NODE_CACHE_MODULES = { 'node-cache': NodeCache };
