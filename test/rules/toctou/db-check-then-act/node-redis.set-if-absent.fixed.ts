// Idiom of github.com/redis/node-redis: options as objects.
import { createClient } from 'redis';

declare function charge(paymentId: string): Promise<void>;
const redis = createClient();

export async function processOnce(paymentId: string): Promise<void> {
  const processed = await redis.get(`processed:${paymentId}`);
  //                            ^^^ related "Checked here."
  if (processed) return;
  if ((await redis.set(`processed:${paymentId}`, '1', { EX: 3600, NX: true })) === null) return;
  //          ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
  await charge(paymentId);
}

export async function processWithClaim(paymentId: string): Promise<void> {
  // ok toctou/db-check-then-act: one command claims the key
  if ((await redis.set(`processed:${paymentId}`, '1', { EX: 3600, NX: true })) === null) return;
  await charge(paymentId);
}

export async function admit(user: string, limit: number): Promise<boolean> {
  const used = Number((await redis.get(`used:${user}`)) ?? 0);
  //                               ^^^ related "Checked here."
  if (limit <= used) return false;
  await redis.incr(`used:${user}`);
  //          ^^^^ toctou/db-check-then-act medium "two runs at once together exceed the limit"
  return true;
}

export async function admitCounted(user: string, limit: number): Promise<boolean> {
  if (Number(await redis.get(`used:${user}`)) >= limit) return false;
  const used = await redis.incr(`used:${user}`); // ok toctou/db-check-then-act: what it gives is compared
  return used <= limit;
}

export async function forget(paymentId: string): Promise<void> {
  const processed = await redis.get(`processed:${paymentId}`);
  if (processed) await redis.del(`processed:${paymentId}`); // ok toctou/db-check-then-act: gone either way
}
