/**
 * A callee's facts at one call: parameters become arguments, `this` becomes the receiver, the call site's loops,
 * guards, locks and transactions stand around them, and the call is put in front of their chain.
 */
import type { Location } from '../rule.ts';
import type { Span } from '../typescript/syntax.ts';
import type { Activation, Frame, Position } from './activation.ts';
import { runCallback } from './call.ts';
import { cannotHold, isForCallersToDecide, truthOf } from './decided.ts';
import { lockAt } from './effect.ts';
import type {
  Basis,
  CallSite,
  Condition,
  DatabaseEffect,
  Effect,
  FunctionFacts,
  Guard,
  LockContext,
  Loop,
  MemoryEffect,
  Mutation,
  Operation,
  TransactionContext,
  TryContext,
} from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { repeatsOver } from './loop-kind.ts';
import { lateTable } from './table-name.ts';
import { carriedBy, withoutEnded } from './transaction.ts';
import {
  type ArrayValue,
  type ClosureValue,
  computed,
  type FunctionKey,
  type GivenArguments,
  memberOf,
  type Root,
  UNDEFINED,
  UNKNOWN,
  type UnionValue,
  union,
  type Value,
} from './value.ts';
import { type Inner, isParameter } from './wrapped-function.ts';
import { lockAround } from './wrapper-lock.ts';

/** A summary carries at most this many facts to its callers; the rest is dropped and the facts marked coarse. */
export const MAX_SUMMARY = 64;
/** Chains longer than this are not followed: nobody reads them. */
const MAX_CHAIN = 5;
/** Lookups and changes of collections, which code makes everywhere: a cache and who fills it are close together. */
const MAX_MEMORY_CHAIN = 2;

const exported = new WeakMap<FunctionFacts, readonly Operation[]>();

/** What a caller must know: one fact per operation, resource, executor and protection. */
function summaryOf(facts: FunctionFacts): readonly Operation[] {
  const known = exported.get(facts);
  if (known !== undefined) return known;
  const byStart = new Map<number, Operation[]>();
  const summary: Operation[] = [];
  for (const operation of facts.operations) {
    if (!matters(operation)) continue;
    const there = byStart.get(operation.at.start);
    if (there === undefined) byStart.set(operation.at.start, [operation]);
    else if (there.some((other) => isSameFact(operation, other))) continue;
    else there.push(operation);
    summary.push(operation);
    if (summary.length === MAX_SUMMARY) break;
  }
  exported.set(facts, summary);
  return summary;
}

/** Of two operations that start at one offset. */
function isSameFact(a: Operation, b: Operation): boolean {
  return (
    a.at.path === b.at.path &&
    a.model === b.model &&
    a.loops.length === b.loops.length &&
    a.transactions.length === b.transactions.length &&
    a.locks.length === b.locks.length &&
    // Two calls of one helper lock two rows: both count.
    a.chain[0]?.at.start === b.chain[0]?.at.start
  );
}

function matters(operation: Operation): boolean {
  if (operation.chain.length >= MAX_CHAIN) return false;
  const { effect } = operation;
  switch (effect.kind) {
    case 'memory':
      if (effect.action === 'read' || effect.action === 'size' || effect.target.kind !== 'place') return false;
      // A write to what it was given is the caller's to know; one to state both may share, the direct caller's.
      if (effect.target.root.kind === 'captured') return false;
      if (effect.action === 'write') return effect.target.root.kind === 'parameter' || operation.chain.length === 0;
      return operation.chain.length < MAX_MEMORY_CHAIN;
    case 'resource':
    case 'throw':
    case 'relation':
      return false;
    case 'recursion':
      return false;
    case 'timer':
      return effect.repeating;
    default:
      return true;
  }
}

export interface Site {
  readonly at: Span;
  readonly span: Span;
  readonly name: string;
  readonly receiver: Value | undefined;
  readonly args: readonly Value[];
  readonly awaited: boolean;
  readonly coarse: boolean;
  /** Nothing but `args` is handed over: what is not among them is undefined. */
  readonly complete: boolean;
  /** The function that the callee was made for, where a wrapper made it. */
  readonly inner?: Inner;
  /** Of a callee that a call made. */
  readonly given?: readonly GivenArguments[] | undefined;
}

/** Records the callee's facts here and gives what the call returns. */
export function instantiate(interpreter: Interpreter, facts: FunctionFacts, site: Site): Value {
  const { activation } = interpreter;
  const call = { at: interpreter.at(site.at), name: site.name, fn: interpreter.frame.fn };
  const substitution = new Substitution(facts, site, call, interpreter);
  const base = activation.segment;
  let begins = false;
  for (const operation of summaryOf(facts)) {
    if (site.complete && isOpen(operation) && substitution.excludes(operation.guards)) continue;
    activation.segment = base + operation.segment;
    const loops = substitution.loops(operation.loops);
    const effect = substitution.effect(operation.effect);
    if (effect.kind === 'parameter-call') {
      const circumstances = circumstancesOf(operation, loops, substitution, activation.position);
      if (operation.transactions.length > 0)
        circumstances.transactions = carriedBy(circumstances.transactions, effect.args);
      const lock = lockAround(facts, operation);
      if (lock !== undefined) circumstances.locks = around(circumstances.locks, substitution.locks([lock]));
      const { inner } = site;
      const done = activation.within(circumstances, () =>
        inner !== undefined && isParameter(effect.callee, inner.fn, inner.index)
          ? inner.run(effect.args, operation.awaited)
          : runCallback(interpreter, effect.callee, effect.args, operation.awaited),
      );
      if (done !== undefined) {
        substitution.parameterResults.set(operation, done);
        continue;
      }
      if (effect.callee.kind !== 'place') continue;
    }
    if (!activation.hasRoom()) break;
    const recorded = new InstantiatedOperation(operation, effect, loops, call, site, activation, substitution);
    activation.operations.push(recorded);
    substitution.operations.set(operation, recorded);
    if (effect.kind !== 'transaction') continue;
    if (effect.action === 'begin') begins = true;
    else if (!begins && operation.transactions.length === 0) end(interpreter, recorded.executor);
  }
  activation.segment = base + facts.segments;
  if (facts.opens !== undefined) {
    const { position } = activation;
    const opened = substitution.transactions(facts.opens);
    activation.position = { ...position, transactions: around(position.transactions, opened) };
  }
  if (site.awaited && !site.coarse && facts.establishes.length > 0) {
    const { position } = activation;
    const established = facts.establishes.map((guard) => ({ ...guard, test: substitution.value(guard.test) }));
    activation.position = { ...position, guards: [...position.guards, ...established] };
  }
  if (facts.coarse) activation.coarse = true;
  return substitution.value(facts.returns);
}

/** The callee commits or rolls back what its caller began. */
function end(interpreter: Interpreter, executor: Value | undefined): void {
  const { activation } = interpreter;
  const open = withoutEnded(activation.position.transactions, executor);
  if (open !== undefined) activation.position = { ...activation.position, transactions: open };
}

function circumstancesOf(
  operation: Operation,
  loops: readonly Loop[],
  substitution: Substitution,
  position: Position,
): Position {
  return {
    loops: around(position.loops, loops),
    guards: around(position.guards, substitution.guards(operation.guards)),
    tries: around(position.tries, operation.tries),
    transactions: around(position.transactions, substitution.transactions(operation.transactions)),
    locks: around(position.locks, substitution.locks(operation.locks)),
    limited: position.limited || operation.limited,
    retried: operation.retried === 'no' ? position.retried : operation.retried,
    deferred: position.deferred || operation.deferred,
  };
}

/** The call site's circumstances first; the list itself where the callee adds none. */
function around<T>(outer: readonly T[], inner: readonly T[]): readonly T[] {
  return inner.length === 0 ? outer : outer.length === 0 ? inner : [...outer, ...inner];
}

const closed = new WeakMap<Value, boolean>();

/** Whether nothing in the value depends on the call: no parameter, no `this`, no operation's result. */
function isClosed(value: Value): boolean {
  switch (value.kind) {
    case 'constant':
    case 'unknown':
      return true;
    case 'closure':
      return value.environment === undefined && value.given === undefined;
    case 'result':
    case 'builder':
      return false;
    case 'place':
      return value.root.kind !== 'parameter' && value.root.kind !== 'this';
    default: {
      const known = closed.get(value);
      if (known !== undefined) return known;
      const answer = partsOf(value).every(isClosed);
      closed.set(value, answer);
      return answer;
    }
  }
}

function partsOf(
  value: Exclude<Value, { kind: 'constant' | 'unknown' | 'closure' | 'result' | 'builder' | 'place' }>,
): readonly Value[] {
  switch (value.kind) {
    case 'element':
      return [value.of];
    case 'computed':
      return value.operands;
    case 'object':
      return [...value.properties.values(), ...value.others];
    case 'array':
      return value.elements;
    case 'union':
      return value.alternatives;
  }
}

class Substitution {
  readonly operations = new Map<Operation, Operation>();
  /** What a callback given by this call returned where the callee ran it. */
  readonly parameterResults = new Map<Operation, Value>();
  readonly #facts: FunctionFacts;
  readonly #site: Site;
  readonly #call: CallSite;
  /** Around the call. */
  readonly #loops: readonly Loop[];
  readonly #initializerOf: Interpreter['surroundings']['initializerOf'];
  readonly #surroundings: Interpreter['surroundings'];
  readonly #done = new Map<Value, Value>();
  readonly #excluded = new Map<readonly Guard[], boolean>();

  constructor(facts: FunctionFacts, site: Site, call: CallSite, interpreter: Interpreter) {
    this.#facts = facts;
    this.#site = site;
    this.#call = call;
    this.#loops = interpreter.activation.position.loops;
    this.#initializerOf = interpreter.surroundings.initializerOf;
    this.#surroundings = interpreter.surroundings;
  }

  optional(value: Value | undefined): Value | undefined {
    return value === undefined ? undefined : this.value(value);
  }

  value(value: Value, depth = 0): Value {
    if (value.kind === 'constant' || value.kind === 'unknown') return value;
    const known = this.#done.get(value);
    if (known !== undefined) return known;
    const made = depth <= 16 ? this.#make(value, depth + 1) : isClosed(value) ? value : UNKNOWN;
    this.#done.set(value, made);
    return made;
  }

  #make(value: Value, depth: number): Value {
    switch (value.kind) {
      case 'place': {
        let replaced = this.#root(value.root);
        if (replaced === undefined) return value;
        // `options?.transaction` where no options are given.
        if (replaced.kind === 'constant' && replaced.value === undefined) return replaced;
        for (const name of value.path) replaced = memberOf(replaced, name);
        return replaced;
      }
      case 'result': {
        const ran = this.parameterResults.get(value.operation);
        if (ran !== undefined) return value.path.reduce<Value>((whole, name) => memberOf(whole, name), ran);
        const operation = this.operations.get(value.operation);
        return operation === undefined ? this.#unseen(value.operation, value.path, depth) : { ...value, operation };
      }
      case 'element': {
        const of = this.value(value.of, depth);
        return of === value.of ? value : { ...value, of };
      }
      case 'computed': {
        const operands = value.operands.map((operand) => this.value(operand, depth));
        if (operands.every((operand, index) => operand === value.operands[index])) return value;
        const isPlain = value.runs === undefined && value.instance === undefined;
        return isPlain ? computed(value.operator, operands, value.at) : { ...value, operands };
      }
      case 'object': {
        const properties = new Map(
          [...value.properties].map(([name, part]) => [name, this.value(part, depth)] as const),
        );
        const others = value.others.map((part) => this.value(part, depth));
        const same = others.every((part, index) => part === value.others[index]);
        if (same && [...properties].every(([name, part]) => value.properties.get(name) === part)) return value;
        // Spreading a known object gives its properties.
        const spread = new Map<string, Value>();
        const rest: Value[] = [];
        for (const other of others) {
          if (other.kind === 'object') {
            for (const [name, part] of other.properties) spread.set(name, part);
            rest.push(...other.others);
          } else if (!(other.kind === 'constant')) rest.push(other);
        }
        for (const [name, part] of properties) spread.set(name, part);
        return { kind: 'object', properties: spread, others: rest };
      }
      case 'array':
        return this.#array(value, depth);
      case 'closure':
        return this.#closure(value, depth);
      case 'builder': {
        const { statement } = value;
        return {
          kind: 'builder',
          statement: {
            ...statement,
            where: statement.where?.map((condition) => ({ ...condition, value: this.value(condition.value, depth) })),
            data: statement.data === undefined ? undefined : this.value(statement.data, depth),
            executor: statement.executor === undefined ? undefined : this.value(statement.executor, depth),
            ...(statement.table === undefined && statement.pendingTable !== undefined
              ? this.#pending(this.value(statement.pendingTable, depth))
              : {}),
            // The caller runs it: through this call, and in the loops around it.
            chain: [this.#call, ...statement.chain],
            loops: around(this.#loops, this.loops(statement.loops)),
            ...(statement.prepared === undefined
              ? {}
              : { prepared: new InstantiatedDatabaseEffect(statement.prepared, this) }),
          },
        };
      }
      case 'union':
        return this.#alternatives(value, depth);
      default:
        return value;
    }
  }

  tableOf(pending: Value | undefined): string | undefined {
    return pending === undefined ? undefined : lateTable(pending, this.#surroundings);
  }

  #pending(pendingTable: Value): { pendingTable: Value; table: string | undefined } {
    return { pendingTable, table: this.tableOf(pendingTable) };
  }

  /** What the call says the root is. */
  #root(root: Root): Value | undefined {
    if (root.kind === 'this') return this.#receiver();
    if (root.kind !== 'parameter') return undefined;
    const { fn, index } = root;
    const args = fn === this.#facts.fn.key ? this.#site.args : this.#site.given?.find((given) => given.fn === fn)?.args;
    if (args === undefined) return undefined;
    const isRest = this.#surroundings.hierarchy.functions.get(fn)?.node.parameters[index]?.rest === true;
    if (isRest) return { kind: 'array', elements: args.slice(index), open: false };
    return args[index] ?? { kind: 'constant', value: undefined };
  }

  /** An arrow that a call made has the `this` of its maker. */
  #receiver(): Value | undefined {
    const { given, receiver } = this.#site;
    return given !== undefined && this.#facts.fn.node.kind === 'arrow' ? given[0]?.receiver : receiver;
  }

  /** A function that the callee made, or was made for it, remembers what it was made with. */
  #closure(closure: ClosureValue, depth: number): Value {
    const { fn } = this.#facts;
    const maker = (closure.environment as Frame | undefined)?.fn;
    if (maker === fn.key && this.#surroundings.factsOf(closure.fn) !== undefined) {
      const { args, given = [] } = this.#site;
      return {
        ...closure,
        environment: undefined,
        given: [{ fn: fn.key, args, receiver: this.#receiver() }, ...given],
      };
    }
    const given = closure.given?.map((made) => ({
      fn: made.fn,
      args: made.args.map((arg) => this.value(arg, depth)),
      receiver: made.receiver && this.value(made.receiver, depth),
    }));
    return given === undefined ? closure : { ...closure, given };
  }

  /** `fn(...args)` where `args` is all that the callee was given. */
  #isRest(value: Value): boolean {
    if (value.kind !== 'place' || value.root.kind !== 'parameter' || value.root.fn !== this.#facts.fn.key) return false;
    return value.path.length === 0 && this.#facts.fn.node.parameters[value.root.index]?.rest === true;
  }

  /** A connection that the callee took is no fact of the caller's, but the one its transaction runs on. */
  #unseen(operation: Operation, path: readonly string[], depth: number): Value {
    const { effect, executor } = operation;
    if (effect.kind !== 'resource' || effect.action !== 'acquire' || executor === undefined) return UNKNOWN;
    const taken = computed(`call:${operation.name}`, [this.value(executor, depth)], operation.at);
    return path.reduce(memberOf, taken);
  }

  #array(value: ArrayValue, depth: number): Value {
    const elements = value.elements.map((part) => this.value(part, depth));
    return elements.every((part, index) => part === value.elements[index]) ? value : { ...value, elements };
  }

  /** `tx ?? this.prisma` with `tx` given is `tx`; without it, `this.prisma`. */
  #alternatives(whole: UnionValue, depth: number): Value {
    const { alternatives } = whole;
    const made = alternatives.map((alternative) => this.value(alternative, depth));
    const first = alternatives[0];
    const given = made[0];
    if (
      first?.kind === 'place' &&
      first.root.kind === 'parameter' &&
      first.root.fn === this.#facts.fn.key &&
      first.path.length === 0
    ) {
      if (
        given !== undefined &&
        given.kind !== 'unknown' &&
        !(given.kind === 'constant' && (given.value === undefined || given.value === null))
      ) {
        return given.kind === 'place' || truthOf(given) === true ? given : union(made);
      }
    }
    if (made.every((part, index) => part === alternatives[index])) return whole;
    const left = made.filter((part) => !(part.kind === 'constant' && part.value === undefined));
    return left.length === 0 ? UNDEFINED : union(left);
  }

  /** Operations of one place share their lists of circumstances: each list is replaced once. */
  readonly #lists = new Map<readonly unknown[], readonly unknown[]>();

  #list<T>(list: readonly T[], replace: (item: T) => T): readonly T[] {
    if (list.length === 0) return list;
    const known = this.#lists.get(list) as readonly T[] | undefined;
    if (known !== undefined) return known;
    const made = list.map(replace);
    this.#lists.set(list, made);
    return made;
  }

  /** Whether the arguments say that what stands under the guards does not happen. */
  excludes(guards: readonly Guard[]): boolean {
    if (guards.length === 0) return false;
    const known = this.#excluded.get(guards);
    if (known !== undefined) return known;
    const excluded = guards.some(
      (guard) => areOpen([guard]) && cannotHold({ holds: guard.holds, test: this.value(guard.test) }),
    );
    this.#excluded.set(guards, excluded);
    return excluded;
  }

  guards(guards: readonly Guard[]): readonly Guard[] {
    return this.#list(guards, (guard) => (isClosed(guard.test) ? guard : new InstantiatedGuard(guard, this)));
  }

  #through(site: string | undefined): string {
    return site === undefined ? String(this.#site.at.start) : `${this.#site.at.start}/${site}`;
  }

  transactions(transactions: readonly TransactionContext[]): readonly TransactionContext[] {
    return this.#list(transactions, (transaction) => ({
      ...transaction,
      site: this.#through(transaction.site),
      ...(transaction.executor === undefined ? {} : { executor: this.value(transaction.executor) }),
      ...(transaction.client === undefined ? {} : { client: this.value(transaction.client) }),
      ...(transaction.carriers === undefined
        ? {}
        : { carriers: transaction.carriers.map((carrier) => this.value(carrier)) }),
    }));
  }

  locks(locks: readonly LockContext[]): readonly LockContext[] {
    return this.#list(locks, (lock) => ({
      ...lock,
      site: this.#through(lock.site),
      key: this.value(lock.key),
      ...(lock.owner === undefined ? {} : { owner: this.value(lock.owner) }),
    }));
  }

  loops(loops: readonly Loop[]): readonly Loop[] {
    return this.#list(loops, (loop) => this.#loop(loop));
  }

  #loop(loop: Loop): Loop {
    const over = loop.over === undefined ? undefined : this.value(loop.over);
    if (over === undefined || over === loop.over) return loop;
    const repeats = loop.repeats === 'elements' ? repeatsOver(over, this.#initializerOf) : loop.repeats;
    return { ...loop, over, repeats };
  }

  effect(effect: Effect): Effect {
    const optional = <K extends string>(name: K, value: Value | undefined): { [P in K]?: Value } =>
      (value === undefined ? {} : { [name]: this.value(value) }) as { [P in K]?: Value };
    switch (effect.kind) {
      case 'database':
        return new InstantiatedDatabaseEffect(effect, this);
      case 'cache':
        return {
          ...effect,
          key: this.value(effect.key),
          ...optional('field', effect.field),
          ...optional('value', effect.value),
          ...optional('ttl', effect.ttl),
        };
      case 'request':
        return { ...effect, ...optional('url', effect.url), ...optional('payload', effect.payload) };
      case 'publish':
        return { ...effect, ...optional('topic', effect.topic), ...optional('payload', effect.payload) };
      case 'file':
        return { ...effect, path: this.value(effect.path), ...optional('to', effect.to) };
      case 'listener':
        return {
          ...effect,
          target: this.value(effect.target),
          event: this.value(effect.event),
          handler: this.value(effect.handler),
          ...optional('signal', effect.signal),
          ...optional('capture', effect.capture),
        };
      case 'timer':
        return {
          ...effect,
          handler: this.value(effect.handler),
          ...optional('delay', effect.delay),
          ...optional('handle', effect.handle),
        };
      case 'lock':
        return { ...effect, key: this.value(effect.key) };
      case 'wait':
        return { ...effect, ...optional('duration', effect.duration) };
      case 'memory':
        return new InstantiatedMemoryEffect(effect, this);
      case 'resource':
        return { ...effect, handle: this.value(effect.handle) };
      case 'parameter-call':
        return {
          ...effect,
          callee: this.value(effect.callee),
          args: effect.args.flatMap((arg) => {
            const value = this.value(arg);
            return value.kind === 'array' && this.#isRest(arg) ? value.elements : [value];
          }),
        };
      case 'recursion':
        return { ...effect, args: effect.args.map((arg) => this.value(arg)) };
      case 'relation':
      case 'transaction':
      case 'throw':
        return effect;
    }
  }
}

/*
 * Most facts that reach a caller are never looked at closely: their values are replaced when somebody asks.
 */

/** A callee's operation in its caller. */
class InstantiatedOperation implements Operation {
  readonly id: string;
  readonly order: number;
  readonly effect: Effect;
  readonly at: Location;
  readonly span: Location;
  readonly name: string;
  readonly verb: string | undefined;
  readonly model: string;
  readonly basis: Basis;
  readonly fn: FunctionKey;
  readonly chain: readonly CallSite[];
  readonly loops: readonly Loop[];
  tries: readonly TryContext[];
  readonly transactions: readonly TransactionContext[];
  readonly locks: readonly LockContext[];
  readonly limited: boolean;
  readonly retried: Operation['retried'];
  readonly deferred: boolean;
  readonly segment: number;
  awaited: boolean;
  result: Operation['result'];
  readonly isOpen: boolean;
  readonly coarse: boolean;
  readonly #operation: Operation;
  readonly #outerGuards: readonly Guard[];
  #guards: readonly Guard[] | undefined;
  readonly #substitution: Substitution;

  constructor(
    operation: Operation,
    effect: Effect,
    loops: readonly Loop[],
    call: CallSite,
    site: Site,
    activation: Activation,
    substitution: Substitution,
  ) {
    const { position } = activation;
    this.id = activation.nextId();
    this.order = activation.operations.length;
    this.effect = effect;
    this.at = operation.at;
    this.span = operation.span;
    this.name = operation.name;
    this.verb = operation.verb;
    this.model = operation.model;
    this.basis = operation.basis;
    this.fn = operation.fn;
    this.chain = [call, ...operation.chain];
    this.loops = around(position.loops, loops);
    this.tries = around(position.tries, operation.tries);
    this.transactions = around(position.transactions, substitution.transactions(operation.transactions));
    this.locks = around(position.locks, substitution.locks(operation.locks));
    this.limited = position.limited || operation.limited;
    this.retried = operation.retried === 'no' ? position.retried : operation.retried;
    this.deferred = position.deferred || operation.deferred;
    this.segment = activation.segment;
    this.awaited = operation.awaited && site.awaited;
    this.result = operation.result;
    this.coarse = operation.coarse || site.coarse;
    this.isOpen = areOpen(position.guards) || isOpen(operation);
    this.#operation = operation;
    this.#outerGuards = position.guards;
    this.#substitution = substitution;
  }

  get guards(): readonly Guard[] {
    this.#guards ??= around(this.#outerGuards, this.#substitution.guards(this.#operation.guards));
    return this.#guards;
  }

  get executor(): Value | undefined {
    return this.#substitution.optional(this.#operation.executor);
  }
}

/** Whether the arguments of a call may decide that the operation does not happen there. */
function isOpen(operation: Operation): boolean {
  return operation instanceof InstantiatedOperation ? operation.isOpen : areOpen(operation.guards);
}

const openLists = new WeakMap<readonly Guard[], boolean>();

function areOpen(guards: readonly Guard[]): boolean {
  if (guards.length === 0) return false;
  let answer = openLists.get(guards);
  if (answer === undefined) {
    answer = guards.some((guard) =>
      guard instanceof InstantiatedGuard ? guard.isOpen : isForCallersToDecide(guard.test),
    );
    openLists.set(guards, answer);
  }
  return answer;
}

class InstantiatedGuard implements Guard {
  /** Kept, because the test itself is worked out when it is asked for. */
  readonly isOpen: boolean;
  readonly holds: boolean;
  readonly at: Guard['at'];
  readonly earlyExit: boolean;
  readonly #guard: Guard;
  readonly #substitution: Substitution;

  constructor(guard: Guard, substitution: Substitution) {
    this.isOpen = areOpen([guard]);
    this.holds = guard.holds;
    this.at = guard.at;
    this.earlyExit = guard.earlyExit;
    this.#guard = guard;
    this.#substitution = substitution;
  }

  get test(): Value {
    return this.#substitution.value(this.#guard.test);
  }
}

class InstantiatedMemoryEffect implements MemoryEffect {
  readonly kind = 'memory';
  readonly action: MemoryEffect['action'];
  readonly #effect: MemoryEffect;
  readonly #substitution: Substitution;

  constructor(effect: MemoryEffect, substitution: Substitution) {
    this.action = effect.action;
    this.#effect = effect;
    this.#substitution = substitution;
  }

  get target(): Value {
    return this.#substitution.value(this.#effect.target);
  }

  get key(): Value | undefined {
    return this.#substitution.optional(this.#effect.key);
  }

  get value(): Value | undefined {
    return this.#substitution.optional(this.#effect.value);
  }
}

class InstantiatedDatabaseEffect implements DatabaseEffect {
  readonly kind = 'database';
  readonly action: DatabaseEffect['action'];
  readonly table: string | undefined;
  readonly pendingTable: Value | undefined;
  readonly relative: readonly string[];
  readonly returns: DatabaseEffect['returns'];
  readonly conflictHandled: boolean;
  readonly reportsAffected: boolean;
  readonly relations: readonly string[];
  readonly batchesSameTick: boolean;
  readonly limited: boolean;
  readonly immediate: boolean;
  readonly orderedBy: readonly string[];
  readonly aggregate: DatabaseEffect['aggregate'];
  readonly sql: DatabaseEffect['sql'];
  readonly #effect: DatabaseEffect;
  readonly #substitution: Substitution;
  #where: readonly Condition[] | undefined;
  #data: ReadonlyMap<string, Value> | undefined;

  constructor(effect: DatabaseEffect, substitution: Substitution) {
    this.action = effect.action;
    this.pendingTable = effect.table === undefined ? substitution.optional(effect.pendingTable) : undefined;
    this.table = effect.table ?? substitution.tableOf(this.pendingTable);
    this.relative = effect.relative;
    this.returns = effect.returns;
    this.conflictHandled = effect.conflictHandled;
    this.reportsAffected = effect.reportsAffected;
    this.relations = effect.relations;
    this.batchesSameTick = effect.batchesSameTick;
    this.limited = effect.limited;
    this.immediate = effect.immediate === true;
    this.orderedBy = effect.orderedBy;
    this.aggregate = effect.aggregate;
    this.sql = effect.sql;
    this.#effect = effect;
    this.#substitution = substitution;
  }

  get pendingLock(): Value | undefined {
    return this.#substitution.optional(this.#effect.pendingLock);
  }

  get rowLock(): DatabaseEffect['rowLock'] {
    const pending = this.pendingLock;
    return pending === undefined ? this.#effect.rowLock : lockAt(pending);
  }

  get where(): readonly Condition[] | undefined {
    this.#where ??= this.#effect.where?.map(
      (condition): Condition => ({
        ...condition,
        value: this.#substitution.value(condition.value),
      }),
    );
    return this.#where;
  }

  get data(): ReadonlyMap<string, Value> | undefined {
    const { data } = this.#effect;
    if (data === undefined) return undefined;
    this.#data ??= new Map([...data].map(([name, part]) => [name, this.#substitution.value(part)] as const));
    return this.#data;
  }

  get entity(): Value | undefined {
    return this.#substitution.optional(this.#effect.entity);
  }

  get mutations(): readonly Mutation[] {
    return this.#effect.mutations.map((mutation) => ({
      ...mutation,
      value: this.#substitution.value(mutation.value),
    }));
  }

  get args(): readonly Value[] {
    return this.#effect.args.map((arg) => this.#substitution.value(arg));
  }
}
