// Idiom of github.com/opencollective/opencollective-api: values as JSON in one Redis for all processes, with an expiry.
import { createClient } from 'redis';

const redis = createClient();

export async function contributors(slug: string): Promise<string[]> {
  const cached = await redis.get(`contributors:${slug}`);
  //                         ^^^ related "Looked up here."
  if (cached) return JSON.parse(cached) as string[];
  const response = await fetch(`https://api.example.com/${slug}/contributors`);
  const names = (await response.json()) as string[];
  await redis.set(`contributors:${slug}`, JSON.stringify(names), { EX: 86_400 });
  //          ^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
  return names;
}

export async function plan(slug: string): Promise<string> {
  const key = `plan:${slug}`;
  let cached = await redis.get(key);
  //                       ^^^ related "Looked up here."
  if (cached === null) {
    const response = await fetch(`https://billing.example.com/${slug}/plan`);
    cached = await response.text();
    await redis.setEx(key, 3600, cached);
    //          ^^^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
  }
  return cached;
}

/** The one that has the lock computes, everybody else has the last value. */
export async function ranking(board: string) {
  const cached = await redis.get(`ranking:${board}`);
  if (cached) return cached;
  const won = await redis.set(`ranking:${board}:lock`, '1', { NX: true, EX: 30 });
  if (won === null) return redis.get(`ranking:${board}:last`);
  const response = await fetch(`https://api.example.com/${board}/ranking`);
  const text = await response.text();
  await redis.set(`ranking:${board}`, text, { EX: 300 }); // ok throttling/cache-stampede: one has the lock
  return text;
}

/** Every ten minutes. */
export async function refreshRates(base: string) {
  const response = await fetch(`https://rates.example.com/${base}`);
  await redis.set(`rates:${base}`, await response.text(), { EX: 1200 }); // ok throttling/cache-stampede: filled ahead, whoever asks
}

export async function rate(base: string) {
  return redis.get(`rates:${base}`); // ok throttling/cache-stampede: a miss computes nothing
}

export async function remember(slug: string, name: string) {
  const known = await redis.get(`name:${slug}`);
  if (known !== null) return known;
  const trimmed = name.trim();
  await redis.set(`name:${slug}`, trimmed, { EX: 3600 }); // ok throttling/cache-stampede: nothing expensive
  return trimmed;
}
