import { deliver, later } from './mailer.ts';

export async function remind(to: string): Promise<void> {
  let retries = 0;
  while (true) {
    try {
      await deliver(to, 'Please pay.');
      //    ^^^^^^^ throttling/retry-without-backoff medium "'deliver' (through 'fetch')"
      return;
    } catch (error) {
      retries += 1;
      if (retries > 10) throw error;
    }
  }
}

export async function patiently(to: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await deliver(to, 'Please pay.'); // ok throttling/retry-without-backoff: waits longer each time
      return;
    } catch (error) {
      if (attempt > 4) throw error;
      await later(2 ** attempt * 100);
    }
  }
}
