/** As React's: one call a request for the same arguments. */
export declare function cache<F extends (...args: never[]) => unknown>(fn: F): F;
export declare function debounce<F extends (...args: never[]) => unknown>(fn: F, ms: number): F;
export declare function middleware<F extends (...args: never[]) => unknown>(fn: F): F & { use(plugin: unknown): F };

declare const tracer: { start(name: string): { end(): void } };

export const traced =
  (options: { name: string }) =>
  <A extends unknown[], R>(target: (...args: A) => Promise<R>) =>
    async function run(this: unknown, ...args: A): Promise<R> {
      const span = tracer.start(options.name);
      try {
        return await target.call(this, ...args);
      } finally {
        span.end();
      }
    };

export function withTimer<A extends unknown[], R>(name: string, work: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    const begun = Date.now();
    const result = await work(...args);
    console.info(name, Date.now() - begun);
    return result;
  };
}

/** Makes a queue whose worker runs later, on its own. */
export function createQueue<T>(work: (item: T) => Promise<void>) {
  const waiting: T[] = [];
  setInterval(() => {
    const item = waiting.shift();
    if (item !== undefined) void work(item);
  }, 1_000).unref();
  return async (item: T): Promise<void> => {
    waiting.push(item);
  };
}
