// Idiom of github.com/Gerdagithub/migrant-info-platform: a wait between the attempts, which grows.
/** Retries that wait. */
import { setTimeout as wait } from 'node:timers/promises';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
declare function backOff(attempt: number): Promise<void>;

export async function growing(url: string): Promise<Response> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return await fetch(url); // ok throttling/retry-without-backoff: waits longer each time
    } catch {
      await sleep(Math.random() * 100 * 2 ** attempt);
    }
  }
  throw new Error('gave up');
}

export async function bounded(url: string): Promise<Response> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return await fetch(url); // ok throttling/retry-without-backoff: five attempts a second apart
    } catch {
      await wait(1000);
    }
  }
  throw new Error('gave up');
}

export async function named(url: string): Promise<Response> {
  let attempt = 0;
  while (true) {
    try {
      return await fetch(url); // ok throttling/retry-without-backoff: 'backOff' is believed to
    } catch {
      attempt += 1;
      await backOff(attempt);
    }
  }
}

export async function once(url: string): Promise<Response> {
  for (let attempt = 0; attempt < 1; attempt += 1) {
    try {
      return await fetch(url); // ok throttling/retry-without-backoff: once
    } catch (error) {
      console.warn(error);
    }
  }
  throw new Error('gave up');
}

/** Every second for ever: polite enough to be a hint. */
export async function steady(url: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url);
      //           ^^^^^ throttling/retry-without-backoff low "always after the same wait"
    } catch {
      await sleep(1000);
    }
  }
}
