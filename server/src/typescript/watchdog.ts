/**
 * Kills a native compiler that no longer answers.
 *
 * The analysis worker reads from the compiler synchronously. If the compiler stops, the worker blocks for ever, and
 * then `worker.terminate()` and even `process.exit()` hang. So the worker notes in shared memory which process it
 * waits for and since when (`RequestClock`), and the main thread looks there and kills (`Watchdog`). The worker then
 * sees a broken pipe, which is `CompilerDied`.
 */

/** Shared between the two threads: process id, and start of the current request in ms since the epoch or 0. */
const PROCESS_ID = 0;
const WAITING_SINCE = 1;

export function createWatchMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
}

/** The worker's side. */
export class RequestClock {
  readonly #cells: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new BigInt64Array(memory);
  }

  /** Also called by the compiler's callbacks: a compiler that still asks for files is alive. */
  begin(processId: number): void {
    Atomics.store(this.#cells, PROCESS_ID, BigInt(processId));
    Atomics.store(this.#cells, WAITING_SINCE, BigInt(Date.now()));
  }

  end(): void {
    Atomics.store(this.#cells, WAITING_SINCE, 0n);
  }

  /** The process is gone and its id may be given to another. */
  forget(): void {
    Atomics.store(this.#cells, WAITING_SINCE, 0n);
    Atomics.store(this.#cells, PROCESS_ID, 0n);
  }
}

export interface WatchdogOptions {
  readonly memory: SharedArrayBuffer;
  /** Longest silence within one request, in ms. */
  readonly deadline?: number;
  /** Called after a kill for silence. */
  readonly onKill?: (processId: number) => void;
}

/** The main thread's side. Call `kill` before terminating the worker or exiting. */
export class Watchdog {
  readonly #cells: BigInt64Array;
  readonly #timer: NodeJS.Timeout;

  constructor(options: WatchdogOptions) {
    this.#cells = new BigInt64Array(options.memory);
    const deadline = options.deadline ?? 30_000;
    this.#timer = setInterval(
      () => {
        const since = Number(Atomics.load(this.#cells, WAITING_SINCE));
        if (since === 0 || Date.now() - since < deadline) return;
        const killed = this.kill();
        if (killed !== undefined) options.onKill?.(killed);
      },
      Math.max(50, Math.min(1000, deadline / 4)),
    );
    this.#timer.unref();
  }

  /** Kills the compiler if one runs; returns its id. */
  kill(): number | undefined {
    const processId = Number(Atomics.exchange(this.#cells, PROCESS_ID, 0n));
    Atomics.store(this.#cells, WAITING_SINCE, 0n);
    if (processId === 0) return undefined;
    try {
      process.kill(processId, 'SIGKILL');
    } catch {
      return undefined; // Gone already.
    }
    return processId;
  }

  /** Stops watching and kills the compiler. */
  close(): void {
    clearInterval(this.#timer);
    this.kill();
  }
}
