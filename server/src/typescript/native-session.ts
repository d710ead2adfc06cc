/**
 * One native compiler process: starting it, asking it, noticing that it died, and bounding its memory.
 *
 * Projects are opened when they are first asked about and closed again when too many are open: 28 open at once took
 * 3.1 GB. Knows nothing of what is asked.
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { API, type Project as NativeProject, type Snapshot as NativeSnapshot } from 'typescript/unstable/sync';
import { CompilerDied } from './compiler.ts';
import { type Channel, RequestPipeline } from './request-pipeline.ts';
import type { RequestClock } from './watchdog.ts';

export interface SessionOptions {
  readonly executable: string;
  readonly clock: RequestClock | undefined;
  readonly isBrief: boolean;
  readonly maxOpenProjects: number;
  /** Resident size that is worth a restart; undefined for one that fits the workspace. */
  readonly maxMemoryMB: number | undefined;
  /** Text in place of what is on disk; undefined to read the disk. */
  readonly serve: (path: string) => string | undefined;
}

export interface FileChanges {
  readonly changed: readonly string[];
  readonly created: readonly string[];
  readonly deleted: readonly string[];
}

export class NativeSession {
  readonly #options: SessionOptions;
  #api: API | undefined;
  #pipeline: RequestPipeline | undefined;
  #snapshot: NativeSnapshot | undefined;
  /** By config path, the path it was opened under; least recently used first. */
  #open = new Map<string, string>();
  #updates = 0;
  /** Resident size at the first update, in MB. */
  #baseline: number | undefined;
  #died = false;
  /** Nothing but configs is served, so they are put on disk for a moment and the compiler asks for no file. */
  #readsDisk: boolean;
  /** Source files of the workspace: large programs may use more memory. Read when a process is started. */
  sourceFiles = 0;
  /** Counts native snapshots: answers keyed by symbol or type ids hold for one of them. */
  generation = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#readsDisk = options.isBrief;
  }

  get processId(): number | undefined {
    return this.#api && childOf(this.#api).pid;
  }

  /** Folder of the compiler's `lib.*.d.ts`. */
  get libFolder(): string {
    return dirname(this.#options.executable.replaceAll('\\', '/'));
  }

  /** Asks the compiler. Transport errors become `CompilerDied`; its own errors pass through. */
  request<T>(ask: (api: API) => T): T {
    if (this.#died) throw new CompilerDied('the compiler died before');
    const api = this.#start();
    const processId = childOf(api).pid;
    if (processId !== undefined) this.#options.clock?.begin(processId);
    try {
      return ask(api);
    } catch (error) {
      if (error instanceof CompilerDied || !isTransportError(error)) throw error;
      this.#died = true;
      this.close();
      throw new CompilerDied(error instanceof Error ? error.message : String(error), { cause: error });
    } finally {
      this.#options.clock?.end();
    }
  }

  /** Sends a question whose answer `request` will ask for. Only for questions about open projects. */
  expect(ask: () => unknown): void {
    if (this.#pipeline !== undefined) this.request(() => this.#pipeline?.expect(ask));
  }

  /** Forgets answers that nobody asked for. */
  abandonExpected(): void {
    if (this.#pipeline !== undefined && !this.#died) this.request(() => this.#pipeline?.abandon());
  }

  /** Root files of a config. */
  rootFiles(configPath: string): readonly string[] {
    return this.#withConfig(configPath, (path) => this.request((api) => api.parseConfigFile(path).fileNames));
  }

  /** The project of a config, opened if need be; undefined when the compiler does not know the config. */
  project(configPath: string): NativeProject | undefined {
    const opened = this.#open.get(configPath);
    if (opened !== undefined) {
      this.#open.delete(configPath);
      this.#open.set(configPath, opened);
    } else {
      const excess = Math.max(0, this.#open.size + 1 - this.#options.maxOpenProjects);
      const closing = [...this.#open].slice(0, excess);
      for (const [closed] of closing) this.#open.delete(closed);
      this.#withConfig(configPath, (path) => {
        this.#open.set(configPath, path);
        this.#update({ openProjects: [path], closeProjects: closing.map(([, closed]) => closed) });
      });
    }
    return this.#snapshot?.getProject(this.#open.get(configPath) ?? configPath);
  }

  isOpen(configPath: string): boolean {
    return this.#open.has(configPath);
  }

  release(configPath: string): void {
    const path = this.#open.get(configPath);
    if (path === undefined) return;
    this.#open.delete(configPath);
    this.#update({ closeProjects: [path] });
  }

  /** Tells of changed files; projects stay open. */
  filesChanged(changes: FileChanges): void {
    this.#serveFiles();
    if (!this.#api) return;
    this.#updates++;
    const memory = residentMegabytes(this.processId);
    this.#baseline ??= memory;
    if (
      isWorthRestarting({
        memory,
        baseline: this.#baseline,
        limit: this.#options.maxMemoryMB ?? 1.5 * softLimit(this.sourceFiles),
        updates: this.#updates,
      })
    ) {
      // Projects are opened again when asked about; one second once in a while is cheaper than swapping.
      this.close();
      return;
    }
    this.#update({
      fileChanges: { changed: [...changes.changed], created: [...changes.created], deleted: [...changes.deleted] },
    });
  }

  close(): void {
    this.#options.clock?.forget();
    const api = this.#api;
    this.#api = undefined;
    this.#pipeline = undefined;
    this.#snapshot = undefined;
    this.#open.clear();
    this.#updates = 0;
    this.#baseline = undefined;
    this.generation++;
    if (!api) return;
    const child = childOf(api);
    // `close` releases snapshots one request at a time, which a stopped compiler would never answer.
    child.kill('SIGKILL');
    try {
      api.close();
    } catch {
      // The pipe is broken, as intended.
    }
  }

  #start(): API {
    if (this.#api !== undefined) return this.#api;
    const options = this.#options;
    const collecting = { GOGC: options.isBrief ? 'off' : '200', GOMEMLIMIT: `${softLimit(this.sourceFiles)}MiB` };
    const readFile = (path: string): string | undefined => {
      const processId = this.processId;
      if (processId !== undefined) options.clock?.begin(processId);
      return options.serve(path);
    };
    this.#api = withEnvironment(collecting, () => {
      return new API({ tsserverPath: options.executable, ...(this.#readsDisk ? {} : { fs: { readFile } }) });
    });
    this.#pipeline = new RequestPipeline(channelOf(this.#api));
    return this.#api;
  }

  /** Gives the path under which the compiler finds the effective config. */
  #withConfig<T>(configPath: string, use: (path: string) => T): T {
    const text = this.#readsDisk ? this.#options.serve(configPath) : undefined;
    const path = text === undefined ? undefined : temporaryFile(text);
    if (path === undefined) {
      this.#serveFiles();
      return use(configPath);
    }
    try {
      return use(path.replaceAll('\\', '/'));
    } finally {
      rmSync(dirname(path), { recursive: true, force: true });
    }
  }

  #serveFiles(): void {
    if (!this.#readsDisk) return;
    this.#readsDisk = false;
    this.close();
  }

  #update(params: Parameters<API['updateSnapshot']>[0]): void {
    const previous = this.#snapshot;
    this.#snapshot = this.request((api) => api.updateSnapshot(params));
    this.generation++;
    if (previous) this.request(() => previous.dispose());
  }
}

/** A tsconfig in a folder of its own; undefined where nothing can be written. */
function temporaryFile(text: string): string | undefined {
  try {
    const path = join(mkdtempSync(join(tmpdir(), 'concurrency-checklist-')), 'tsconfig.json');
    writeFileSync(path, text);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Whether a new process would be much smaller. A program that is large by itself is not made smaller by opening it
 * again, so the process must also have grown since its first update.
 */
export function isWorthRestarting(state: {
  /** Resident size in MB; undefined where the system does not tell. */
  readonly memory: number | undefined;
  readonly baseline: number | undefined;
  readonly limit: number;
  readonly updates: number;
}): boolean {
  const { memory, baseline, limit, updates } = state;
  if (memory === undefined || baseline === undefined) return updates >= UPDATES_WITHOUT_MEASURE;
  return memory > limit && memory > 1.5 * baseline;
}

const UPDATES_WITHOUT_MEASURE = 400;

/**
 * The heap size in MB from which Go collects garbage harder.
 *
 * By default Go lets the heap grow to twice what is alive before it collects. Three times (`GOGC=200`) saves a tenth of
 * the time of a first analysis, and the soft limit keeps a long session from growing with it. Measured on vendure's
 * core package, 827 files: first analysis 4.8 s of processor time instead of 5.4 s; 200 edits end at 1033 MB, with the
 * defaults at 994 MB, without the limit at 1481 MB. A limit below what is alive would make Go collect all the time.
 * A brief session collects at the limit only: another tenth of the time, for 150 MB.
 */
function softLimit(sourceFiles: number): number {
  return Math.round(900 + 0.3 * sourceFiles);
}

/** The native compiler beside the bundle, else the one in node_modules. Never one from the user's workspace. */
export function findCompiler(bundleFolder: string): string {
  const name = process.platform === 'win32' ? 'tsc.exe' : 'tsc';
  const beside = posix.join(bundleFolder.replaceAll('\\', '/'), 'typescript', name);
  if (existsSync(beside)) {
    makeExecutable(beside);
    return beside;
  }
  const require = createRequire(posix.join(bundleFolder.replaceAll('\\', '/'), 'package.json'));
  const platform = `${process.platform}-${process.arch}`;
  try {
    const manifest = require.resolve(`@typescript/typescript-${platform}/package.json`);
    return posix.join(dirname(manifest.replaceAll('\\', '/')), 'lib', name);
  } catch (cause) {
    throw new Error(`there is no native TypeScript compiler for ${platform} in this installation`, { cause });
  }
}

/** Some ways of installing an extension lose the mode of its files. */
function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, 0o755);
  }
}

interface Child {
  readonly pid?: number;
  kill(signal: NodeJS.Signals): boolean;
}

/** The client offers no way to its channel and process; the path to them is fixed by the exact version in package.json. */
function channelOf(api: API): Channel & { readonly child: Child } {
  return (api as unknown as { client: { channel: Channel & { readonly child: Child } } }).client.channel;
}

function childOf(api: API): Child {
  return channelOf(api).child;
}

/** The client spawns with the environment of this thread, so it is set for the moment of the spawn. */
function withEnvironment<T>(variables: Readonly<Record<string, string>>, run: () => T): T {
  const previous = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  try {
    return run();
  } finally {
    for (const [name, value] of previous) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const transportError =
  /Unexpected EOF|EPIPE|EBADF|ECONNRESET|EINVAL|EIO|SyncRpcChannel|Invalid message type|Expected .*received|name mismatch for response|exited with code|ENOENT.*spawn|write after end/i;

/** Whether an error means that the process is gone, as opposed to a question it could not answer. */
export function isTransportError(error: unknown): boolean {
  return error instanceof CompilerDied || (error instanceof Error && transportError.test(error.message));
}

function residentMegabytes(processId: number | undefined): number | undefined {
  if (processId === undefined) return undefined;
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
