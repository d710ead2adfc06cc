// Idiom of github.com/twentyhq/twenty: a key is taken when it is absent, by the store's command where it has one.
import { randomUUID } from 'node:crypto';
import type { Cache } from 'cache-manager';
import { createClient } from 'redis';

declare function fetchCalendar(channelId: string): Promise<void>;

const client = createClient();

export class CacheStorage {
  constructor(private readonly cache: Cache) {}

  async acquireLock(key: string, ttl: number) {
    const holder = await this.cache.get<string>(key);
    //                              ^^^ related "Checked here."
    if (holder !== undefined) return null;
    const token = randomUUID();
    await this.cache.set(key, token, ttl);
    //               ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
    return token;
  }

  async fetchOnce(channelId: string) {
    if (await this.cache.get<boolean>(`fetch:${channelId}`)) return;
    //                   ^^^ related "Checked here."
    await this.cache.set(`fetch:${channelId}`, true, 60_000);
    //               ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
    await fetchCalendar(channelId);
  }

  async setIfAbsentInRedis(key: string, value: string, ttl: number) {
    const result = await client.set(key, value, { NX: true, PX: ttl }); // ok toctou/db-check-then-act: set only when it is absent
    return result === 'OK';
  }

  async remove(key: string) {
    if ((await this.cache.get<string>(key)) !== undefined) await this.cache.del(key); // ok toctou/db-check-then-act: gone either way
  }

  async timezone(userId: string, find: (userId: string) => Promise<string>) {
    return this.cache.wrap(`timezone:${userId}`, () => find(userId), 60_000); // ok toctou/db-check-then-act: one computation at a time
  }

  async rename(key: string, name: string) {
    const before = await this.cache.get<string>(key);
    if (before === name) return;
    await this.cache.set(key, name); // ok toctou/db-check-then-act: the last one stays, as it would anyhow
  }
}
