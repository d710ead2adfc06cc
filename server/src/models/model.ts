/**
 * What an outside API does, as data. One file per library says it with `defineModels`; a user's configuration says it
 * in the same form. No functions: models are validated, documented and looked up, never run.
 *
 * A key of `calls` is `Class#member` for an instance member, `Class.member` for a static one, `member` for an export
 * of the module, `new Class` for construction, `Class()` for calling a value of that type (`limit(fn)`). `Class` is the
 * class or interface that *declares* the member in the package's own types. `*#member` stands for any class that has
 * no entry of its own (mapped and generated types, names that many classes declare), `*#*` for any member at all that
 * has none (SDKs). `neutral` means looked at and nothing matters; absent means unknown.
 *
 * A path reads left to right (`path.ts` has the grammar): `This`, `Callee` (the function value called), `Argument[n]`
 * (negative: from the end), `Arguments[n..]` (the rest as an array), `Parameter[n]` (of the callback the entry is
 * about), `ReturnValue`, `Constant[text]`, `unknown`, then `.Member[x]`, `.Element`, `.Awaited`, `.Name` (the name the
 * value is reached by: `user` of `prisma.user`), `.Owner` (what it is a member of: `prisma`), `.TypeArgument[n]`, `.Entity` (the class a repository or model is
 * bound to: the first type argument of the receiver's type, the class value itself, or an instance's class). A path
 * whose argument the call does not have, or has with another shape, says nothing: that is not an error.
 *
 * What the paths of a database entry lead to, whatever the library:
 * - `table`: a string, an entity class, a table object (`pgTable('users', …)`: its first argument), a model's name;
 * - `where`: an object whose properties are conditions (a value that is an object or a call such as `{ gt: 3 }`,
 *   `In(ids)` is not equality); an array of such objects is OR; a value that is no object, or a list of such, is
 *   compared with the primary key;
 * - `primaryKey`: the value itself, or a list of values;
 * - `data`: an object keyed by columns, or a list of them; for `save` the entity;
 * - `relations`, `lock`, `limit`: the option's value, in whatever form the library has.
 * SQL text that is an object has it under `text` or `sql`, with `values`; in a tagged template `Argument[0]` is the
 * text with its substitutions as parameters.
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
  /** Runs the statement that the receiver was built into: what its builder members said (`CallModel.builds`) counts before what stands here. */
  readonly built?: true;
  /** The statement handles a duplicate by itself: `upsert`, `findOrCreate` on a unique key, `INSERT … ON CONFLICT`. */
  readonly conflictHandled?: true;
}

/**
 * A builder member: changes the statement under construction, does no I/O. The entry's `returns` says which value
 * carries the statement on (usually `This`).
 */
export interface BuildModel {
  /** Begins a new statement; without it the call adds to the one that `This` carries. */
  readonly starts?: true;
  readonly action?: DatabaseAction;
  readonly table?: Path;
  /**
   * `Arguments[n..]`: by their number and shape: one object holds equalities, two are column and value, three are
   * column, operator and value, one string is SQL (its parameters follow), a function or anything else is unknown.
   * Otherwise as for a database entry.
   */
  readonly where?: Path;
  /** The row's key: a value, or a list of them. */
  readonly primaryKey?: Path;
  /** The comparison the member stands for, `in` for `whereIn(column, values)`: with `Arguments[n..]`, column and value. */
  readonly operator?: string;
  readonly data?: Path;
  readonly relations?: Path;
  readonly limit?: Path;
  readonly atomic?: Path;
  /** A lock mode, or `Constant[update]`, `Constant[share]`. */
  readonly lock?: Path;
  /** NOWAIT, SKIP LOCKED: the lock is taken only where nobody has it. */
  readonly immediate?: true;
  readonly orderBy?: Path;
  readonly returns?: DatabaseModel['returns'];
  readonly conflictHandled?: true;
  /** The affected rows come back (`returning`). */
  readonly reportsAffected?: true;
  /** The transaction or client it is to run in (`.transacting(trx)`). */
  readonly executor?: Path;
  /** Awaiting the builder (or `.then`) runs it: no terminal member needed. */
  readonly awaitable?: true;
}

export interface SqlModel {
  readonly kind: 'sql';
  readonly text: Path;
  /** An array (`$1`, `?`), an object (`:name`), or `Arguments[1..]`. */
  readonly parameters?: Path;
  readonly dialect?: 'postgresql' | 'mysql' | 'sqlite';
  /** Path from the awaited result to the list of rows: `Member[rows]`, or empty when the result is the list. */
  readonly rows?: Path;
  /** Gives what the one column of its one row holds, and fails where there is none. */
  readonly scalar?: true;
  readonly affected?: Path;
  /** Runs when awaited; given to a builder it is a part of that statement (`knex.raw`). */
  readonly awaitable?: true;
  /** Has run when the call returns: nothing else of this process comes between two such calls. */
  readonly synchronous?: true;
}

export interface CacheModel {
  readonly kind: 'cache';
  /** `watch`: a later `EXEC` on the connection does nothing when the key has changed since. */
  readonly action: 'get' | 'set' | 'delete' | 'set-if-absent' | 'increment' | 'expire' | 'exists' | 'watch';
  readonly key: Path;
  /** Of a hash: the field, or an object keyed by fields. */
  readonly field?: Path;
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
  /** Options object with `method` and `body` (or `data`, `json`): a request without them is a GET. */
  readonly options?: Path;
  /** What is sent: the body, or an SDK's parameters. */
  readonly payload?: Path;
  /** A command object whose class names what is asked for. */
  readonly command?: Path;
  /** Product behind the client, `stripe`; loopback and in-process targets are recognised from the URL. */
  readonly service?: string;
  /** The client queues, honours Retry-After or backs off by itself. */
  readonly limitsItself?: true;
  readonly retriesItself?: true;
  /** Where the call takes an idempotency key: `Argument[1].Member[idempotencyKey]`. */
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
  readonly action:
    | 'check'
    | 'stat'
    | 'read'
    | 'write'
    | 'append'
    | 'open'
    | 'mkdir'
    | 'remove'
    | 'rename'
    | 'copy'
    | 'close';
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
  /** Calling this releases it: the function that `acquire` gives. */
  readonly releaser?: Path;
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
  /**
   * `each`: once per element of `over`; `soon`: before anything that is waited for; `later`: not before this call
   * returns, unordered with what follows; `retry`: again after a failure; `answered`: once, with an error or with what the effect gives, where that is known.
   */
  readonly runs: 'once' | 'each' | 'soon' | 'later' | 'retry' | 'answered';
  readonly over?: Path;
  /** For `each`: whether the calls overlap. `limited` when the API bounds them (`concurrency`). */
  readonly concurrency?: 'sequential' | 'parallel' | 'limited';
  /** What the callback's parameters are: `['This.Element', 'unknown']`; `Argument[n]…` or `ReturnValue` forms. For `answered` those after the error; `This` is the answer. */
  readonly parameters?: readonly Path[];
  /** The callback runs in a transaction whose executor is this parameter of it (`Parameter[0]`), or everything (the word `ambient`). */
  readonly transaction?: { readonly executor: Path; readonly isolation?: Path };
  /** What the callback's code finds through `This` while it runs: `storage.run(store, callback)`. */
  readonly stores?: Path;
  /** The callback runs while this lock is held. */
  readonly lock?: { readonly key: Path; readonly reentrant?: true; readonly distributed?: true };
  /** Starts of the callback are rate or concurrency limited. */
  readonly limited?: true;
  /** Limited only where this leads to a value: an option of the call, or one the receiver was made with (its constructor `returns` its options: `This.Member[concurrency]`). */
  readonly limitedIf?: Path;
  /** For `retry`: the library waits longer and longer between attempts. */
  readonly backoff?: true;
  /** As `limitedIf`, for `backoff`. */
  readonly backoffIf?: Path;
  /** The calls are collected and made once for many: a batch function. */
  readonly batched?: true;
  /** The call's result is the callback's (`map` gives a list of them). */
  readonly returns?: 'value' | 'list' | 'nothing';
}

/** Hands a value from function to function. */
export interface PipesModel {
  /** The first value; without it the result is a function that takes it (`flow`). */
  readonly source?: Path;
  /** The functions, in their order. */
  readonly steps: Path;
  /** Only a source that one of these made from a list is known to have elements (`from(ids)`). */
  readonly lists?: readonly string[];
}

export interface CallModel {
  readonly effect?: EffectModel;
  readonly callbacks?: readonly CallbackModel[];
  /** The result is a function: calling it runs `argument` with that call's arguments, on these terms (`bottleneck.wrap(fn)`, `A.map(f)`); an argument `Parameter[0]` comes with a call of its own (`A.traverse(F)(f)`). */
  readonly wraps?: CallbackModel;
  readonly pipes?: PipesModel;
  /** What the effect goes through: a client, transaction or repository. Default `This`, also where the path leads to nothing. */
  readonly executor?: Path;
  /** The result carries on what this path holds (`getRepository(Order)` → an object bound to `Order`; builders → `This`). */
  readonly returns?: Path;
  /** The result is a repository, model or table handle for this entity or table. */
  readonly boundTo?: Path;
  /** The result is a new object nobody else has. */
  readonly fresh?: true;
  /** The result joins no transaction, neither those that everybody else joins nor one that is begun on it for a callback (`em.fork()`), unless one of these options is given. */
  readonly detached?: { readonly unless: readonly Path[] };
  readonly neutral?: true;
  /** The statements in this list, prepared but not run, run in one transaction here. */
  readonly batches?: Path;
  /** The result (once awaited) is an instance of this class or interface of the same package: members are then looked up as `Class#member`, calls as `Class()`. Serves code without types; with types it repeats them. A shape names the package as well: `knex#QueryBuilder`. */
  readonly instance?: string;
  readonly builds?: BuildModel;
  /** Calls on the result only queue (pipeline, MULTI): their effects happen, in one round trip, at the call that has `flushes`. */
  readonly buffers?: true;
  readonly flushes?: true;
  /** The effect waits for a call with `flushes` on the same executor (MikroORM `persist`). */
  readonly deferred?: true;
  /** Other forms of the call, told apart by the shapes of its arguments: the first that fits replaces this entry. */
  readonly forms?: readonly CallForm[];
}

/**
 * What an argument looks like. `string` is any text, `table-name` a text that is a plain identifier, `sql-text` a
 * text that begins as a statement; `class` a reference to a class, `new:Name` an object made by `new Name(…)`, `value`
 * anything, and `...` (last) any number of further arguments. A trailing `?` makes it optional.
 */
export type ArgumentShape =
  | `new:${string}`
  | 'string'
  | 'table-name'
  | 'sql-text'
  | 'object'
  | 'array'
  | 'function'
  | 'class'
  | 'number'
  | 'boolean'
  | 'value'
  | 'object?'
  | 'array?'
  | 'function?'
  | 'value?'
  | '...';

export interface CallForm {
  readonly arguments: readonly ArgumentShape[];
  readonly model: CallModel;
}

/**
 * A call recognised by how it looks, for code whose types say nothing. Tried only when the call resolves to no body
 * in the project and to no modelled package; facts from it have the basis `shape`.
 */
export interface ShapeModel {
  /** Name of the member called; a name ending in `*` stands for every name with that beginning (`*`: any). */
  readonly method: string;
  /** Receiver names that make it likely, without case, or `any`: the last name of the receiver (`db`, `this.db`), or its declared type's name. A name beginning with `*` is an ending: `*api`. */
  readonly receiver: readonly string[] | 'any';
  /** The receiver is a member of such a value, and its own name the table: `prisma.user.findMany`. */
  readonly delegate?: true;
  readonly arguments: readonly ArgumentShape[];
  /** Empty to keep wider shapes further down from fitting. */
  readonly model: CallModel;
}

export interface ModelFile {
  /** Exact npm name, `node:fs` for Node's modules, `lib` for the language and the DOM. */
  readonly package: string;
  /** Further names of the same API: `fs-extra` for `node:fs` members. */
  readonly aliases?: readonly string[];
  /** Where the claims come from. */
  readonly source: string;
  /** What the default export (also `module.exports`) is: an entry's name, or a class's. */
  readonly default?: string;
  /** Bases of classes, for what is looked up on the derived one: `{ PoolClient: 'ClientBase' }`; of another package as `node:events#EventEmitter`. */
  readonly extends?: Readonly<Record<string, string>>;
  /** Class of what a read gives for a row, where rows have members of their own: `Document`. */
  readonly rows?: string;
  /** Types of receivers on which every effect only queues (`ChainableCommander`). */
  readonly buffers?: readonly string[];
  readonly calls: Readonly<Record<string, CallModel>>;
}

/** A library's entries; the identity function that gives them their type. */
export function defineModels(file: ModelFile): ModelFile {
  return file;
}
