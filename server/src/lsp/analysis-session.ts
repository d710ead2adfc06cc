/**
 * Keeps one analysis service up to date with what the editor shows. Changes are collected for a short while, then
 * handed over and analysed; whoever needs findings waits for the state that includes what it knows of. One analysis
 * runs at a time; an edit ends the one that runs, unless that would starve everybody. A service that dies is replaced
 * with everything unsaved told again; one that keeps dying is left dead, and said to be.
 */
import type {
  AnalysisService,
  Changes,
  CheckResult,
  FileFindings,
  Progress,
  ServiceOptions,
  VerifiedFix,
} from '../driver/service.ts';
import { delay, isCancelled, orAbort, within } from './cancellation.ts';
import { normalPath } from './file-uris.ts';

export type StartService = (options: ServiceOptions) => AnalysisService;

/** The findings of one state of all files. */
export interface Snapshot {
  readonly result: CheckResult;
  readonly files: ReadonlyMap<string, FileFindings>;
  /** Versions of the open documents that were analysed, by path. */
  readonly versions: ReadonlyMap<string, number>;
  /** Differs between services: their result ids may be the same and mean something else. */
  readonly generation: number;
}

export interface SessionHost {
  readonly startService: StartService;
  /** Unsaved texts, for a service that starts. */
  readonly overlays: () => readonly (readonly [path: string, text: string])[];
  readonly versions: () => ReadonlyMap<string, number>;
  readonly onChecked: (snapshot: Snapshot) => void;
  readonly onState: (state: SessionState) => void;
  readonly log: (message: string) => void;
}

export interface SessionState {
  readonly state: 'analysing' | 'ready' | 'failed';
  readonly message?: string;
  /** The session has given up: only a restart helps. */
  readonly final?: boolean;
}

interface Run {
  readonly revision: number;
  readonly progress: (progress: Progress) => void;
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (error: unknown) => void;
}

interface Flight {
  /** Asks the service to stop analysing. */
  readonly controller: AbortController;
  /** Fires when the service is given up and may never answer. */
  readonly gone: AbortController;
}

interface Waiter {
  readonly revision: number;
  readonly resolve: (snapshot: Snapshot | undefined) => void;
}

/** Milliseconds to wait for the next keystroke; twice as long where an analysis takes long. */
const QUIET = 50;
const LONGEST_QUIET = 250;
/** However fast the changes follow each other, after this time they are analysed. */
const LONGEST_COLLECTING = 1000;
/** So many analyses in a row may be ended by an edit before one runs to its end. */
const MOST_ABORTS = 5;
const MOST_FAILURES_IN_A_ROW = 3;
const MOST_FAILURES = 5;
const FAILURE_WINDOW = 180_000;
/** Longer than a service takes to get rid of a compiler that hangs. */
const DISPOSE_TIME = 4000;
const NO_FOLDER = 'There is no folder to check.';

export class AnalysisSession {
  readonly #host: SessionHost;
  #options: ServiceOptions | undefined;
  /** Until then everybody waits; afterwards no options mean that there is nothing to analyse. */
  #configured = false;
  #service: AnalysisService | undefined;
  #generation = 0;
  #current: Snapshot | undefined;

  /** Counts changes; everything up to `#analysed` is in `#current`. */
  #revision = 1;
  #analysed = 0;
  #pending: PendingChanges = createPending();
  #collectingSince = 0;
  #collectUntil = 0;

  #looping = false;
  #inFlight: Flight | undefined;
  #fix: AbortController | undefined;
  #aborts = 0;
  #milliseconds = 0;
  #failures: number[] = [];
  #failuresInARow = 0;
  #ended = false;
  #waiters: Waiter[] = [];
  readonly #runs = new Set<Run>();

  constructor(host: SessionHost) {
    this.#host = host;
  }

  get current(): Snapshot | undefined {
    return this.#current;
  }

  /** Nothing has changed since `current`. */
  get isSettled(): boolean {
    return this.#analysed === this.#revision;
  }

  /** Starts over with other options, if they are other ones; without roots there is nothing to analyse. */
  configure(options: ServiceOptions | undefined): void {
    const next = options === undefined || options.roots.length === 0 ? undefined : options;
    if (this.#configured && JSON.stringify(next) === JSON.stringify(this.#options)) return;
    this.#configured = true;
    this.#options = next;
    this.#drop();
    if (next === undefined) this.#current = undefined;
    // The documents of a client that starts come right behind.
    this.#changed(QUIET);
  }

  /** `quiet`: milliseconds without another change before the analysis starts; adapted to its speed where not given. */
  change(changes: Changes, quiet?: number): void {
    addTo(this.#pending, changes);
    this.#changed(quiet ?? Math.min(LONGEST_QUIET, Math.max(QUIET, this.#milliseconds / 4)));
  }

  /** The findings of the state that is known now; undefined when there is no analysis. Rejects with `Cancelled`. */
  async settled(signal?: AbortSignal): Promise<Snapshot | undefined> {
    if (this.#ended) return undefined;
    if (this.isSettled) return this.#current;
    let waiter: Waiter | undefined;
    const answer = new Promise<Snapshot | undefined>((resolve) => {
      waiter = { revision: this.#revision, resolve };
      this.#waiters.push(waiter);
    });
    try {
      return await orAbort(answer, signal);
    } finally {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
    }
  }

  /** Analyses once more even when nothing is known to have changed, and lets nothing but the signal end it. */
  async run(progress: (progress: Progress) => void, signal: AbortSignal): Promise<Snapshot> {
    if (this.#ended) throw new Error('The analysis has stopped working.');
    if (this.#configured && this.#options === undefined) throw new Error(NO_FOLDER);
    let run: Run | undefined;
    const answer = new Promise<Snapshot>((resolve, reject) => {
      run = { revision: this.#revision, progress, resolve, reject };
      this.#runs.add(run);
      this.#wake();
    });
    try {
      return await orAbort(answer, signal);
    } finally {
      if (run !== undefined) this.#runs.delete(run);
      // An analysis that only this run asked for ends with it.
      if (this.#runs.size === 0 && this.isSettled) this.#inFlight?.controller.abort();
    }
  }

  /** Undefined when there is no answer: a change came first, an analysis is due, the service failed. */
  async fixes(path: string, fingerprint: string): Promise<readonly VerifiedFix[] | undefined> {
    const service = this.#service;
    if (service === undefined || !this.isSettled || this.#ended) return undefined;
    const controller = new AbortController();
    this.#fix = controller;
    try {
      return await orAbort(service.fixes(path, fingerprint, { signal: controller.signal }), controller.signal);
    } catch (error) {
      if (!isCancelled(error)) this.#host.log(`No fix could be computed: ${reasonOf(error)}`);
      return undefined;
    } finally {
      if (this.#fix === controller) this.#fix = undefined;
    }
  }

  /** Returns when the service is gone, false when it did not go in time. */
  async dispose(): Promise<boolean> {
    this.#ended = true;
    const service = this.#service;
    this.#drop(false);
    this.#release(undefined, Number.POSITIVE_INFINITY);
    for (const run of this.#runs) run.reject(new Error('The server is shutting down.'));
    if (service === undefined) return true;
    return (await within(DISPOSE_TIME, disposed(service))) === true;
  }

  #changed(quiet: number): void {
    const now = performance.now();
    if (this.isSettled) this.#collectingSince = now;
    this.#revision++;
    this.#collectUntil = Math.max(this.#collectUntil, now + quiet);
    this.#fix?.abort();
    if (this.#mayAbort()) {
      this.#aborts++;
      this.#inFlight?.controller.abort();
    }
    this.#wake();
  }

  /** The first analysis of a service does work that all later ones use; a run is not to be ended by typing. */
  #mayAbort(): boolean {
    return (
      this.#inFlight !== undefined && this.#milliseconds > 0 && this.#runs.size === 0 && this.#aborts < MOST_ABORTS
    );
  }

  #wake(): void {
    if (this.#looping || this.#ended) return;
    this.#looping = true;
    void this.#loop().finally(() => {
      this.#looping = false;
      if (this.#isDue()) this.#wake();
    });
  }

  #isDue(): boolean {
    return !this.#ended && this.#options !== undefined && (!this.isSettled || this.#runs.size > 0);
  }

  async #loop(): Promise<void> {
    // A step that throws outside of the engine is a defect of this file; it must not become a busy loop.
    while (this.#isDue()) {
      await this.#collect();
      if (this.#isDue()) await this.#check();
    }
    if (this.#configured && this.#options === undefined && !this.#ended) this.#settleWithout();
  }

  async #collect(): Promise<void> {
    for (;;) {
      const latest = Math.min(this.#collectUntil, this.#collectingSince + LONGEST_COLLECTING);
      const left = latest - performance.now();
      if (left <= 0 || this.#runs.size > 0) return;
      await delay(left);
    }
  }

  async #check(): Promise<void> {
    const revision = this.#revision;
    const flight: Flight = { controller: new AbortController(), gone: new AbortController() };
    this.#inFlight = flight;
    this.#collectingSince = performance.now();
    const versions = this.#host.versions();
    const started = performance.now();
    const notice = setTimeout(() => this.#host.onState({ state: 'analysing' }), this.#current === undefined ? 0 : 300);
    try {
      const result = await orAbort(this.#analyse(flight.controller.signal), flight.gone.signal);
      this.#milliseconds = Math.max(1, performance.now() - started);
      this.#succeed({ result, files: byPath(result), versions, generation: this.#generation }, revision);
    } catch (error) {
      if (flight.gone.signal.aborted) return;
      if (!isCancelled(error) || !flight.controller.signal.aborted) await this.#fail(error, revision);
      else if (!this.#isDue()) this.#host.onState({ state: 'ready' });
    } finally {
      clearTimeout(notice);
      this.#inFlight = undefined;
    }
  }

  async #analyse(signal: AbortSignal): Promise<CheckResult> {
    const service = this.#running();
    await service.update(this.#takePending());
    return service.check({ signal, progress: (step) => this.#report(step) });
  }

  #running(): AnalysisService {
    if (this.#service !== undefined) return this.#service;
    if (this.#options === undefined) throw new Error('no options to start a service with');
    this.#generation++;
    this.#pending = createPending();
    addTo(this.#pending, { overlays: this.#host.overlays() });
    this.#service = this.#host.startService(this.#options);
    return this.#service;
  }

  #takePending(): Changes {
    const { overlays, changed, created, deleted } = this.#pending;
    this.#pending = createPending();
    return { overlays: [...overlays], changed: [...changed], created: [...created], deleted: [...deleted] };
  }

  #succeed(snapshot: Snapshot, revision: number): void {
    this.#aborts = 0;
    this.#failuresInARow = 0;
    this.#current = snapshot;
    this.#analysed = revision;
    this.#host.onState({ state: 'ready' });
    this.#host.onChecked(snapshot);
    this.#release(snapshot, revision);
    for (const run of this.#runs) {
      if (run.revision > revision) continue;
      this.#runs.delete(run);
      run.resolve(snapshot);
    }
  }

  async #fail(error: unknown, revision: number): Promise<void> {
    const reason = reasonOf(error);
    if (error instanceof Error && error.name === 'ConfigurationError') {
      this.#giveUpOn(revision, new Error(reason));
      this.#host.onState({ state: 'failed', message: reason });
      return;
    }
    this.#host.log(`The analysis failed: ${error instanceof Error ? (error.stack ?? reason) : reason}`);
    const now = Date.now();
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_WINDOW), now];
    this.#failuresInARow++;
    this.#drop();
    if (this.#failuresInARow >= MOST_FAILURES_IN_A_ROW || this.#failures.length >= MOST_FAILURES) {
      this.#ended = true;
      const message = `The analysis stopped because it failed again and again: ${reason}`;
      this.#giveUpOn(Number.POSITIVE_INFINITY, new Error(message));
      this.#host.onState({ state: 'failed', message, final: true });
      return;
    }
    await delay(250 * 2 ** this.#failuresInARow);
  }

  /** Nobody is to wait for this state; there are no findings that could be shown for it. */
  #giveUpOn(revision: number, error: Error): void {
    this.#current = undefined;
    this.#analysed = Math.min(revision, this.#revision);
    this.#release(undefined, revision);
    for (const run of this.#runs) {
      this.#runs.delete(run);
      run.reject(error);
    }
  }

  #settleWithout(): void {
    this.#giveUpOn(Number.POSITIVE_INFINITY, new Error(NO_FOLDER));
    this.#host.onState({ state: 'ready', message: NO_FOLDER });
  }

  #release(snapshot: Snapshot | undefined, revision: number): void {
    const ready = this.#waiters.filter((waiter) => waiter.revision <= revision);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision);
    for (const waiter of ready) waiter.resolve(snapshot);
  }

  #report(progress: Progress): void {
    for (const run of this.#runs) run.progress(progress);
  }

  #drop(disposeToo = true): void {
    const service = this.#service;
    this.#service = undefined;
    this.#milliseconds = 0;
    this.#fix?.abort();
    this.#inFlight?.gone.abort();
    if (service !== undefined && disposeToo) void within(DISPOSE_TIME, disposed(service));
  }
}

interface PendingChanges {
  readonly overlays: Map<string, string | null>;
  readonly changed: Set<string>;
  readonly created: Set<string>;
  readonly deleted: Set<string>;
}

function createPending(): PendingChanges {
  return { overlays: new Map(), changed: new Set(), created: new Set(), deleted: new Set() };
}

/** Later news about a file replace earlier ones; deleted and created again is a change. */
function addTo(pending: PendingChanges, { overlays = [], changed = [], created = [], deleted = [] }: Changes): void {
  for (const [path, text] of overlays) pending.overlays.set(path, text);
  for (const path of changed) if (!pending.created.has(path)) pending.changed.add(path);
  for (const path of created) {
    if (pending.deleted.delete(path)) pending.changed.add(path);
    else pending.created.add(path);
  }
  for (const path of deleted) {
    pending.changed.delete(path);
    // Created and gone again: the deletion is still told, the engine may have seen the file in between.
    pending.created.delete(path);
    pending.deleted.add(path);
  }
}

function byPath(result: CheckResult): Map<string, FileFindings> {
  return new Map(result.files.map((file) => [normalPath(file.path), file]));
}

async function disposed(service: AnalysisService): Promise<true> {
  await service.dispose().catch(() => undefined);
  return true;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
