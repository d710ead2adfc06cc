// Idiom of github.com/Unleash/unleash and github.com/louislam/uptime-kuma: maps with a size, or swept by a timer.
import { LRUCache } from 'lru-cache';

const capped = new Map<string, string>();

export function keepCapped(userId: string, text: string): void {
  if (capped.size >= 500) return;
  capped.set(userId, text); // ok memory-leak/unbounded-cache: its size is looked at
}

const swept = new Map<string, number>();
setInterval(() => {
  const now = Date.now();
  for (const [token, expires] of swept) if (expires < now) swept.delete(token);
}, 60_000).unref();

export function keepToken(token: string): void {
  swept.set(token, Date.now() + 60_000); // ok memory-leak/unbounded-cache: swept by age
}

let reset = new Map<string, number>();

export function countVisit(userId: string): void {
  reset.set(userId, (reset.get(userId) ?? 0) + 1); // ok memory-leak/unbounded-cache: replaced with every report
}

export function report(): Map<string, number> {
  const counted = reset;
  reset = new Map();
  return counted;
}

const weak = new WeakMap<object, string>();

export function label(request: object, requestId: string): void {
  weak.set(request, requestId); // ok memory-leak/unbounded-cache: goes with its key
}

const lru = new LRUCache<string, string>({ max: 100 });

export function keepRecent(userId: string, text: string): void {
  lru.set(userId, text); // ok memory-leak/unbounded-cache: the least recently used goes
}

const formats = new Map<string, Intl.NumberFormat>();

export function formatOf(locale: string): Intl.NumberFormat {
  const known = formats.get(locale) ?? new Intl.NumberFormat(locale);
  formats.set(locale, known); // ok memory-leak/unbounded-cache: there are so many locales
  return known;
}

const handlers = new Map<string, () => void>();

export function registerHandler(id: string, handler: () => void): void {
  handlers.set(id, handler); // ok memory-leak/unbounded-cache: a registry
}

export function sortIds(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  for (const id of ids) seen.add(id); // ok memory-leak/unbounded-cache: dies with the call
  return [...seen].sort();
}

declare function requireDirectory(folder: string): { id: string; run: () => void }[];
const processors: Record<string, () => void> = {};

requireDirectory(__dirname).forEach(({ id, run }) => {
  processors[id] = run; // ok memory-leak/unbounded-cache: when the module is loaded, once for each file
});

export function process(id: string): void {
  processors[id]?.();
}
