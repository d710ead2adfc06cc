/** A mutex with the interface of `async-mutex`, which is not installed here, and what it is to wait for one for ever. */
export const MUTEX_DECLARATIONS = `declare module 'async-mutex' {
  export class Mutex {
    acquire(): Promise<() => void>;
    runExclusive<T>(work: () => Promise<T> | T): Promise<T>;
  }
}
`;

class Mutex {
  private last: Promise<void> = Promise.resolve();

  async acquire(): Promise<() => void> {
    const before = this.last;
    let release = (): void => undefined;
    this.last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  async runExclusive<T>(work: () => Promise<T> | T): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}

export const MUTEX_MODULES = { 'async-mutex': { Mutex } };

/** Long enough for everything that can go on in the process. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const limit = new Promise<string>((resolve) => setTimeout(resolve, 200, 'never ends'));
  return Promise.race([work.then((value) => value ?? 'done'), limit]);
}
