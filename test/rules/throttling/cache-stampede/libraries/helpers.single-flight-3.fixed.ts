// Idiom of github.com/vendure-ecommerce/vendure: a cache that keeps whatever its callers compute.
import Keyv from 'keyv';
import type { Pool } from 'pg';
import { createClient } from 'redis';

const inFlight = new Map<string, Promise<unknown>>();

declare const pool: Pool;
const store = new Keyv();
const client = createClient();

/** Somebody computes something dear with it, through a wrapper with a fixed prefix. */
export class EntryCache {
  async get<T>(id: string, load: () => Promise<T>): Promise<T> {
    const known = await store.get<T>(id);
    if (known !== undefined) return known;
    const value = await load();
    await store.set(id, value, 60_000);
    //          ^^^ throttling/cache-stampede medium "computed with 'load'"
    return value;
  }
}

const entries = new EntryCache();

function prefixed<T>(prefix: string, id: string, load: () => Promise<T>): Promise<T> {
  return entries.get(`${prefix}:${id}`, load);
}

export async function rates(currency: string): Promise<unknown> {
  return prefixed('rates', currency, async () => {
    const response = await fetch(`https://rates.example.com/${currency}`);
    //                     ^^^^^ related "This is one thing that is computed so."
    return response.json();
  });
}

export async function country(code: string): Promise<unknown> {
  return prefixed('country', code, () => pool.query('SELECT name FROM countries WHERE code = $1', [code]));
}

/** Everybody computes one look-up: a few more of them after an expiry are not felt. */
export class RowCache {
  async get<T>(id: string, load: () => Promise<T>): Promise<T> {
    const known = await store.get<T>(id);
    if (known !== undefined) return known;
    const value = await load();
    await store.set(id, value, 60_000);
    //          ^^^ throttling/cache-stampede low
    return value;
  }
}

const rows = new RowCache();

export async function site(slug: string): Promise<unknown> {
  return rows.get(`site:${slug}`, () => pool.query('SELECT id FROM sites WHERE slug = $1', [slug]));
}

export async function sharedSite(slug: string): Promise<unknown> {
  return rows.get(`shared:${slug}`, async () => {
    const { rows: found } = await pool.query('SELECT site_id FROM shares WHERE slug = $1', [slug]);
    return found[0];
  });
}

/** Several entries, each of one look-up. */
export async function sites(slugs: readonly string[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const slug of slugs) found.push(await site(slug));
  //                                         ^^^^ n-plus-one/query-in-loop
  return found;
}

/** What is dear is computed once, when the process starts. */
export async function warmed<T>(id: string, load: () => Promise<T>): Promise<T> {
  const known = await store.get<T>(id);
  if (known !== undefined) return known;
  const running = inFlight.get(id);
  if (running !== undefined) return running as Promise<T>;
  const computation = (async () => {
    const value = await load();
    await store.set(id, value);
    //          ^^^ throttling/cache-stampede low
    return value;
  })().finally(() => inFlight.delete(id));
  inFlight.set(id, computation);
  return computation;
}

export async function initCatalogue(): Promise<void> {
  await warmed('catalogue', async () => (await fetch('https://shop.example.com/catalogue')).json());
}

/** Nobody here says what it is used for. */
export async function cached<T>(id: string, load: () => Promise<T>): Promise<T> {
  const known = await store.get<T>(id);
  if (known !== undefined) return known;
  const value = await load();
  await store.set(id, value);
  //          ^^^ throttling/cache-stampede medium
  return value;
}

/** Used through what only says that it has the method: what is handed to it is seen. */
export class Snapshots {
  async keptFor<T>(id: string, load: () => Promise<T>): Promise<T> {
    const known = await store.get<T>(id);
    if (known !== undefined) return known;
    const value = await load();
    await store.set(id, value, 60_000);
    //          ^^^ throttling/cache-stampede low
    return value;
  }
}

declare const remembered: { keptFor<T>(id: string, load: () => Promise<T>): Promise<T> };

export async function plan(account: string): Promise<unknown> {
  return remembered.keptFor(`plan:${account}`, () => pool.query('SELECT plan FROM accounts WHERE id = $1', [account]));
}

/** Who computes something dear can take its lock. */
export class GuardedCache {
  async lock(id: string): Promise<boolean> {
    return (await client.set(`lock:${id}`, '1', { NX: true, PX: 10_000 })) === 'OK';
  }

  async remember<T>(id: string, load: () => Promise<T>): Promise<T> {
    const known = await store.get<T>(id);
    if (known !== undefined) return known;
    const value = await load();
    await store.set(id, value, 60_000);
    //          ^^^ throttling/cache-stampede low
    return value;
  }
}

const guarded = new GuardedCache();

export async function guardedRates(currency: string): Promise<unknown> {
  return guarded.remember(currency, async () => {
    const response = await fetch(`https://rates.example.com/${currency}`);
    return response.json();
  });
}
