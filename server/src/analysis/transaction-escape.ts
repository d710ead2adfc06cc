/**
 * Queries that run while a transaction is open and go round it: through the client the transaction was begun on, or
 * through another object of the same library that was never given the transaction. Knows which libraries join a
 * transaction by themselves. Errs towards "inside": an executor that cannot be followed is believed to be the
 * transaction's.
 */
import type { Confidence, Location } from '../rule.ts';
import { isDropped } from './dropped-promise.ts';
import { type FunctionFacts, type Guard, type Operation, type TransactionContext, weakest } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import { type DatabaseOperation, isDatabaseOperation, isOne, isWrite, runsIn } from './protection.ts';
import { heldRow, isDeclared } from './row-locks.ts';
import { cameWith, isKnownToCallee, isSameAt } from './trace.ts';
import { DETACHED, detachedIn, detachedSource } from './transaction.ts';
import { haveSameKey, keyOf, type PlaceValue, type Value, walkValue } from './value.ts';

/** A query that goes round the transaction. */
export interface Stray {
  readonly operation: DatabaseOperation;
  /** So many calls of the operation's chain were given the transaction; the next one, or the operation, was not. */
  readonly depth: number;
  readonly at: Location;
  /** What it goes through instead. */
  readonly client: PlaceValue;
}

export interface Escape extends Stray {
  readonly fn: FunctionFacts;
  readonly transaction: TransactionContext;
  /** The one mistake that it is part of: whoever has the transaction's client and does not use it. */
  readonly scope: string;
  /** A query of the same function that is inside. */
  readonly inside: DatabaseOperation | undefined;
  /** Whether anything at all runs in the transaction. */
  readonly isJoined: boolean;
  /** Further queries outside, told with this one: at other places, of the same scope. */
  readonly others: readonly Stray[];
  /** The statement that already holds the row this one waits for. */
  readonly holder: DatabaseOperation | undefined;
  readonly confidence: Confidence;
}

export function escapesOf(fn: FunctionFacts, program: ProgramFacts): Escape[] {
  const found = new Map<string, Escape>();
  for (const operation of fn.operations) {
    if (!operation.transactions.some((own) => canBeOutside(operation, own))) continue;
    if (operation.deferred) continue;
    if (!isDatabaseOperation(operation) || operation.executor === undefined) continue;
    const stray = escapeOf(fn, operation, program);
    if (stray === undefined) continue;
    const known = found.get(stray.scope);
    found.set(stray.scope, known === undefined ? stray : together(known, stray));
  }
  return [...found.values()].map((stray) => (isLoneRead(fn, stray) ? { ...stray, confidence: 'low' } : stray));
}

/**
 * One look at rows that the transaction leaves alone, somewhere below: nothing to roll back, nothing missed; a second
 * connection for the time of one query is all it takes.
 */
function isLoneRead(fn: FunctionFacts, { operation, depth, others, holder, transaction, confidence }: Escape): boolean {
  const { effect, chain } = operation;
  if (confidence !== 'medium' || effect.action !== 'read' || others.length > 0 || holder !== undefined) return false;
  const isOfIts = (other: Operation): boolean =>
    isDatabaseOperation(other) &&
    isWrite(other) &&
    other.effect.table === effect.table &&
    other.transactions.some((own) => isOne(own, transaction) && runsIn(other, own));
  return chain.length > depth && !fn.operations.some(isOfIts);
}

/** The surer of the two speaks for both; what a call leads to in several ways is one stray. */
function together(known: Escape, stray: Escape): Escape {
  const [first, second] = rank(stray) > rank(known) ? [stray, known] : [known, stray];
  const others = [...known.others, second].filter(({ at }) => !isSameAt(at, first.at));
  return {
    ...first,
    others: others.filter(({ at }, index) => others.findIndex((other) => isSameAt(other.at, at)) === index),
  };
}

function rank({ operation, confidence, holder }: Escape): number {
  const sure = { high: 4, medium: 2, low: 0 }[confidence];
  const isWrite = operation.effect.action !== 'read';
  return sure + (isWrite ? 1 : 0) + (operation.chain.length === 0 ? 1 : 0) + (holder === undefined ? 0 : 8);
}

function escapeOf(fn: FunctionFacts, operation: DatabaseOperation, program: ProgramFacts): Escape | undefined {
  const transaction = operation.transactions.find(
    (own) => canBeOutside(operation, own) && !cameWith(operation, own) && !runsIn(operation, own),
  );
  const client = transaction === undefined ? undefined : outerClient(operation.executor, transaction);
  if (transaction === undefined || client === undefined || joinsByItself(operation, transaction, program))
    return undefined;
  const kinship = kinshipOf(operation, client, transaction);
  if (kinship === undefined || operation.guards.some((guard) => contradicts(guard, transaction))) return undefined;
  const isInTransaction = (other: Operation): boolean => other.transactions.some((own) => own.id === transaction.id);
  if (isKnownToCallee(fn, operation, program, isInTransaction)) return undefined;
  const members = fn.operations.filter(
    (other): other is DatabaseOperation =>
      isDatabaseOperation(other) &&
      other.executor !== undefined &&
      other.transactions.some((own) => isOne(own, transaction) && runsIn(other, own)),
  );
  const depth = depthOf(operation, members);
  const at = operation.chain[depth]?.at ?? operation.at;
  const held = heldRow(operation, members, program);
  const holder = held !== undefined && isHandlerOf(operation, held) ? undefined : held;
  const sure = confidenceOf(operation, kinship, depth, holder !== undefined, members, program);
  const confidence = weakest(sure, detachmentOf(operation, transaction, depth, holder !== undefined));
  return {
    fn,
    transaction,
    scope: scopeOf(fn, { operation, depth, at }, transaction, members.length > 0 ? confidence : 'high', program),
    operation,
    depth,
    at,
    client,
    inside: members.find(({ chain }) => chain.length === depth && sharesChain(chain, operation.chain, depth)),
    isJoined: members.length > 0,
    others: [],
    holder,
    confidence,
  };
}

/** A decorator names no client that a query could be outside of; what joins nothing needs none. */
function canBeOutside(operation: Operation, transaction: TransactionContext): boolean {
  if (detachedIn(operation.executor) !== undefined) return true;
  return transaction.executor !== undefined && transaction.executor.kind !== 'unknown' && !isDeclared(transaction);
}

/**
 * Queries that go round one transaction in one function are one mistake with one repair, however many they are. What
 * may be meant to be outside is told by itself, unless the transaction has nothing in it (fixture: one-transaction.ts).
 */
function scopeOf(
  fn: FunctionFacts,
  { operation, depth, at }: Pick<Stray, 'operation' | 'depth' | 'at'>,
  { id, site }: TransactionContext,
  confidence: Confidence,
  program: ProgramFacts,
): string {
  if (confidence === 'low') return `${at.path}:${at.start}`;
  const library = libraryOf(operation.model);
  if (depth === 0) return `${fn.fn.key}|${id}|${site ?? ''}|${library}`;
  // Several transactions may be handed to it.
  let holder = program.info(operation.chain[depth]?.fn ?? operation.fn);
  for (let outer = holder; outer !== undefined && outer.node.kind !== 'module'; outer = program.parentOf(outer))
    holder = outer;
  return `${holder?.key ?? at.path}|${library}`;
}

// ---------------------------------------------------------------- clients

/** The client a query goes through, when it is certainly not the transaction's: reachable without having been given one. */
function outerClient(executor: Value | undefined, transaction: TransactionContext): PlaceValue | undefined {
  let client: PlaceValue | undefined;
  let isClear = true;
  const receiver = receiverOf(transaction);
  const detached = detachedIn(executor);
  if (detached !== undefined) return detachedSource(detached);
  if (executor === undefined) return undefined;
  walkValue(executor, (part) => {
    if (part.kind === 'place') {
      const isGiven = !/^(this|module|import|global)$/.test(part.root.kind);
      if (isGiven && !(receiver !== undefined && isSameClient(part, receiver))) isClear = false;
      client ??= part;
    } else if (part.kind === 'computed') {
      // `storage.getStore()`, `txHost.tx`: whatever is current.
      if (/^(call|member):(getStore|getContext|current\w*|context|cls|tx|trx|transaction)$/i.test(part.operator))
        isClear = false;
    } else if (part.kind !== 'constant') isClear = false;
    return !isClear;
  });
  if (!isClear || client === undefined || isCurrent(client)) return undefined;
  return client;
}

/** `this.txHost.tx`, `cls.prisma`: an object that hands on to the transaction of the moment. */
function isCurrent({ root, path }: PlaceValue): boolean {
  const names = root.kind === 'this' ? path : [root.name, ...path];
  return names.some((name) =>
    /^(tx|trx|transaction|t|session)$|txHost|^cls|context|current|asyncLocal|^als$/i.test(name),
  );
}

const PASSED_ON = /^(transaction|bound|(call|member):.*)$/;

/** What the transaction was begun on. */
function receiverOf({ executor, client }: TransactionContext): Value | undefined {
  let value = executor ?? client;
  for (let depth = 0; depth < 4 && value !== undefined; depth += 1) {
    if (value.kind === 'computed' && (value.operator === DETACHED || PASSED_ON.test(value.operator)))
      value = value.operands[0];
    else if (value.kind === 'result') {
      const { executor: on, effect }: Operation = value.operation;
      if (effect.kind !== 'resource' || on === value) return undefined;
      value = on;
    } else break;
  }
  return value;
}

/** One is reached through the other: `this.dataSource` and `this.dataSource.manager`. */
export function isSameClient(a: Value, b: Value): boolean {
  if (a.kind !== 'place' || b.kind !== 'place') return keyOf(a) === keyOf(b) && !keyOf(a).includes('?');
  const [one, other] = [keyOf(a), keyOf(b)];
  if (one === other) return true;
  // Everything on `this` is reached through it.
  if ((a.path.length === 0 && a.root.kind === 'this') || (b.path.length === 0 && b.root.kind === 'this')) return false;
  return one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

export function nameOfClient({ root, path }: PlaceValue): string {
  return path.at(-1) ?? (root.kind === 'this' ? 'this' : root.name);
}

type Kinship = 'same' | 'library' | 'name';

/** Why both are taken to talk to one database; undefined when nothing says so. */
function kinshipOf(operation: Operation, client: PlaceValue, transaction: TransactionContext): Kinship | undefined {
  const receiver = receiverOf(transaction);
  if (receiver !== undefined && isSameClient(client, receiver)) return 'same';
  const own = nameOfClient(client);
  const other = receiver?.kind === 'place' ? nameOfClient(receiver) : '';
  if (isSecondDatabase(own) !== isSecondDatabase(other)) return undefined;
  const library = libraryOf(operation.model);
  const isDetached = detachedIn(operation.executor) !== undefined;
  if (isMikro(library) && isMikro(libraryOf(transaction.model)) && isDetached) return 'library';
  // A repository or model says nothing of its connection; two pools or clients are two.
  if (
    /^(typeorm|sequelize|sequelize-typescript|objection|mongoose|mongodb)$/.test(library) &&
    library === libraryOf(transaction.model)
  )
    return 'library';
  return own === other && /^(prisma|db|knex|sequelize|pool|orm|database)/i.test(own) ? 'name' : undefined;
}

export function isSecondDatabase(name: string): boolean {
  return /replica|read_?only|reader|slave|analytic|clickhouse|warehouse|legacy|external|tenant|second/i.test(name);
}

export function libraryOf(model: string): string {
  const name = model.split(/[#:]/)[0] ?? model;
  return /^(\.prisma|@prisma\/client)/.test(name) ? 'prisma' : name;
}

// ---------------------------------------------------------------- libraries with a current transaction

const programs = new WeakMap<ProgramFacts, Map<string, boolean>>();

function isMikro(library: string): boolean {
  return library.startsWith('@mikro-orm/');
}

/** MikroORM all but forks; Sequelize with a namespace and Mongoose with its option put every query into the current transaction. */
function joinsByItself(operation: Operation, transaction: TransactionContext, program: ProgramFacts): boolean {
  const library = libraryOf(operation.model);
  if (isMikro(library)) return !isOfFork(operation, transaction, program);
  if (library === '@sequelize/core') return true;
  if (library === 'better-sqlite3' || library === 'node:sqlite') return true;
  if (/sequelize/.test(library)) return mentions(program, 'useCLS(');
  if (library === 'mongoose' || library === 'mongodb')
    return isChained(operation, program) || mentions(program, 'transactionAsyncLocalStorage');
  return transaction.executor === undefined;
}

/** A fork goes its own way, and keeps to itself what is begun on it by hand; unless it is given the other's context. */
function isOfFork(operation: Operation, transaction: TransactionContext, program: ProgramFacts): boolean {
  const fork = detachedIn(operation.executor) ?? detachedIn(transaction.executor);
  if (fork === undefined) return false;
  const text = program.file(fork.at?.path ?? operation.at.path)?.text ?? '';
  return !text.includes('setTransactionContext(');
}

/** `.session(session)` further down the chain joins, which the facts of the first call do not show. */
function isChained(operation: Operation, program: ProgramFacts): boolean {
  const text = program.file(operation.at.path)?.text ?? '';
  return /^[^;]{0,400}\bsession\b/.test(text.slice(operation.at.start));
}

function mentions(program: ProgramFacts, word: string): boolean {
  const known = programs.get(program) ?? new Map<string, boolean>();
  programs.set(program, known);
  const answered = known.get(word);
  if (answered !== undefined) return answered;
  const answer = program.files.some((file) => file.text.includes(word));
  known.set(word, answer);
  return answer;
}

// ---------------------------------------------------------------- circumstances

/** `if (tx) … else prisma.…` where `tx` was given, `if (teamId) …` where it was not: the branch is not taken. */
function contradicts({ test, holds }: Guard, { executor }: TransactionContext): boolean {
  if (executor === undefined) return false;
  const truth = truthOf(test, keyOf(executor));
  return truth !== undefined && truth !== holds;
}

function truthOf(test: Value, client: string): boolean | undefined {
  if (keyOf(test) === client) return true;
  // An argument that the call leaves out.
  if (test.kind === 'constant') return Boolean(test.value);
  if (test.kind !== 'computed') return undefined;
  const [left, right] = test.operands;
  if (left === undefined) return undefined;
  switch (test.operator) {
    case '!': {
      const truth = truthOf(left, client);
      return truth === undefined ? undefined : !truth;
    }
    case '===':
    case '==':
    case '!==':
    case '!=': {
      const isAbsent = right?.kind === 'constant' && (right.value === undefined || right.value === null);
      if (!isAbsent || keyOf(left) !== client) return undefined;
      return test.operator.startsWith('!');
    }
    case '&&':
      return test.operands.some((part) => truthOf(part, client) === false) ? false : undefined;
    case '||':
      return test.operands.some((part) => truthOf(part, client) === true) ? true : undefined;
    default:
      return undefined;
  }
}

/** How far down the operation's chain the transaction was handed: another query down there is inside. */
function depthOf(operation: Operation, members: readonly Operation[]): number {
  for (let depth = operation.chain.length; depth > 0; depth -= 1) {
    if (members.some(({ chain }) => chain.length >= depth && sharesChain(chain, operation.chain, depth))) return depth;
  }
  return 0;
}

function sharesChain(a: Operation['chain'], b: Operation['chain'], depth: number): boolean {
  for (let index = 0; index < depth; index += 1) {
    const one = a[index];
    const other = b[index];
    if (one?.at.start !== other?.at.start || one?.at.path !== other?.at.path) return false;
  }
  return true;
}

function confidenceOf(
  operation: DatabaseOperation,
  kinship: Kinship,
  depth: number,
  isHeld: boolean,
  members: readonly Operation[],
  program: ProgramFacts,
): Confidence {
  const { effect, chain } = operation;
  if (operation.coarse || !operation.awaited || isDropped(operation, program)) return 'low';
  if (isOnPurpose(operation, nameOfFork(operation, program))) return 'low';
  if (isHeld) return kinship === 'same' ? 'high' : 'medium';
  // Seldom run; and after a failed statement PostgreSQL takes no other in the transaction.
  if (isFailureHandler(operation, program)) return 'low';
  const below = chain.length - depth;
  // Whoever wrote the callee meant it to be given the transaction.
  const callee = below === 1 && kinship === 'same' ? calleeAt(operation, depth, program) : undefined;
  if (callee !== undefined && clientParameter(callee, operation) !== undefined) return 'high';
  // A Sequelize query without the option is outside only where transactions are passed by hand.
  const isByOption = /sequelize|mongoose|mongodb/.test(operation.model) && members.length === 0;
  return weakest(
    kinship === 'name' || isByOption ? 'medium' : 'high',
    below > 0 && effect.action === 'read' ? 'medium' : 'high',
    below > 2 ? 'medium' : 'high',
  );
}

/** Whoever detaches on the spot may want to be outside, the more so with a transaction of its own or after a failure. */
function detachmentOf(
  operation: Operation,
  transaction: TransactionContext,
  depth: number,
  isHeld: boolean,
): Confidence {
  const detached = detachedIn(operation.executor);
  // It waits for itself, whatever was meant; and what the transaction was begun on was meant to be in it.
  if (detached === undefined || isHeld || isBegunOn(transaction, detached)) return 'high';
  const isHere = operation.chain.length === depth;
  const hasOwn = operation.transactions.some((own) => own !== transaction && runsIn(operation, own));
  return operation.tries.some(({ in: part }) => part === 'handler') || (isHere && hasOwn) ? 'low' : 'medium';
}

function isBegunOn({ executor, client }: TransactionContext, detached: Value): boolean {
  const begun = executor ?? client;
  return begun?.kind === 'computed' && begun.operands[0] !== undefined && haveSameKey(begun.operands[0], detached);
}

/** What failed may not have locked anything. */
function isHandlerOf({ tries }: Operation, failed: Operation): boolean {
  return tries.some(({ id, in: part }) => part === 'handler' && failed.tries.some((own) => own.id === id));
}

function isFailureHandler(operation: Operation, program: ProgramFacts): boolean {
  const info = program.info(operation.chain[0]?.fn ?? operation.fn);
  for (let at = info; at !== undefined; at = program.parentOf(at))
    if (/^(on|handle)[A-Z]?\w*(fail|error|abort)|rollback|cleanup/i.test(at.node.name)) return true;
  return operation.tries.some(({ in: part }) => part === 'handler');
}

/** A record that is to stay when the transaction is rolled back: an audit trail, a log of attempts, a queue of jobs. */
function isOnPurpose({ effect, chain }: DatabaseOperation, fork: string): boolean {
  if (effect.action === 'read') return false;
  const names = [effect.table ?? '', fork, ...chain.map(({ name }) => name)];
  return names.some((name) =>
    /audit|(^|[a-z_])logs?$|^log|history|outbox|analytic|metric|telemetry|attempt|activity|background_?job|lastSeen|last_?(used|active)/i.test(
      name,
    ),
  );
}

/** What the fork is called that the query goes through: `auditEm`. */
function nameOfFork({ executor, at }: DatabaseOperation, program: ProgramFacts): string {
  if (detachedIn(executor) === undefined) return '';
  const text = program.file(at.path)?.text.slice(Math.max(0, at.start - 60), at.start) ?? '';
  return /(\w+)[?!]?\s*\.$/.exec(text)?.[1] ?? '';
}

// ---------------------------------------------------------------- functions that take a client

/** The callee's parameter that the operation's client may be: `tx` of `(tx ?? prisma).user.count()`. */
export function clientParameter(
  callee: FunctionFacts,
  operation: Operation,
): { index: number; path: readonly string[] } | undefined {
  const own = callee.operations.find(
    (other) =>
      other.at.start === operation.at.start && other.at.path === operation.at.path && other.executor !== undefined,
  );
  let found: { index: number; path: readonly string[] } | undefined;
  const note = (part: Value): void => {
    if (part.kind === 'place' && part.root.kind === 'parameter' && part.root.fn === callee.fn.key)
      found ??= { index: part.root.index, path: part.path };
  };
  if (own?.executor?.kind === 'union') walkValue(own.executor, note);
  return found;
}

/** Facts of the function a call of the operation's chain enters. */
export function calleeAt(operation: Operation, depth: number, program: ProgramFacts): FunctionFacts | undefined {
  let info = program.info(operation.chain[depth + 1]?.fn ?? operation.fn);
  // The query may stand in a closure of the function that was called.
  const name = operation.chain[depth]?.name;
  while (info !== undefined && info.node.name !== name) {
    const parent = program.parentOf(info);
    if (parent === undefined || parent.node.kind === 'module') break;
    info = parent;
  }
  return info === undefined ? undefined : program.factsOf(info.key);
}
