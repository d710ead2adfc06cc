/**
 * One run of the interpreter over one function: where it is, what holds there, and what it has recorded so far.
 * Circumstances are immutable lists, so recording an operation is keeping references.
 */
import type { Location } from '../rule.ts';
import type { SourceFile, Span } from '../typescript/syntax.ts';
import type {
  Basis,
  CallSite,
  Circumstances,
  Effect,
  FunctionInfo,
  Guard,
  LockContext,
  Loop,
  Operation,
  TransactionContext,
  TryContext,
} from './fact.ts';
import type { PendingWrite } from './unit-of-work.ts';
import { type FunctionKey, type Terms, union, type Value } from './value.ts';

/** The variables of one run of a function and of the closures inlined into it: indexes are unique in a file. */
export interface Frame {
  readonly file: SourceFile;
  readonly fn: FunctionKey;
  variables: Variables;
  readonly thisValue: Value;
}

/** What variables hold: each way that a branch can take writes to a layer of its own over what held before it. */
export class Variables {
  readonly #own = new Map<number, Value>();
  readonly #base: Variables | undefined;

  constructor(base?: Variables) {
    this.#base = base;
  }

  get(index: number): Value | undefined {
    return this.#own.get(index) ?? this.#base?.get(index);
  }

  set(index: number, value: Value): void {
    this.#own.set(index, value);
  }

  /** Goes on as one branch ended. */
  adopt(branch: Variables): void {
    for (const [index, value] of branch.#own) this.#own.set(index, value);
  }

  /** Goes on as either of two ended, both of them branches of this one or this one itself. */
  join(a: Variables, b: Variables): void {
    const changed = new Set(b.#own.keys());
    if (b.#base !== a) for (const index of a.#own.keys()) changed.add(index);
    for (const index of changed) {
      const value = eitherOf(a.get(index), b.get(index));
      if (value !== undefined) this.#own.set(index, value);
    }
  }
}

function eitherOf(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (a === undefined || a === b) return b;
  return b === undefined ? a : union([a, b]);
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface Position {
  loops: readonly Loop[];
  guards: readonly Guard[];
  tries: readonly TryContext[];
  transactions: readonly TransactionContext[];
  /** MySQL: the level that was set for the transaction begun next. */
  nextIsolation?: string | undefined;
  locks: readonly LockContext[];
  limited: boolean;
  retried: Circumstances['retried'];
  deferred: boolean;
}

/** Facts beyond this number in one function are not recorded; the function is then marked coarse. */
const MAX_OPERATIONS = 400;

const NO_CHAIN: readonly CallSite[] = [];

export class Activation {
  readonly info: FunctionInfo;
  readonly operations: Writable<Operation>[] = [];
  segment = 0;
  position: Position = {
    loops: [],
    guards: [],
    tries: [],
    transactions: [],
    locks: [],
    limited: false,
    retried: 'no',
    deferred: false,
  };
  coarse = false;
  calls = 0;
  callsResolved = 0;
  /** Functions being run inline, innermost last: stops recursion of closures. */
  readonly inlining: FunctionKey[] = [];
  /** Closures seen, and those that were run inline (and so need no facts of their own). */
  readonly closures = new Map<FunctionKey, Frame>();
  readonly inlined = new Set<FunctionKey>();
  /** Closures that a stream runs for each of its chunks or rows. */
  readonly streams = new Map<FunctionKey, Loop>();
  /** Pipelines by key, with the loops they were begun in; see `unit-of-work.ts`. */
  readonly buffers = new Map<string, readonly Loop[]>();
  /** Writes that wait for a flush, and how many operations there were at the last. */
  readonly pending: PendingWrite[] = [];
  flushedAt = 0;
  /** Closures that only a wrapper runs, on its terms. */
  readonly wrapped = new Map<FunctionKey, Terms>();
  #serial = 0;

  constructor(info: FunctionInfo) {
    this.info = info;
  }

  nextId(): string {
    this.#serial += 1;
    return `${this.info.ordinal}:${this.#serial}`;
  }

  /** Whether one more operation is recorded; if not, the function's facts are coarse from now on. */
  hasRoom(): boolean {
    if (this.operations.length < MAX_OPERATIONS) return true;
    this.coarse = true;
    return false;
  }

  record(operation: {
    effect: Effect;
    at: Location;
    span: Location;
    name: string;
    verb?: string | undefined;
    model: string;
    basis: Basis;
    fn: FunctionKey;
    chain?: readonly CallSite[];
    executor?: Value | undefined;
  }): Writable<Operation> | undefined {
    if (!this.hasRoom()) return undefined;
    const { position } = this;
    // Written out: this runs for every fact, and spreading objects of this size is ten times slower.
    const recorded: Writable<Operation> = {
      id: this.nextId(),
      order: this.operations.length,
      effect: operation.effect,
      at: operation.at,
      span: operation.span,
      name: operation.name,
      verb: operation.verb,
      model: operation.model,
      basis: operation.basis,
      fn: operation.fn,
      chain: operation.chain ?? NO_CHAIN,
      loops: position.loops,
      guards: position.guards,
      tries: position.tries,
      transactions: position.transactions,
      locks: position.locks,
      limited: position.limited,
      retried: position.retried,
      deferred: position.deferred,
      segment: this.segment,
      awaited: false,
      result: 'used',
      coarse: false,
    };
    if (operation.executor !== undefined) recorded.executor = operation.executor;
    this.operations.push(recorded);
    return recorded;
  }

  /** Runs `work` under changed circumstances and restores them. */
  within<T>(change: Partial<Position>, work: () => T): T {
    const before = this.position;
    this.position = { ...before, ...change };
    try {
      return work();
    } finally {
      this.position = before;
    }
  }
}

export function locate(file: SourceFile, span: Span): Location {
  return { path: file.path, start: span.start, end: span.end };
}
