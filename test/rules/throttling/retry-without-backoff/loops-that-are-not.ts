// Idiom of github.com/nitish-bmt/jsAssignment: one address after another until one of them answers.
/** Loops with a `try` that do not repeat a failed call. */
import { mkdir } from 'node:fs/promises';

declare const queue: { take(): Promise<{ id: string }>; done(id: string): Promise<void> };
declare let running: boolean;
declare function randomSlug(): string;
declare const api: { reserve(slug: string): Promise<string>; jobStatus(id: string): Promise<string> };

/** A worker: after a failed job comes the next one. */
export async function work(handle: (id: string) => Promise<void>): Promise<void> {
  while (running) {
    const job = await queue.take();
    try {
      await handle(job.id); // ok throttling/retry-without-backoff: another job each round
      await queue.done(job.id);
    } catch (error) {
      console.error(error);
    }
  }
}

/** Alternatives: each round asks somebody else. */
export async function anyReplica(replicas: string[], path: string): Promise<Response> {
  for (const replica of replicas) {
    try {
      return await fetch(`${replica}/${path}`); // ok throttling/retry-without-backoff: another replica
    } catch {
      continue;
    }
  }
  throw new Error('no replica answers');
}

export async function rotate(hosts: string[]): Promise<Response> {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    try {
      return await fetch(`https://${hosts[attempt % hosts.length]}/status`); // ok throttling/retry-without-backoff: hosts in turn
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
  throw new Error('unreachable');
}

/** Other data each time. */
export async function reserveSlug(): Promise<string> {
  for (;;) {
    const slug = randomSlug();
    try {
      return await api.reserve(slug); // ok throttling/retry-without-backoff: another slug
    } catch {
      continue;
    }
  }
}

export async function freeFolder(base: string): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const folder = `${base}-${attempt}`;
    try {
      await mkdir(folder); // ok throttling/retry-without-backoff: another name
      return folder;
    } catch (error) {
      if (attempt > 50) throw error;
    }
  }
}

/** Pages. */
export async function pages(first: string): Promise<unknown[]> {
  const items: unknown[] = [];
  let url: string | undefined = first;
  while (url !== undefined) {
    const response: Response = await fetch(url); // ok throttling/retry-without-backoff: the next page
    if (!response.ok) break;
    const page = (await response.json()) as { items: unknown[]; next?: string };
    items.push(...page.items);
    url = page.next;
  }
  return items;
}

/** Polling asks again because the answer is not there yet. */
export async function untilDone(id: string): Promise<void> {
  for (;;) {
    const status = await api.jobStatus(id); // ok throttling/retry-without-backoff: polling
    if (status === 'done') return;
  }
}
