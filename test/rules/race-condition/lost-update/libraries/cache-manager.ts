// Idiom of github.com/twentyhq/twenty: counters and sets kept as plain values where the store has no command for them.
import type { Cache } from 'cache-manager';

declare const store: { incrBy(key: string, amount: number): Promise<number>; isRedis: boolean };

export class CacheStorage {
  constructor(private readonly cache: Cache) {}

  async incrBy(key: string, increment: number) {
    const current = (await this.cache.get<number>(key)) ?? 0;
    //                                ^^^ related "Read here."
    await this.cache.set(key, current + increment);
    //               ^^^ race-condition/lost-update high "a change made in between is lost"
    return current + increment;
  }

  async setAdd(key: string, values: string[], ttl?: number) {
    const known = await this.cache.get<string[]>(key);
    //                             ^^^ related "Read here."
    await this.cache.set(key, [...(known ?? []), ...values], ttl);
    //               ^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async setRemove(key: string, values: string[]) {
    const known = await this.cache.get<string[]>(key);
    //                             ^^^ related "Read here."
    if (!known) return 0;
    const left = known.filter((value) => !values.includes(value));
    await this.cache.set(key, left);
    //               ^^^ race-condition/lost-update high "a change made in between is lost"
    return known.length - left.length;
  }

  async keepSome(key: string, values: string[]) {
    const known = await this.cache.get<string[]>(key);
    if (!known) return;
    await this.cache.set(`${key}:kept`, known.filter((value) => values.includes(value))); // ok race-condition/lost-update: another key
  }

  async keepGiven(key: string, given: string[]) {
    const known = await this.cache.get<string[]>(key);
    if (known?.length === given.length) return;
    const left = given.filter((value) => value !== '');
    await this.cache.set(key, left); // ok race-condition/lost-update: not made from what was read
  }

  async keepAlive(key: string, ttl: number) {
    const known = await this.cache.get<string[]>(key);
    if (!known?.filter((value) => value !== '').length) return;
    await this.cache.set(key, known, ttl); // ok race-condition/lost-update: the list as it was
  }

  async incrementInStore(key: string, increment: number) {
    if (!store.isRedis) throw new Error('This store does not count.');
    return store.incrBy(key, increment); // ok race-condition/lost-update: the store adds
  }

  async prolong(key: string, ttl: number) {
    const value = await this.cache.get<string>(key);
    if (value === undefined) return false;
    await this.cache.set(`${key}:prolonged`, value, ttl); // ok race-condition/lost-update: another key
    return true;
  }

  async replace(key: string, version: number) {
    if ((await this.cache.get<number>(key)) === version) return;
    await this.cache.set(key, version); // ok race-condition/lost-update: not computed from what was read
  }

  async take(key: string) {
    const value = await this.cache.get<string[]>(key);
    await this.cache.del(key); // ok race-condition/lost-update: nothing is written back
    return value ?? [];
  }
}
