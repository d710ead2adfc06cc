import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

const rule = 'throttling/retry-without-backoff';

/** The longest wait that each random one can be. */
const WORST = Object.create(Math, { random: { value: () => 1 } }) as Math;

const globals = ({ clock, api }: Scene): Record<string, unknown> => ({
  ...clock.globals(),
  fetch: api.fetch,
  Math: WORST,
});

interface Load {
  readonly load: (url: string) => Promise<unknown>;
}

function failing(count: number, how: 'status' | 'broken'): Proof<Load>['observe'] {
  return async ({ load }, { api, clock }) => {
    api.failures = { count, how };
    const outcome = await load('https://shop.example/price').then(
      () => 'loaded',
      () => 'gave up',
    );
    return { outcome, calls: api.calls.length, waits: clock.waits };
  };
}

export const retryWithoutBackoffProofs: readonly Proof[] = [
  proof({
    rule,
    fix: 'add-backoff',
    form: 'an endless loop that looks at the status',
    program: program`
      export async function load(url: string): Promise<unknown> {
        for (;;) {
          try {
            const response = await fetch(url);
            if (response.ok) return await response.json();
          } catch {
            continue;
          }
        }
      }
    `,
    globals,
    observe: failing(40, 'status'),
    before: { outcome: 'loaded', calls: 41, waits: [] },
    after: { outcome: 'gave up', calls: 5, waits: [200, 400, 800, 1600] },
  }),
  proof({
    rule,
    fix: 'add-backoff',
    form: 'an endless loop that catches',
    program: program`
      export async function load(url: string): Promise<void> {
        let sent = false;
        while (!sent) {
          try {
            await fetch(url, { method: 'POST', body: 'order' });
            sent = true;
          } catch (error) {
            console.debug('upload failed', error);
          }
        }
      }
    `,
    globals: (scene) => ({ ...globals(scene), console: { debug: () => undefined } }),
    observe: failing(40, 'broken'),
    before: { outcome: 'loaded', calls: 41, waits: [] },
    after: { outcome: 'gave up', calls: 5, waits: [200, 400, 800, 1600] },
  }),
  proof({
    rule,
    fix: 'add-backoff',
    form: 'a loop that counts',
    program: program`
      export async function load(url: string, maxRetries = 5): Promise<string> {
        for (let attempt = 0; attempt <= maxRetries; attempt++) {
          try {
            const response = await fetch(url);
            return await response.text();
          } catch (error) {
            if (attempt === maxRetries) throw error;
          }
        }
        throw new Error('unreachable');
      }
    `,
    globals,
    observe: failing(4, 'broken'),
    before: { outcome: 'loaded', calls: 5, waits: [] },
    after: { outcome: 'loaded', calls: 5, waits: [200, 400, 800, 1600] },
  }),
  proof({
    rule,
    fix: 'add-backoff',
    form: 'a loop that counts down',
    program: program`
      export async function load(url: string): Promise<string> {
        let retries = 4;
        while (retries > 0) {
          const response = await fetch(url, { method: 'POST', body: 'code' });
          if (response.status === 503) {
            retries -= 1;
            continue;
          }
          return await response.text();
        }
        throw new Error('no token');
      }
    `,
    globals,
    observe: failing(3, 'status'),
    before: { outcome: 'loaded', calls: 4, waits: [] },
    after: { outcome: 'loaded', calls: 4, waits: [200, 400, 800] },
  }),
  proof({
    rule,
    fix: 'add-backoff',
    form: 'recursion',
    program: program`
      export async function load(url: string, retries = 3): Promise<string> {
        try {
          const response = await fetch(url);
          return await response.text();
        } catch (error) {
          if (retries <= 0) throw error;
          return load(url, retries - 1);
        }
      }
    `,
    globals,
    observe: failing(3, 'broken'),
    before: { outcome: 'loaded', calls: 4, waits: [] },
    after: { outcome: 'loaded', calls: 4, waits: [100, 200, 400] },
  }),
  proof<{ connect: (url: string) => void }>({
    rule,
    fix: 'add-jitter',
    form: 'connecting again',
    program: program`
      export function connect(url: string): void {
        const socket = new WebSocket(url);
        socket.onclose = () => {
          setTimeout(() => connect(url), 1000);
        };
      }
    `,
    // The server goes away once, for all of its clients.
    globals: ({ clock }) => ({ ...clock.globals(), WebSocket: closingSocket(50) }),
    async observe({ connect }, { clock }) {
      for (let client = 0; client < 50; client += 1) connect('wss://feed.example');
      await new Promise((resolve) => setTimeout(resolve, 20));
      const waits = clock.waits.toSorted((a, b) => a - b);
      const isSpread = waits.every((wait) => wait >= 500 && wait <= 1500);
      return { reconnects: waits.length, atTheSameTime: new Set(waits).size === 1, isSpread };
    },
    before: { reconnects: 50, atTheSameTime: true, isSpread: true },
    after: { reconnects: 50, atTheSameTime: false, isSpread: true },
  }),
];

function closingSocket(times: number): unknown {
  let left = times;
  return class {
    onclose: (() => void) | undefined;

    constructor() {
      if (left-- > 0) setImmediate(() => this.onclose?.());
    }
  };
}
