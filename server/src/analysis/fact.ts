/**
 * What a function does, in order, and under which circumstances: the only thing rules read.
 *
 * `FunctionFacts.operations` holds a function's own operations and those of everything it calls, instantiated at the
 * call (parameters replaced by arguments, loops, guards, locks and transactions of the call site put around them).
 * `chain` is empty for an operation of the function itself; otherwise it walks from this function to the operation.
 */

import type { DatabaseAction, FileModel, PublishModel } from '../models/model.ts';
import type { Confidence, Location } from '../rule.ts';
import type { SqlStatement } from '../sql/statement.ts';
import type { FunctionNode, SourceFile } from '../typescript/syntax.ts';
import type { FunctionKey, Value } from './value.ts';

export interface FunctionInfo {
  readonly key: FunctionKey;
  /** Number of its file and of itself in it: a short name for identities, the same as long as there are the same files. */
  readonly ordinal: string;
  readonly path: string;
  readonly node: FunctionNode;
  readonly file: SourceFile;
  /** `<path>#<class name>` for a member of a class. */
  readonly class?: string;
  readonly qualifiedName: string;
}

/** A call on the way from a function to an operation. */
export interface CallSite {
  /** The callee's name at the call. */
  readonly at: Location;
  readonly name: string;
  /** The function the call is in. */
  readonly fn: FunctionKey;
}

/** A repetition around an operation. */
export interface Loop {
  readonly id: string;
  readonly form: 'for-of' | 'for-in' | 'for-await' | 'for' | 'while' | 'callback' | 'recursion' | 'stream';
  /** The loop's header, or the callback's call. */
  readonly at: Location;
  /** The function that contains it. */
  readonly fn: FunctionKey;
  /** Name of the iterating call (`map`, `forEach`, `pMap`) for a callback. */
  readonly name?: string;
  /** What is iterated; undefined for `while` and `for(;;)`. */
  readonly over?: Value;
  /** For `while`, `for`, `do`: the condition. */
  readonly test?: Value;
  /** `elements`: once per element of a list whose size the program does not fix. `constant`: literals, enum values, few. `chunk`/`page`: already batched. `attempts`: leaves on success or counts attempts. `forever`: no condition. */
  readonly repeats: 'elements' | 'constant' | 'chunk' | 'page' | 'attempts' | 'forever' | 'unknown';
  readonly concurrency: 'sequential' | 'parallel' | 'limited';
}

/** A condition that holds where the operation runs. */
export interface Guard {
  readonly test: Value;
  /** The test was true (or truthy). */
  readonly holds: boolean;
  readonly at: Location;
  /** The other branch leaves the function by `return`/`throw` (an early exit) rather than an `if` around the operation. */
  readonly earlyExit: boolean;
}

/** A `try` (or `.catch`) around an operation. */
export interface TryContext {
  readonly id: string;
  readonly at: Location;
  readonly in: 'block' | 'handler' | 'finalizer';
  /** What the handler does at its end: `none` when there is only `finally`. */
  readonly handler: 'none' | 'rethrows' | 'continues' | 'returns' | 'mixed';
  readonly hasFinalizer: boolean;
  /** The handler tells a conflict with a unique constraint from other errors: `P2002`, `23505`, `ER_DUP_ENTRY`. */
  readonly handlesConflict?: true;
}

export interface TransactionContext {
  readonly id: string;
  readonly at: Location;
  /** The value queries must go through to be inside; undefined when everything is (`ambient`, or a connection in BEGIN). */
  readonly executor?: Value;
  /** Of one that everything joins: what its callback is given. */
  readonly client?: Value;
  /** What stands for it besides: the context object or service that the callback of a wrapper is given. */
  readonly carriers?: readonly Value[];
  /** The calls through which it comes from a callee: two calls of one wrapper open two. */
  readonly site?: string;
  /** Model of the call that opened it, `typeorm#DataSource.transaction`; `shape` when nothing resolved. */
  readonly model: string;
  readonly isolation?: string;
}

export interface LockContext {
  readonly id: string;
  readonly at: Location;
  readonly key: Value;
  /** What the lock was asked of: two `AsyncLock`s may use one key. */
  readonly owner?: Value;
  readonly model: string;
  readonly kind: 'mutex' | 'distributed' | 'advisory' | 'row';
  readonly reentrant: boolean;
  /** The end of the transaction releases it. */
  readonly untilEnd?: true;
  /** As of a transaction. */
  readonly site?: string;
}

export interface Circumstances {
  /** Outermost first. */
  readonly loops: readonly Loop[];
  readonly guards: readonly Guard[];
  readonly tries: readonly TryContext[];
  readonly transactions: readonly TransactionContext[];
  readonly locks: readonly LockContext[];
  /** Counts suspension points before the operation: two operations in one segment have no `await` between them. */
  readonly segment: number;
  /** False when nobody waits for it: its completion is unordered with what follows. */
  readonly awaited: boolean;
  /** Runs after the call that started it returned (listener, timer, un-awaited callback). */
  readonly deferred: boolean;
  /** A limiter admits it (`limit(() => …)`, `await limiter.acquire()` before it in the same iteration). */
  readonly limited: boolean;
  /** Retried by a library, with or without growing waits. */
  readonly retried: 'no' | 'with-backoff' | 'without-backoff';
}

/** How sure we are of what an operation is: from a type, from an import's module name, or from the shape of the call alone. */
export type Basis = 'type' | 'module' | 'shape';

export interface Operation extends Circumstances {
  /** Unique within its function's facts. */
  readonly id: string;
  /** Position in the function's sequence: smaller is earlier. */
  readonly order: number;
  readonly effect: Effect;
  /** The acting call's name, in the file where it stands: `save` of `this.users.save(u)`, `update` of `db.update(t).set(u)`. */
  readonly at: Location;
  /** The whole call expression. */
  readonly span: Location;
  /** The call that runs it: `save`, `execute`. */
  readonly name: string;
  /** The link of a chain that `at` is, where another one runs it. */
  readonly verb?: string | undefined;
  /** `typeorm#Repository.save`, or `shape:query`. */
  readonly model: string;
  readonly basis: Basis;
  /** The function it stands in. */
  readonly fn: FunctionKey;
  readonly chain: readonly CallSite[];
  /** Client, transaction, repository it goes through. */
  readonly executor?: Value | undefined;
  /** What the caller does with the result: `unused` when the statement drops it. */
  readonly result: 'used' | 'unused' | 'returned';
  /** Joined from too many facts or targets: low confidence. */
  readonly coarse: boolean;
}

export type Effect =
  | DatabaseEffect
  | CacheEffect
  | RequestEffect
  | PublishEffect
  | FileEffect
  | ListenerEffect
  | TimerEffect
  | LockEffect
  | TransactionEffect
  | WaitEffect
  | MemoryEffect
  | ResourceEffect
  | RelationEffect
  | ParameterCallEffect
  | RecursionEffect
  | ThrowEffect;

export interface Condition {
  /** Column or property; `''` for the primary key when its name is unknown. */
  readonly column: string;
  readonly operator: string;
  readonly value: Value;
}

export interface Mutation {
  readonly path: readonly string[];
  readonly value: Value;
  readonly at: Location;
}

export interface DatabaseEffect {
  readonly kind: 'database';
  readonly action: DatabaseAction;
  /** Table, collection or entity name; undefined when not known. */
  readonly table: string | undefined;
  /** What names the table where only the object's class knows: `this.tableName` of a base class. */
  readonly pendingTable?: Value | undefined;
  /** Conjuncts of the WHERE; undefined when the conditions could not be read. */
  readonly where: readonly Condition[] | undefined;
  /** Columns written, with what is written; undefined when unknown. `save(entity)`: see `entity`. */
  readonly data: ReadonlyMap<string, Value> | undefined;
  /** Columns written relative to themselves (`n = n - $1`, `increment`). */
  readonly relative: readonly string[];
  /** For `save(entity)`: the entity, and what was assigned to it since it was read. */
  readonly entity?: Value | undefined;
  readonly mutations: readonly Mutation[];
  readonly returns: 'row' | 'rows' | 'count' | 'affected' | 'exists' | 'nothing' | 'unknown';
  /** Row lock the statement takes. */
  readonly rowLock: 'none' | 'update' | 'share';
  /** NOWAIT, SKIP LOCKED: it takes the lock only where nobody has it. */
  readonly immediate?: boolean;
  /** The lock option, where only a caller knows what it is. */
  readonly pendingLock?: Value | undefined;
  /** `ON CONFLICT`, `upsert`, `INSERT IGNORE`. */
  readonly conflictHandled: boolean;
  /** RETURNING or an affected count that the caller can look at. */
  readonly reportsAffected: boolean;
  readonly relations: readonly string[];
  readonly batchesSameTick: boolean;
  readonly limited: boolean;
  readonly orderedBy: readonly string[];
  readonly aggregate?: 'count' | 'max' | 'min' | 'sum' | 'exists' | undefined;
  readonly sql?: SqlSource | undefined;
  /** Values the call was given, for fixes: argument index → value. */
  readonly args: readonly Value[];
}

/** Where SQL text stands in the source, when it is a literal there. */
export interface SqlSource {
  readonly statement: SqlStatement;
  readonly text: string;
  /** Maps an offset in `text` to an offset in the file; undefined when the text was put together. */
  readonly literal?: Location;
  readonly parameters: ReadonlyMap<string, Value>;
}

export interface CacheEffect {
  readonly kind: 'cache';
  readonly action: 'get' | 'set' | 'delete' | 'set-if-absent' | 'increment' | 'expire' | 'exists' | 'watch';
  readonly key: Value;
  /** Of a hash: the field, or an object keyed by fields. */
  readonly field?: Value;
  readonly value?: Value;
  readonly ttl?: Value;
  readonly inProcess: boolean;
}
export interface RequestEffect {
  readonly kind: 'request';
  readonly url?: Value;
  /** HTTP method in capitals, where the call says it. */
  readonly method?: string;
  /** What the other side is asked to do, where the client sends command objects: `PutObjectCommand`. */
  readonly command?: string;
  /** What is sent. */
  readonly payload?: Value;
  /** Of a call that takes an idempotency key. */
  readonly idempotencyKey?: IdempotencyKey;
  readonly service?: string;
  readonly local: boolean;
  readonly limitsItself: boolean;
  readonly retriesItself: boolean;
  readonly costly: boolean;
}
/** Where the key stands among the arguments, and whether it was given. */
export interface IdempotencyKey {
  readonly state: 'given' | 'missing' | 'unknown';
  readonly argument: number;
  readonly option: string;
}
export interface PublishEffect {
  readonly kind: 'publish';
  readonly medium: PublishModel['medium'];
  readonly topic?: Value;
  readonly payload?: Value;
}
export interface FileEffect {
  readonly kind: 'file';
  readonly action: FileModel['action'];
  readonly path: Value;
  readonly to?: Value;
  /** `wx`, `O_EXCL`, `recursive`, `force`. */
  readonly flags: readonly string[];
  readonly sync: boolean;
}
export interface ListenerEffect {
  readonly kind: 'listener';
  readonly action: 'add' | 'remove' | 'remove-all';
  readonly target: Value;
  readonly event: Value;
  readonly handler: Value;
  readonly once: boolean;
  readonly signal?: Value;
  readonly capture?: Value;
}
export interface TimerEffect {
  readonly kind: 'timer';
  readonly action: 'start' | 'clear';
  readonly repeating: boolean;
  readonly handler: Value;
  readonly delay?: Value;
  readonly handle?: Value;
}
export interface LockEffect {
  readonly kind: 'lock';
  readonly action: 'acquire' | 'release';
  readonly key: Value;
  readonly reentrant: boolean;
  readonly distributed: boolean;
  /** A lock of the database, by a name: until it is released, or until the end of the transaction it is taken in. */
  readonly advisory?: 'session' | 'transaction';
}
export interface TransactionEffect {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  readonly isolation?: string;
}
export interface WaitEffect {
  readonly kind: 'wait';
  readonly for: 'time' | 'admission';
  readonly duration?: Value;
}
/** Access to storage that outlives the call: `target` is a place (or the result of a read, for a mutation of an entity). */
export interface MemoryEffect {
  readonly kind: 'memory';
  readonly action: 'read' | 'write' | 'get' | 'has' | 'add' | 'delete' | 'clear' | 'size';
  readonly target: Value;
  readonly key?: Value | undefined;
  readonly value?: Value | undefined;
}
export interface ResourceEffect {
  readonly kind: 'resource';
  readonly action: 'acquire' | 'release';
  readonly resource: string;
  readonly handle: Value;
}
/** A relation property read from a row that a query returned. */
export interface RelationEffect {
  readonly kind: 'relation';
  readonly entity: string;
  readonly relation: string;
  readonly lazy: boolean;
  readonly eager: boolean;
  /** The row, and the query it came from. */
  readonly row: Value;
  readonly read: Operation;
  readonly loaded: boolean;
}
/** The function calls its own parameter (or a property of it): callers put their function's operations here. */
export interface ParameterCallEffect {
  readonly kind: 'parameter-call';
  readonly callee: Value;
  readonly args: readonly Value[];
}
/** The function calls itself, directly or through others. */
export interface RecursionEffect {
  readonly kind: 'recursion';
  readonly callee: FunctionKey;
  readonly args: readonly Value[];
}
export interface ThrowEffect {
  readonly kind: 'throw';
  readonly value: Value;
}

/** Why a function's operations may run concurrently with themselves. */
export interface EntryPoint {
  readonly kind: 'http' | 'graphql' | 'rpc' | 'queue' | 'webhook' | 'cron' | 'interval' | 'listener' | 'exported';
  readonly name: string;
}

export interface FunctionFacts {
  readonly fn: FunctionInfo;
  /** In evaluation order. */
  readonly operations: readonly Operation[];
  readonly returns: Value;
  /** What holds whenever it returns rather than throws: its callers go on under these conditions. */
  readonly establishes: readonly Guard[];
  /** Transactions it begins and leaves for its callers to end. */
  readonly opens?: readonly TransactionContext[];
  /** Number of suspension points when it runs to its end. */
  readonly segments: number;
  /** What the function's parameters are called with, for messages. */
  readonly parameterNames: readonly string[];
  /** Signals of concurrency that reach it. */
  readonly entries: readonly EntryPoint[];
  readonly calls: number;
  readonly callsResolved: number;
  readonly coarse: boolean;
}

/** The weaker of two confidences. */
export function weakest(...confidences: readonly Confidence[]): Confidence {
  if (confidences.includes('low')) return 'low';
  return confidences.includes('medium') ? 'medium' : 'high';
}
