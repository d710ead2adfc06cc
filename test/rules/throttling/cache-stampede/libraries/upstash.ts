// Idiom of github.com/dubinc/dub: links in Redis over HTTP, with what they lead to.
import { Redis } from '@upstash/redis';

interface Metadata {
  title: string;
  image: string | null;
}

const redis = Redis.fromEnv();
const underWay = new Map<string, Promise<Metadata>>();

async function scrape(url: string): Promise<Metadata> {
  const response = await fetch(`https://metadata.example.com/?url=${encodeURIComponent(url)}`);
  return (await response.json()) as Metadata;
}

export async function metadata(url: string) {
  const cached = await redis.get<Metadata>(`metadata:${url}`);
  //                         ^^^ related "Looked up here."
  if (cached) return cached;
  const found = await scrape(url);
  await redis.set(`metadata:${url}`, found, { ex: 86_400 });
  //          ^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
  return found;
}

export async function metadataOnce(url: string) {
  const cached = await redis.get<Metadata>(`metadata:${url}`);
  if (cached) return cached;
  const pending = underWay.get(url);
  if (pending !== undefined) return pending;
  const promise = (async () => {
    const found = await scrape(url);
    await redis.set(`metadata:${url}`, found, { ex: 86_400 }); // ok throttling/cache-stampede: the others wait for the promise
    return found;
  })();
  underWay.set(url, promise);
  try {
    return await promise;
  } finally {
    underWay.delete(url);
  }
}

export async function prewarm(url: string) {
  const found = await scrape(url);
  await redis.set(`metadata:${url}`, found, { ex: 86_400 }); // ok throttling/cache-stampede: not after a miss
}

export async function metadataOfToken(token: string) {
  const cached = await redis.get<Metadata>(`session:${token}`);
  if (cached) return cached;
  const found = await scrape(token);
  await redis.set(`session:${token}`, found, { ex: 600 }); // ok throttling/cache-stampede: one visitor's own
  return found;
}
