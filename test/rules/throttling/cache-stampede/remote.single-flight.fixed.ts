// Idiom of github.com/consumet/api.consumet.org: asked for in Redis, else computed and stored with an expiry.
/** A cache that all instances share. */
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';

const inFlight = new Map<string, Promise<object>>();

declare const redis: Redis;
declare const pool: Pool;
declare function buildReport(id: string): Promise<{ rows: number }>;

export async function getReport(client: Redis, key: string, compute: () => Promise<object>) {
  const cached = await client.get(key);
  if (cached) return JSON.parse(cached);
  const running = inFlight.get(key);
  if (running !== undefined) return running;
  const computation = (async () => {
    const value = await compute();
    await client.set(key, JSON.stringify(value), 'EX', 300);
    //           ^^^ throttling/cache-stampede medium "computed with 'compute'"
    return value;
  })().finally(() => inFlight.delete(key));
  inFlight.set(key, computation);
  return computation;
}

export async function rates(base: string): Promise<Record<string, number>> {
  const key = `rates:${base}`;
  const cached = await redis.get(key);
  //                         ^^^ related "Looked up here"
  if (cached !== null) {
    return JSON.parse(cached) as Record<string, number>;
  }
  const response = await fetch(`https://rates.example.com/${base}`);
  const table = (await response.json()) as Record<string, number>;
  await redis.setex(key, 3600, JSON.stringify(table));
  //          ^^^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
  return table;
}

/** Failures of the cache are no failures of the function. */
export async function tolerant<T>(key: string, load: () => Promise<T>): Promise<T> {
  try {
    const cached = await redis.get(key);
    if (cached) return JSON.parse(cached) as T;
  } catch (error) {
    console.warn('cache', error);
  }
  const value = await load();
  await redis.set(key, JSON.stringify(value), 'EX', 60);
  //          ^^^ throttling/cache-stampede medium "stored by 'set'"
  return value;
}

/** One query per room: what makes the helper worth its entry. */
export function occupancy(rooms: readonly string[]): Promise<unknown[]> {
  return tolerant('occupancy', async () => {
    const sums: unknown[] = [];
    for (const room of rooms) {
      const { rows } = await pool.query('SELECT seats FROM rooms WHERE id = $1', [room]);
      //                          ^^^^^ n-plus-one/query-in-loop
      sums.push(rows[0]);
    }
    return sums;
  });
}

export class Reports {
  constructor(private readonly store: Redis) {}

  async report(id: string): Promise<string> {
    const cached = await this.store.get(`report:${id}`);
    if (cached) return cached;
    const response = await fetch(`https://reports.example.com/${id}`);
    const text = await response.text();
    await this.store.set(`report:${id}`, text, 'EX', 60);
    //               ^^^ throttling/cache-stampede high "stored by 'set'"
    return text;
  }
}

export async function upper(key: string): Promise<string> {
  const cached = await redis.get(key);
  if (cached) return cached;
  const value = key.toUpperCase();
  await redis.set(key, value); // ok throttling/cache-stampede: nothing expensive
  return value;
}

export async function sessionOf(sessionId: string): Promise<string> {
  const session = await redis.get(`session:${sessionId}`);
  if (session) return session;
  const response = await fetch(`https://login.example.com/${sessionId}`);
  const text = await response.text();
  await redis.set(`session:${sessionId}`, text); // ok throttling/cache-stampede: one user's own
  return text;
}

export async function remember(id: string): Promise<void> {
  const report = await buildReport(id);
  await redis.set(`report:${id}`, JSON.stringify(report)); // ok throttling/cache-stampede: not after a miss
}
