// Idiom of github.com/manakpandey/moleculerdyte and github.com/Gerdagithub/migrant-info-platform: posts that are sent again.
/** The same call again right after it failed. */
import axios from 'axios';

export async function fetchPrice(url: string): Promise<unknown> {
  for (;;) {
    try {
      const response = await fetch(url);
      //                     ^^^^^ throttling/retry-without-backoff high "'fetch' is called again after it failed, without end"
      if (response.ok) return await response.json();
    } catch {
      continue;
    }
  }
}

export async function upload(body: string): Promise<void> {
  let sent = false;
  while (!sent) {
    try {
      await axios.post('https://files.example.com/upload', body);
      //          ^^^^ throttling/retry-without-backoff high "nothing waits in between"
      sent = true;
    } catch (error) {
      console.warn('upload failed', error);
    }
  }
}

export async function callWithRetry<T>(fn: () => Promise<T>, maxRetries = 5): Promise<T> {
  for (let attempt = 0; attempt <= maxRetries; attempt++) {
    try {
      return await fn();
      //           ^^ throttling/retry-without-backoff medium "'fn' is called again"
    } catch (error) {
      if (attempt === maxRetries) throw error;
    }
  }
  throw new Error('unreachable');
}

export async function exchange(code: string): Promise<string> {
  let retries = 3;
  let failures = 0;
  while (retries > 0) {
    if (failures > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(30_000, 100 * 2 ** failures)));
    failures += 1;
    const response = await fetch('https://login.example.com/token', { method: 'POST', body: code });
    //                     ^^^^^ throttling/retry-without-backoff medium "'fetch' is called again"
    if (response.status === 503) {
      retries -= 1;
      continue;
    }
    return await response.text();
  }
  throw new Error('no token');
}

export async function submit(order: string): Promise<string> {
  let lastError: unknown;
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    try {
      const { data } = await axios.post('https://orders.example.com', { order });
      //                           ^^^^ throttling/retry-without-backoff medium "'post'"
      return data.id as string;
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}
