// Idiom of github.com/requarks/wiki and github.com/isaacs/node-lru-cache: one process keeps what it has fetched.
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';

const inFlight = new Map<string, Promise<Release>>();

interface Release {
  version: string;
}

const cache = new NodeCache({ stdTTL: 300 });
const pages = new LRUCache<string, string>({ max: 500, ttl: 60_000 });
const promised = new LRUCache<string, Promise<string>>({ max: 500, ttl: 60_000 });
const fetched = new LRUCache<string, string>({
  max: 500,
  ttl: 60_000,
  fetchMethod: async (url) => (await fetch(url)).text(), // ok throttling/cache-stampede: `fetch` of the cache lets one compute
});

export async function latest(repository: string): Promise<Release> {
  const known = cache.get<Release>(`release:${repository}`);
  //                  ^^^ related "Looked up here."
  if (known !== undefined) return known;
  const running = inFlight.get(`release:${repository}`);
  if (running !== undefined) return running;
  const computation = (async () => {
    const response = await fetch(`https://api.github.com/repos/${repository}/releases/latest`);
    const release = (await response.json()) as Release;
    cache.set(`release:${repository}`, release);
    //    ^^^ throttling/cache-stampede medium "The entry is computed with 'fetch' when it is not in the cache and"
    return release;
  })().finally(() => inFlight.delete(`release:${repository}`));
  inFlight.set(`release:${repository}`, computation);
  return computation;
}

export async function page(url: string): Promise<string> {
  const known = pages.get(url);
  //                  ^^^ related "Looked up here."
  if (known !== undefined) return known;
  const response = await fetch(url);
  const text = await response.text();
  pages.set(url, text);
  //    ^^^ throttling/cache-stampede medium "The entry 'url' is computed with 'fetch' when it is not in the cache"
  return text;
}

export function pageOnce(url: string) {
  const known = promised.get(url);
  if (known !== undefined) return known;
  const text = fetch(url).then((response) => response.text());
  promised.set(url, text); // ok throttling/cache-stampede: the promise itself is stored
  return text;
}

export async function pageThroughCache(url: string) {
  return fetched.fetch(url); // ok throttling/cache-stampede: the library lets one compute
}

export function slug(title: string) {
  const known = cache.get<string>(`slug:${title}`);
  if (known !== undefined) return known;
  const made = title.toLowerCase().replaceAll(/\W+/g, '-');
  cache.set(`slug:${title}`, made); // ok throttling/cache-stampede: no suspension in between
  return made;
}
