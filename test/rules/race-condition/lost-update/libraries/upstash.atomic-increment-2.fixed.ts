// Idiom of github.com/dubinc/dub: Upstash over HTTP, values that the client serialises.
import { Redis } from '@upstash/redis';

const redis = Redis.fromEnv();

export async function countClick(linkId: string) {
  const clicks = await redis.get<number>(`clicks:${linkId}`);
  //                         ^^^ related "Read here."
  await redis.set(`clicks:${linkId}`, (clicks ?? 0) + 1);
  //          ^^^ race-condition/lost-update high "Key 'clicks:*' is read by 'get' and written back as an absol"
}

export async function addUsage(workspaceId: string, amount: number) {
  const usage = (await redis.hget<number>(`workspace:${workspaceId}`, 'usage')) ?? 0;
  //                         ^^^^ related "Read here."
  await redis.hincrby(`workspace:${workspaceId}`, 'usage', amount);
  //          ^^^^ race-condition/lost-update high "Key 'workspace:*' is read by 'hget' and written back as an a"
}

export async function countAtOnce(linkId: string) {
  return redis.incr(`clicks:${linkId}`); // ok race-condition/lost-update: the server adds
}

export async function addUsageAtOnce(workspaceId: string, amount: number) {
  return redis.hincrby(`workspace:${workspaceId}`, 'usage', amount); // ok race-condition/lost-update: the server adds
}

export async function remember(linkId: string, url: string) {
  const known = await redis.get<string>(`link:${linkId}`);
  if (known === url) return;
  await redis.set(`link:${linkId}`, url, { ex: 3600 }); // ok race-condition/lost-update: not computed from what was read
}
