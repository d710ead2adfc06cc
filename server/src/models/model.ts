/**
 * What an outside API does, as data. One file per library says it with `defineModels`; a user's configuration says it
 * in the same form. No functions: models are validated, documented and looked up, never run.
 *
 * A key of `calls` is `Class#member` for an instance member, `Class.member` for a static one, `member` for an export
 * of the module, `new Class` for construction. `neutral` means looked at and nothing matters; absent means unknown.
 *
 * A path reads left to right: `This`, `Argument[n]`, `Arguments[n..]` (the rest as an array), `Parameter[n]` (of the
 * callback the entry is about), `ReturnValue`, then `.Member[x]`, `.Element`, `.Awaited`, `.Entity` (the class a
 * repository or model is bound to: the first type argument of the receiver's type, or the class value itself).
 */

export type Path = string;

export type DatabaseAction = 'read' | 'insert' | 'update' | 'delete' | 'upsert' | 'save' | 'lock';

export interface DatabaseModel {
  readonly kind: 'database';
  readonly action: DatabaseAction;
  /** The table, collection or entity touched. */
  readonly table: Path;
  /** Object whose properties are equality conditions (`where`), or the value compared with the primary key. */
  readonly where?: Path;
  readonly primaryKey?: Path;
  readonly data?: Path;
  /** What the awaited result holds: one row, a list of rows, a count, the affected count, or a result object with `affected`. */
  readonly returns: 'row' | 'rows' | 'count' | 'affected' | 'exists' | 'nothing' | 'unknown';
  /** Member of the awaited result that says how many rows changed (`affected`, `rowCount`, `modifiedCount`). */
  readonly affected?: Path;
  /** Options object whose `relations`/`include`/… list what is loaded along. */
  readonly relations?: Path;
  /** Where a pessimistic lock mode stands, when the API takes one (`Argument[0].Member[lock]`). */
  readonly lock?: Path;
  /** Columns changed by an atomic operator of the API: a path to the column name or the object keyed by columns. */
  readonly atomic?: Path;
  /** Same-tick calls of the same shape are batched into one query by the library (Prisma `findUnique`). */
  readonly batchesSameTick?: true;
  /** `take`, `limit`: a list read under it is a page. */
  readonly limit?: Path;
}

export interface SqlModel {
  readonly kind: 'sql';
  readonly text: Path;
  /** An array (`$1`, `?`), an object (`:name`), or `Arguments[1..]`. */
  readonly parameters?: Path;
  readonly dialect?: 'postgresql' | 'mysql' | 'sqlite';
  /** Path from the awaited result to the list of rows: `Member[rows]`, or empty when the result is the list. */
  readonly rows?: Path;
  readonly affected?: Path;
}

export interface CacheModel {
  readonly kind: 'cache';
  readonly action: 'get' | 'set' | 'delete' | 'set-if-absent' | 'increment' | 'expire' | 'exists';
  readonly key: Path;
  readonly value?: Path;
  readonly ttl?: Path;
  /** A set whose argument list containing this word (`NX`) makes it set-if-absent; the path says where to look. */
  readonly absentFlag?: Path;
  /** The store lives in this process (node-cache, lru-cache): no I/O. */
  readonly inProcess?: true;
}

/** A request to a service outside the process. */
export interface RequestModel {
  readonly kind: 'request';
  readonly url?: Path;
  readonly method?: string;
  /** Product behind the client, `stripe`; loopback and in-process targets are recognised from the URL. */
  readonly service?: string;
  /** The client queues, honours Retry-After or backs off by itself. */
  readonly limitsItself?: true;
  readonly retriesItself?: true;
  /** Options object that takes an idempotency key, and the option's name. */
  readonly idempotencyKey?: Path;
  /** A payment, charge, order: doing it twice costs money. */
  readonly costly?: true;
}

export interface PublishModel {
  readonly kind: 'publish';
  /** Mail is a publish nobody can take back. */
  readonly medium: 'queue' | 'bus' | 'mail' | 'search';
  readonly topic?: Path;
  readonly payload?: Path;
}

export interface FileModel {
  readonly kind: 'file';
  readonly action: 'check' | 'stat' | 'read' | 'write' | 'append' | 'open' | 'mkdir' | 'remove' | 'rename' | 'copy' | 'close';
  readonly path: Path;
  readonly options?: Path;
  readonly to?: Path;
  readonly sync?: true;
}

export interface ListenerModel {
  readonly kind: 'listener';
  readonly action: 'add' | 'remove' | 'remove-all';
  readonly event?: Path;
  readonly handler?: Path;
  readonly once?: true;
  /** Options with `once`, `signal`, `capture`. */
  readonly options?: Path;
  /** What undoes the registration: the returned disposer, a subscription with `unsubscribe`. */
  readonly disposer?: Path;
}

export interface TimerModel {
  readonly kind: 'timer';
  readonly action: 'start' | 'clear';
  readonly repeating?: true;
  readonly handler?: Path;
  readonly delay?: Path;
  readonly handle?: Path;
}

export interface LockModel {
  readonly kind: 'lock';
  readonly action: 'acquire' | 'release';
  /** What is locked: `This` for a mutex object, the key for a named lock. */
  readonly key: Path;
  readonly reentrant?: true;
  readonly distributed?: true;
}

export interface TransactionModel {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  readonly isolation?: Path;
}

/** Waiting: a sleep, or a limiter's admission. */
export interface WaitModel {
  readonly kind: 'wait';
  readonly for: 'time' | 'admission';
  readonly duration?: Path;
}

/** Access to a container in memory: Map, Set, array, object. */
export interface MemoryModel {
  readonly kind: 'memory';
  readonly action: 'get' | 'has' | 'add' | 'delete' | 'clear' | 'size';
  readonly target: Path;
  readonly key?: Path;
  readonly value?: Path;
}

/** Something acquired that must be released: pool client, handle, worker, object URL. */
export interface ResourceModel {
  readonly kind: 'resource';
  readonly action: 'acquire' | 'release';
  readonly resource: string;
  readonly in: Path;
}

export type EffectModel =
  | DatabaseModel
  | SqlModel
  | CacheModel
  | RequestModel
  | PublishModel
  | FileModel
  | ListenerModel
  | TimerModel
  | LockModel
  | TransactionModel
  | WaitModel
  | MemoryModel
  | ResourceModel;

/** How a call runs a function it is given. */
export interface CallbackModel {
  readonly argument: Path;
  /** `each`: once per element of `over`; `later`: not before this call returns, unordered with what follows; `retry`: again after a failure. */
  readonly runs: 'once' | 'each' | 'later' | 'retry';
  readonly over?: Path;
  /** For `each`: whether the calls overlap. `limited` when the API bounds them (`concurrency`). */
  readonly concurrency?: 'sequential' | 'parallel' | 'limited';
  /** What the callback's parameters are: `['This.Element', 'unknown']`; `Argument[n]…` or `ReturnValue` forms. */
  readonly parameters?: readonly Path[];
  /** The callback runs in a transaction whose executor is this parameter of it (`Parameter[0]`), or everything (`ambient`). */
  readonly transaction?: { readonly executor: Path | 'ambient'; readonly isolation?: Path };
  /** The callback runs while this lock is held. */
  readonly lock?: { readonly key: Path; readonly reentrant?: true; readonly distributed?: true };
  /** Starts of the callback are rate or concurrency limited. */
  readonly limited?: true;
  /** For `retry`: the library waits longer and longer between attempts. */
  readonly backoff?: true;
  /** The call's result is the callback's (`map` gives a list of them). */
  readonly returns?: 'value' | 'list' | 'nothing';
}

export interface CallModel {
  readonly effect?: EffectModel;
  readonly callbacks?: readonly CallbackModel[];
  /** What the effect goes through: a client, transaction or repository. Default `This`. */
  readonly executor?: Path;
  /** The result carries on what this path holds (`getRepository(Order)` → an object bound to `Order`; builders → `This`). */
  readonly returns?: Path;
  /** The result is a repository, model or table handle for this entity or table. */
  readonly boundTo?: Path;
  /** The result is a new object nobody else has. */
  readonly fresh?: true;
  readonly neutral?: true;
}

export interface ModelFile {
  /** Exact npm name, `node:fs` for Node's modules, `lib` for the language and the DOM. */
  readonly package: string;
  /** Further names of the same API: `fs-extra` for `node:fs` members. */
  readonly aliases?: readonly string[];
  /** Where the claims come from. */
  readonly source: string;
  readonly calls: Readonly<Record<string, CallModel>>;
}

/** A library's entries; the identity function that gives them their type. */
export function defineModels(file: ModelFile): ModelFile {
  return file;
}
