// Idiom of github.com/dubinc/dub: caches and guards over Upstash, options as objects.
import { Redis } from '@upstash/redis';

const redis = Redis.fromEnv();

export async function processWebhook(id: string, handle: () => Promise<void>) {
  const seen = await redis.get(`webhook:${id}`);
  //                       ^^^ related "Checked here."
  if (seen) return;
  await redis.set(`webhook:${id}`, 1, { ex: 86_400 });
  //          ^^^ toctou/db-check-then-act medium "is found missing by"
  await handle();
}

export async function startExport(workspaceId: string) {
  if ((await redis.exists(`export:${workspaceId}`)) > 0) throw new Error('An export is running.');
  //               ^^^^^^ related "Checked here."
  await redis.set(`export:${workspaceId}`, 'running', { ex: 600 });
  //          ^^^ toctou/db-check-then-act medium "is found missing by"
}

export async function processOnce(id: string, handle: () => Promise<void>) {
  const first = await redis.set(`webhook:${id}`, 1, { ex: 86_400, nx: true }); // ok toctou/db-check-then-act: set only when it is absent
  if (first === null) return;
  await handle();
}

export async function limit(ip: string) {
  const count = await redis.incr(`limit:${ip}`);
  if (count === 1) await redis.expire(`limit:${ip}`, 60); // ok toctou/db-check-then-act: only the first counts to one
  return count <= 10;
}

export async function forget(id: string) {
  const seen = await redis.get(`webhook:${id}`);
  if (seen) await redis.del(`webhook:${id}`); // ok toctou/db-check-then-act: gone either way
}
