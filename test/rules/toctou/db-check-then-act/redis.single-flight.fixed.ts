// Idiom of github.com/redis/ioredis: keys asked for, then set.
import { Redis } from 'ioredis';

const inFlight = new Map<string, Promise<string>>();

declare function charge(paymentId: string): Promise<void>;
const redis = new Redis();

export async function processOnce(paymentId: string): Promise<void> {
  if (await redis.get(`processed:${paymentId}`)) return;
//                ^^^ related "Checked here."
  await redis.set(`processed:${paymentId}`, '1');
//            ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
  await charge(paymentId);
}

export async function admit(user: string, limit: number): Promise<boolean> {
  const used = Number(await redis.get(`used:${user}`));
//                                ^^^ related "Checked here."
  if (used >= limit) return false;
  await redis.incr(`used:${user}`);
//            ^^^^ toctou/db-check-then-act medium "two runs at once together exceed the limit"
  return true;
}

export async function processWithClaim(paymentId: string): Promise<void> {
  // ok toctou/db-check-then-act: one command claims the key
  if ((await redis.set(`processed:${paymentId}`, '1', 'EX', 3600, 'NX')) === null) return;
  await charge(paymentId);
}

export async function load(user: string, find: (user: string) => Promise<string>): Promise<string> {
  const cached = await redis.get(`user:${user}`);
//                           ^^^ related "Looked up here."
  if (cached) return cached;
  const running = inFlight.get(`user:${user}`);
  if (running !== undefined) return running;
  const computation = (async () => {
    const fresh = await find(user);
    await redis.set(`user:${user}`, fresh, 'EX', 60); // ok toctou/db-check-then-act: filling a cache twice does no harm here
  //            ^^^ throttling/cache-stampede low "The entry is computed with 'find' when it is not in the cache and stored by 'set', and everyone who asks for it in the meantime computes it as well"
    return fresh;
  })().finally(() => inFlight.delete(`user:${user}`));
  inFlight.set(`user:${user}`, computation);
  return computation;
}

export async function admitAtomically(user: string, limit: number): Promise<boolean> {
  const used = await redis.incr(`used:${user}`);
  return used <= limit; // ok toctou/db-check-then-act: counted first, then compared
}
