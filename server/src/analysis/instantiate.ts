/**
 * A callee's facts at one call: parameters become arguments, `this` becomes the receiver, the call site's loops,
 * guards, locks and transactions stand around them, and the call is put in front of their chain.
 */
import type { Span } from '../typescript/syntax.ts';
import type { Position, Writable } from './activation.ts';
import { runCallback } from './call.ts';
import type {
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
} from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { repeatsOver } from './loop-kind.ts';
import { type ArrayValue, computed, memberOf, UNKNOWN, type UnionValue, union, type Value } from './value.ts';

/** A summary carries at most this many facts to its callers; the rest is dropped and the facts marked coarse. */
export const MAX_SUMMARY = 64;
/** Chains longer than this are not followed: nobody reads them. */
const MAX_CHAIN = 6;

const exported = new WeakMap<FunctionFacts, readonly Operation[]>();

/** What a caller must know: one fact per operation, resource, executor and protection. */
function summaryOf(facts: FunctionFacts): readonly Operation[] {
  const known = exported.get(facts);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const summary: Operation[] = [];
  for (const operation of facts.operations) {
    if (!matters(operation)) continue;
    const key = [
      operation.model,
      operation.at.path,
      operation.at.start,
      operation.loops.length,
      operation.transactions.length,
      operation.locks.length,
      // Two calls of one helper lock two rows: both count.
      operation.chain[0]?.at.start ?? '',
    ].join('|');
    if (seen.has(key)) continue;
    seen.add(key);
    summary.push(operation);
    if (summary.length === MAX_SUMMARY) break;
  }
  exported.set(facts, summary);
  return summary;
}

function matters(operation: Operation): boolean {
  if (operation.chain.length >= MAX_CHAIN) return false;
  const { effect } = operation;
  switch (effect.kind) {
    case 'memory':
      if (effect.action === 'read' || effect.action === 'size' || effect.target.kind !== 'place') return false;
      // A write to the callee's own state is told there; a write to what it was given is the caller's to know.
      return effect.action === 'write'
        ? effect.target.root.kind === 'parameter'
        : effect.target.root.kind !== 'captured';
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
}

/** Records the callee's facts here and gives what the call returns. */
export function instantiate(interpreter: Interpreter, facts: FunctionFacts, site: Site): Value {
  const { activation } = interpreter;
  const substitution = new Substitution(facts, site);
  const call = { at: interpreter.at(site.at), name: site.name, fn: interpreter.frame.fn };
  const base = activation.segment;
  for (const operation of summaryOf(facts)) {
    const { position } = activation;
    const loops = substitution.loops(operation.loops, interpreter);
    const circumstances: Position = {
      loops: around(position.loops, loops),
      guards: around(position.guards, substitution.guards(operation.guards)),
      tries: around(position.tries, operation.tries),
      transactions: around(position.transactions, substitution.transactions(operation.transactions)),
      locks: around(position.locks, substitution.locks(operation.locks)),
      limited: position.limited || operation.limited,
      retried: operation.retried === 'no' ? position.retried : operation.retried,
      deferred: position.deferred || operation.deferred,
    };
    const effect = substitution.effect(operation.effect);
    activation.segment = base + operation.segment;
    if (effect.kind === 'parameter-call') {
      const done = activation.within(circumstances, () =>
        runCallback(interpreter, effect.callee, effect.args, operation.awaited),
      );
      if (done !== undefined) {
        substitution.parameterResults.set(operation, done);
        continue;
      }
      if (effect.callee.kind !== 'place') continue;
    }
    const recorded = activation.record({
      effect,
      at: operation.at,
      span: operation.span,
      name: operation.name,
      model: operation.model,
      basis: operation.basis,
      fn: operation.fn,
      chain: [call, ...operation.chain],
      executor: operation.executor === undefined ? undefined : substitution.value(operation.executor),
      coarse: operation.coarse || site.coarse,
      position: circumstances,
    });
    if (recorded === undefined) break;
    recorded.awaited = operation.awaited && site.awaited;
    recorded.result = operation.result;
    substitution.operations.set(operation, recorded);
  }
  activation.segment = base + facts.segments;
  if (site.awaited && !site.coarse && facts.establishes.length > 0) {
    const { position } = activation;
    const established = facts.establishes.map((guard) => ({ ...guard, test: substitution.value(guard.test) }));
    activation.position = { ...position, guards: [...position.guards, ...established] };
  }
  if (facts.coarse) activation.coarse = true;
  return substitution.value(facts.returns);
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
    case 'closure':
      return true;
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
  readonly operations = new Map<Operation, Writable<Operation>>();
  /** What a callback given by this call returned where the callee ran it. */
  readonly parameterResults = new Map<Operation, Value>();
  readonly #facts: FunctionFacts;
  readonly #site: Site;
  readonly #done = new Map<Value, Value>();

  constructor(facts: FunctionFacts, site: Site) {
    this.#facts = facts;
    this.#site = site;
  }

  optional(value: Value | undefined): Value | undefined {
    return value === undefined ? undefined : this.value(value);
  }

  value(value: Value, depth = 0): Value {
    if (value.kind === 'constant' || value.kind === 'unknown') return value;
    if (isClosed(value)) return value;
    const known = this.#done.get(value);
    if (known !== undefined) return known;
    const made = depth > 16 ? UNKNOWN : this.#make(value, depth + 1);
    this.#done.set(value, made);
    return made;
  }

  #make(value: Value, depth: number): Value {
    switch (value.kind) {
      case 'place': {
        const root = value.root;
        let replaced: Value | undefined;
        if (root.kind === 'parameter' && root.fn === this.#facts.fn.key) {
          const parameter = this.#facts.fn.node.parameters[root.index];
          replaced =
            parameter?.rest === true
              ? { kind: 'array', elements: this.#site.args.slice(root.index), open: false }
              : (this.#site.args[root.index] ?? { kind: 'constant', value: undefined });
        } else if (root.kind === 'this' && this.#site.receiver !== undefined) replaced = this.#site.receiver;
        if (replaced === undefined) return value;
        for (const name of value.path) replaced = memberOf(replaced, name);
        return replaced;
      }
      case 'result': {
        const ran = this.parameterResults.get(value.operation);
        if (ran !== undefined) return value.path.reduce<Value>((whole, name) => memberOf(whole, name), ran);
        const operation = this.operations.get(value.operation);
        return operation === undefined ? UNKNOWN : { ...value, operation };
      }
      case 'element': {
        const of = this.value(value.of, depth);
        return of === value.of ? value : { ...value, of };
      }
      case 'computed': {
        const operands = value.operands.map((operand) => this.value(operand, depth));
        if (operands.every((operand, index) => operand === value.operands[index])) return value;
        return computed(value.operator, operands, value.at);
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
      case 'builder': {
        const { statement } = value;
        return {
          kind: 'builder',
          statement: {
            ...statement,
            where: statement.where?.map((condition) => ({ ...condition, value: this.value(condition.value, depth) })),
            data: statement.data === undefined ? undefined : this.value(statement.data, depth),
            executor: statement.executor === undefined ? undefined : this.value(statement.executor, depth),
          },
        };
      }
      case 'union':
        return this.#alternatives(value, depth);
      default:
        return value;
    }
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
        return given.kind === 'place' ? given : union(made);
      }
    }
    if (made.every((part, index) => part === alternatives[index])) return whole;
    return union(made.filter((part) => !(part.kind === 'constant' && part.value === undefined)));
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

  guards(guards: readonly Guard[]): readonly Guard[] {
    return this.#list(guards, (guard) => (isClosed(guard.test) ? guard : new InstantiatedGuard(guard, this)));
  }

  transactions(transactions: readonly TransactionContext[]): readonly TransactionContext[] {
    return this.#list(transactions, (transaction) =>
      transaction.executor === undefined ? transaction : { ...transaction, executor: this.value(transaction.executor) },
    );
  }

  locks(locks: readonly LockContext[]): readonly LockContext[] {
    return this.#list(locks, (lock) => ({ ...lock, key: this.value(lock.key) }));
  }

  loops(loops: readonly Loop[], interpreter: Interpreter): readonly Loop[] {
    return this.#list(loops, (loop) => this.loop(loop, interpreter));
  }

  loop(loop: Loop, interpreter: Interpreter): Loop {
    const over = loop.over === undefined ? undefined : this.value(loop.over);
    if (over === undefined || over === loop.over) return loop;
    const repeats =
      loop.repeats === 'elements' ? repeatsOver(over, interpreter.surroundings.initializerOf) : loop.repeats;
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
          ...optional('value', effect.value),
          ...optional('ttl', effect.ttl),
        };
      case 'request':
        return { ...effect, ...optional('url', effect.url) };
      case 'publish':
        return { ...effect, ...optional('topic', effect.topic) };
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
        return { ...effect, callee: this.value(effect.callee), args: effect.args.map((arg) => this.value(arg)) };
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

class InstantiatedGuard implements Guard {
  readonly holds: boolean;
  readonly at: Guard['at'];
  readonly earlyExit: boolean;
  readonly #guard: Guard;
  readonly #substitution: Substitution;

  constructor(guard: Guard, substitution: Substitution) {
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
  readonly relative: readonly string[];
  readonly returns: DatabaseEffect['returns'];
  readonly rowLock: DatabaseEffect['rowLock'];
  readonly conflictHandled: boolean;
  readonly reportsAffected: boolean;
  readonly relations: readonly string[];
  readonly batchesSameTick: boolean;
  readonly limited: boolean;
  readonly orderedBy: readonly string[];
  readonly aggregate: DatabaseEffect['aggregate'];
  readonly sql: DatabaseEffect['sql'];
  readonly #effect: DatabaseEffect;
  readonly #substitution: Substitution;
  #where: readonly Condition[] | undefined;
  #data: ReadonlyMap<string, Value> | undefined;

  constructor(effect: DatabaseEffect, substitution: Substitution) {
    this.action = effect.action;
    this.table = effect.table;
    this.relative = effect.relative;
    this.returns = effect.returns;
    this.rowLock = effect.rowLock;
    this.conflictHandled = effect.conflictHandled;
    this.reportsAffected = effect.reportsAffected;
    this.relations = effect.relations;
    this.batchesSameTick = effect.batchesSameTick;
    this.limited = effect.limited;
    this.orderedBy = effect.orderedBy;
    this.aggregate = effect.aggregate;
    this.sql = effect.sql;
    this.#effect = effect;
    this.#substitution = substitution;
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
