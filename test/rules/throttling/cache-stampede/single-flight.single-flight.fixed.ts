// Idiom of github.com/koenoe/tvseri.es: promises in flight, shared by their key.
/** One computation at a time. */
import type { Redis } from 'ioredis';

const inFlight2 = new Map<string, Promise<unknown>>();

declare const redis: Redis;
declare function sleep(ms: number): Promise<void>;
declare const mutex: { runExclusive<T>(work: () => Promise<T>): Promise<T> };

const inFlight = new Map<string, Promise<string>>();

export async function shared(key: string, load: () => Promise<string>): Promise<string> {
  const cached = await redis.get(key);
  if (cached) return cached;
  const running = inFlight.get(key);
  if (running !== undefined) return running;
  const promise = (async () => {
    const value = await load();
    await redis.set(key, value, 'EX', 60); // ok throttling/cache-stampede: others wait for the promise
    return value;
  })().finally(() => inFlight.delete(key));
  inFlight.set(key, promise);
  return promise;
}

const pages = new Map<string, Promise<string>>();

export function page(url: string): Promise<string> {
  const known = pages.get(url);
  if (known !== undefined) return known;
  const loading = fetch(url).then((response) => response.text());
  pages.set(url, loading); // ok throttling/cache-stampede: the promise itself is stored
  loading.catch(() => pages.delete(url));
  return loading;
}

export async function locked(key: string, load: () => Promise<string>): Promise<string> {
  const cached = await redis.get(key);
  if (cached) return cached;
  const won = await redis.set(`lock:${key}`, '1', 'EX', 10, 'NX');
  if (!won) {
    await sleep(100);
    return locked(key, load);
  }
  const value = await load();
  await redis.set(key, value, 'EX', 60); // ok throttling/cache-stampede: whoever has the lock
  await redis.del(`lock:${key}`);
  return value;
}

export async function exclusive(key: string, load: () => Promise<string>): Promise<string> {
  return mutex.runExclusive(async () => {
    const cached = await redis.get(key);
    if (cached) return cached;
    const value = await load();
    await redis.set(key, value); // ok throttling/cache-stampede: one at a time
    return value;
  });
}

/** Serves the old value while one refreshes it. */
export async function refreshed(key: string, load: () => Promise<string>): Promise<string | undefined> {
  const cached = await redis.get(key);
  if (cached) {
    const { value, expiresAt } = JSON.parse(cached) as { value: string; expiresAt: number };
    if (expiresAt - Date.now() < 30_000) {
      const fresh = await load();
      await redis.set(key, JSON.stringify({ value: fresh, expiresAt: Date.now() + 300_000 })); // ok throttling/cache-stampede: the entry is there
    }
    return value;
  }
  return undefined;
}

declare function licensed(features: Record<string, boolean>): boolean;

async function features(): Promise<Record<string, boolean>> {
  const cached = await redis.get('features');
  if (cached) return JSON.parse(cached) as Record<string, boolean>;
  const running2 = inFlight2.get('features');
  if (running2 !== undefined) return running2 as Promise<Record<string, boolean>>;
  const computation2 = (async () => {
    const response = await fetch('https://licenses.example.com');
    const found = (await response.json()) as Record<string, boolean>;
    await redis.set('features', JSON.stringify(found), 'EX', 60);
    //          ^^^ throttling/cache-stampede medium "stored by 'set'"
    return found;
  })().finally(() => inFlight2.delete('features'));
  inFlight2.set('features', computation2);
  return computation2;
}

async function isOn(name: string): Promise<boolean> {
  const all = await features();
  return licensed(all) && all[name] === true;
}

// Each asks by itself: what the first has read is not what the second stores.
export async function signIn(): Promise<boolean> {
  if (!(await isOn('sso'))) return false;
  return isOn('saml'); // ok throttling/cache-stampede: told in `features`
}
