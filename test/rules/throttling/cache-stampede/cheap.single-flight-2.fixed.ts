// Idiom of github.com/requarks/wiki
import type { Redis } from 'ioredis';
import NodeCache from 'node-cache';
import type { Pool } from 'pg';

const inFlight = new Map<string, Promise<unknown[]>>();

declare const pool: Pool;
declare const redis: Redis;
const cache = new NodeCache({ stdTTL: 300 });

/** Some rows as they are, for one process: asked twice they cost as much as a page that is not kept. */
export async function languages(): Promise<unknown[]> {
  const known = cache.get<unknown[]>('languages');
  if (known !== undefined) return known;
  const { rows } = await pool.query('SELECT code, name FROM languages');
  cache.set('languages', rows);
  //    ^^^ throttling/cache-stampede low "computed with 'query'"
  return rows;
}

/** Everybody's dashboard asks for the sum. */
export async function total(): Promise<unknown[]> {
  const known = cache.get<unknown[]>('total');
  if (known !== undefined) return known;
  const running = inFlight.get('total');
  if (running !== undefined) return running;
  const computation = (async () => {
    const { rows } = await pool.query('SELECT count(*) FROM visits');
    cache.set('total', rows);
    //    ^^^ throttling/cache-stampede medium "computed with 'query'"
    return rows;
  })().finally(() => inFlight.delete('total'));
  inFlight.set('total', computation);
  return computation;
}

async function newestVersion(): Promise<string | undefined> {
  try {
    const response = await fetch('https://api.github.com/repos/requarks/wiki/releases/latest');
    const { tag_name: name } = (await response.json()) as { tag_name: string };
    return name;
  } catch {
    return undefined;
  }
}

/** Shown where it is known. */
export async function version(): Promise<string | undefined> {
  const known = await redis.get('newest');
  if (known !== null) return known;
  const newest = await newestVersion();
  if (newest !== undefined) await redis.set('newest', newest, 'EX', 3600);
  //                                    ^^^ throttling/cache-stampede low "computed with 'newestVersion'"
  return newest;
}

/** Hardly two look at the same part of it. */
export async function visits(site: string, from: string, to: string, country: string): Promise<unknown[]> {
  const key = `visits:${site}:${from}:${to}:${country}`;
  const known = await redis.get(key);
  if (known !== null) return JSON.parse(known) as unknown[];
  const { rows } = await pool.query('SELECT * FROM visits WHERE site = $1 AND at BETWEEN $2 AND $3', [site, from, to]);
  await redis.set(key, JSON.stringify(rows), 'EX', 60);
  //          ^^^ throttling/cache-stampede low
  return rows;
}
