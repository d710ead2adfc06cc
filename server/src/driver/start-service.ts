/**
 * The asking thread's side of the engine: starts the analysis worker, passes requests to it and brings answers back.
 *
 * The worker blocks while it works, so nothing here waits for it without a way out: a request is cancelled through
 * shared memory, a compiler that hangs is killed by the watchdog, a worker that dies is replaced (with the unsaved
 * texts it had), and whatever happens the process can exit.
 */
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { createWatchMemory, Watchdog } from '../typescript/watchdog.ts';
import { findWorkspaceFiles } from '../typescript/workspace-files.ts';
import {
  type AnalysisService,
  Cancelled,
  type Changes,
  type CheckResult,
  ConfigurationError,
  type Progress,
  type ServiceOptions,
  type VerifiedFix,
} from './service.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerStart } from './worker-messages.ts';

/** Nobody looks at a run in CI, whose machine may be busy with much else: milliseconds that one request may take. */
const PATIENCE = 180_000;
/** Deaths of the worker that are answered with a new one. */
const MOST_DEATHS = 3;
/** How long a worker may take to close by itself, milliseconds. */
const CLOSING_TIME = 1000;

export function startService(options: ServiceOptions): AnalysisService {
  return new WorkerService(options);
}

interface Waiting {
  readonly resolve: (value: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((progress: Progress) => void) | undefined;
}

type Question = WorkerRequest extends infer R ? (R extends WorkerRequest ? Omit<R, 'id' | 'cancel'> : never) : never;

class WorkerService implements AnalysisService {
  private readonly options: ServiceOptions;
  private readonly watch = createWatchMemory();
  private readonly watchdog: Watchdog;
  private readonly waiting = new Map<number, Waiting>();
  private readonly cancels = new Map<number, Int32Array>();
  private readonly overlays = new Map<string, string>();
  private worker: Worker | undefined;
  private nextId = 1;
  private deaths = 0;
  private disposed = false;
  private readonly onExit = (): void => this.watchdog.close();

  constructor(options: ServiceOptions) {
    this.options = options;
    const { requestTimeout = options.brief === true ? PATIENCE : undefined } = options;
    this.watchdog = new Watchdog({
      memory: this.watch,
      ...(requestTimeout === undefined ? {} : { deadline: requestTimeout }),
    });
    // A worker blocked on a compiler that was stopped would keep `process.exit` from returning.
    process.once('exit', this.onExit);
  }

  async update(changes: Changes): Promise<void> {
    for (const [path, text] of changes.overlays ?? []) {
      if (text === null) this.overlays.delete(path);
      else this.overlays.set(path, text);
    }
    await this.ask({ kind: 'update', changes });
  }

  async check(options: Asking = {}): Promise<CheckResult> {
    return (await this.ask({ kind: 'check' }, options)) as CheckResult;
  }

  async fixes(path: string, fingerprint: string, options: Asking = {}): Promise<readonly VerifiedFix[]> {
    return (await this.ask({ kind: 'fixes', path, fingerprint }, options)) as readonly VerifiedFix[];
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    const { worker } = this;
    if (worker !== undefined) {
      const closed = this.post(worker, { kind: 'close' }, {}).catch(() => undefined);
      const late = setTimeout(() => this.watchdog.kill(), CLOSING_TIME);
      const tooLate = new Promise((resolve) => {
        setTimeout(resolve, 2 * CLOSING_TIME).unref();
      });
      for (const cancel of this.cancels.values()) Atomics.store(cancel, 0, 1);
      await Promise.race([closed, tooLate]);
      clearTimeout(late);
    }
    this.watchdog.close();
    process.off('exit', this.onExit);
    await worker?.terminate();
  }

  private async ask(question: Question, asking: Asking = {}): Promise<WorkerAnswer> {
    if (this.disposed) throw new Error('The analysis was closed.');
    if (asking.signal?.aborted === true) throw new Cancelled();
    return this.post(this.running(), question, asking);
  }

  private post(worker: Worker, question: Question, { signal, progress }: Asking): Promise<WorkerAnswer> {
    const id = this.nextId++;
    const cancel = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const abort = (): void => {
      Atomics.store(cancel, 0, 1);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.cancels.set(id, cancel);
    worker.ref();
    return new Promise<WorkerAnswer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress });
      worker.postMessage({ ...question, id, cancel });
    })
      .then((value) => {
        if (signal?.aborted === true) throw new Cancelled();
        return value;
      })
      .finally(() => {
        signal?.removeEventListener('abort', abort);
        this.cancels.delete(id);
      });
  }

  private running(): Worker {
    if (this.worker !== undefined) return this.worker;
    if (this.deaths > MOST_DEATHS) {
      throw new Error(`The analysis stopped ${this.deaths} times and was not started again.`);
    }
    const data: WorkerStart = { options: this.options, watch: this.watch };
    const worker = new Worker(this.options.worker ?? join(__dirname, 'worker.js'), {
      workerData: data,
      // A large nursery: facts are many, and most die young.
      resourceLimits: { maxOldGenerationSizeMb: heapLimit(), maxYoungGenerationSizeMb: 192 },
      // Standard output belongs to results and to the protocol.
      stdout: true,
    });
    worker.stdout.pipe(process.stderr, { end: false });
    worker.on('message', (message: WorkerMessage) => this.receive(worker, message));
    worker.on('error', (error) => this.abandon(worker, error));
    worker.on('exit', () => this.abandon(worker, undefined));
    this.worker = worker;
    if (this.options.brief === true) {
      // The worker takes as long to load as this takes, and nobody else waits for this thread.
      const workspace = findWorkspaceFiles(this.options.roots);
      void this.post(worker, { kind: 'begin', workspace }, {}).catch(() => undefined);
    }
    if (this.overlays.size > 0) {
      const changes: Changes = { overlays: [...this.overlays] };
      void this.post(worker, { kind: 'update', changes }, {}).catch(() => undefined);
    }
    return worker;
  }

  private receive(worker: Worker, message: WorkerMessage): void {
    const waiting = this.waiting.get(message.id);
    if (message.kind === 'progress') {
      waiting?.progress?.(message.progress);
      return;
    }
    this.waiting.delete(message.id);
    // An idle worker must not keep the process alive.
    if (this.waiting.size === 0) worker.unref();
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(restoreError(message));
  }

  private abandon(worker: Worker, error: unknown): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.watchdog.kill();
    if (!this.disposed) this.deaths++;
    const reason = error instanceof Error ? error.message : 'it exited';
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const one of waiting) one.reject(new Error(`The analysis stopped: ${reason}.`, { cause: error }));
  }
}

/** In MB: what this process may use, or half of the machine's memory where that is more. */
function heapLimit(): number {
  return Math.floor(Math.max(getHeapStatistics().heap_size_limit, totalmem() / 2) / 2 ** 20);
}

function restoreError({ name, message, stack }: Extract<WorkerMessage, { kind: 'failure' }>): Error {
  if (name === 'Cancelled') return new Cancelled();
  if (name === 'ConfigurationError') return new ConfigurationError(message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
