/**
 * Abstract values: what an expression is known to be made of. Values are immutable plain data; a `result` refers to
 * the operation that produced it, so that "the balance written is computed from the balance read" is one walk.
 *
 * A value never names a local variable: inside a function locals are looked up in the interpreter's environment, so
 * what leaves it is rooted at a parameter, `this`, a module binding, a global, or an operation.
 */

import type { CallbackModel, DatabaseAction } from '../models/model.ts';
import type { Location } from '../rule.ts';
import type {
  Basis,
  CallSite,
  Condition,
  DatabaseEffect,
  LockContext,
  Loop,
  Operation,
  TransactionContext,
} from './fact.ts';

/** `<absolute path>#<function index>`: identity of a function across snapshots. */
export type FunctionKey = string;

export type Root =
  | { readonly kind: 'parameter'; readonly fn: FunctionKey; readonly index: number; readonly name: string }
  /** The object a method runs on; `class` is `<path>#<class name>`, undefined outside classes. */
  | { readonly kind: 'this'; readonly class: string | undefined }
  | { readonly kind: 'module'; readonly path: string; readonly name: string }
  | { readonly kind: 'import'; readonly module: string; readonly name: string }
  | { readonly kind: 'global'; readonly name: string }
  /** A variable of an enclosing function, seen from a closure that runs on its own. */
  | { readonly kind: 'captured'; readonly fn: FunctionKey; readonly name: string };

export type Value =
  | UnknownValue
  | ConstantValue
  | PlaceValue
  | ResultValue
  | ElementValue
  | ComputedValue
  | ObjectValue
  | ArrayValue
  | ClosureValue
  | BuilderValue
  | UnionValue;

export interface UnknownValue {
  readonly kind: 'unknown';
}
export interface ConstantValue {
  readonly kind: 'constant';
  readonly value: string | number | boolean | bigint | null | undefined;
}
/** Something reachable from a root: `user.id` where `user` is parameter 0. A path segment `[]` is an element by a computed key. */
export interface PlaceValue {
  readonly kind: 'place';
  readonly root: Root;
  readonly path: readonly string[];
}
/** What an operation gave, or a part of it. */
export interface ResultValue {
  readonly kind: 'result';
  readonly operation: Operation;
  readonly path: readonly string[];
}
/** The current element of a loop over `of`, or a part of it. */
export interface ElementValue {
  readonly kind: 'element';
  readonly of: Value;
  /** `Loop.id` */
  readonly loop: string;
  readonly path: readonly string[];
}
/** Anything computed from other values: arithmetic, comparison, template, call of a function nothing is known about (`call:name`), `new:Name`. */
export interface ComputedValue {
  readonly kind: 'computed';
  readonly operator: string;
  readonly operands: readonly Value[];
  /** A fresh object every time it is evaluated (`new`, a literal): not shared until stored. */
  readonly at?: Location;
  /** A function that an API made: how it runs the function in its operands. */
  readonly runs?: CallbackModel;
  /** `mongoose#Model`: class of the handle that a model's call made. */
  readonly instance?: string;
}
export interface ObjectValue {
  readonly kind: 'object';
  readonly properties: ReadonlyMap<string, Value>;
  /** `...rest` and computed keys: further contents by unknown names. */
  readonly others: readonly Value[];
}
export interface ArrayValue {
  readonly kind: 'array';
  /** Exactly these elements; a spread makes `open` true. */
  readonly elements: readonly Value[];
  readonly open: boolean;
}
export interface Terms {
  readonly transactions?: readonly TransactionContext[];
  readonly locks?: readonly LockContext[];
  readonly limited?: true;
}
export interface ClosureValue {
  readonly kind: 'closure';
  readonly fn: FunctionKey;
  /** Calling it runs the function under these circumstances: `db.transaction(fn)` of better-sqlite3, `limiter.wrap(fn)`. */
  readonly terms?: Terms;
  /** What the calls that made it were given: its own facts speak of their parameters. */
  readonly given?: readonly GivenArguments[];
  /** Opaque to everyone but the interpreter. */
  readonly environment: unknown;
}
export interface GivenArguments {
  /** The function that was called. */
  readonly fn: FunctionKey;
  readonly args: readonly Value[];
  readonly receiver: Value | undefined;
}
/** A link of a builder chain; without a name where the call is named after something else. */
export interface Verb {
  readonly at: Location;
  readonly name: string | undefined;
}
/** A statement under construction: nothing happens until it is run. */
export interface BuilderValue {
  readonly kind: 'builder';
  readonly statement: BuiltStatement;
}
export interface BuiltStatement {
  readonly action: DatabaseAction;
  readonly table: string | undefined;
  /** What names it, where only the object's class knows. */
  readonly pendingTable?: Value | undefined;
  /** Undefined once a condition could not be read. */
  readonly where: readonly Condition[] | undefined;
  readonly data: Value | undefined;
  readonly relative: readonly string[];
  readonly relations: readonly string[];
  readonly limited: boolean;
  readonly rowLock: 'none' | 'update' | 'share';
  /** NOWAIT, SKIP LOCKED. */
  readonly immediate?: boolean;
  readonly orderedBy: readonly string[];
  readonly returns: DatabaseEffect['returns'] | undefined;
  readonly conflictHandled: boolean;
  readonly reportsAffected: boolean;
  /** Awaiting it runs it. */
  readonly awaitable: boolean;
  readonly executor: Value | undefined;
  /** The link that says what it does: `update` of `db.update(t).set(…)`. */
  readonly verb: Verb | undefined;
  /** The last builder call: where it is run when it is awaited. */
  readonly at: Location;
  readonly span: Location;
  readonly name: string;
  readonly model: string;
  readonly basis: Basis;
  /** `<package>#<class>` whose members go on building it, for code without types. */
  readonly class: string | undefined;
  /** The function it was built in, and the calls from where it is run to there. */
  readonly fn: FunctionKey;
  readonly chain: readonly CallSite[];
  /** Loops around its beginning: a list of such statements runs all of them. */
  readonly loops: readonly Loop[];
  /** What it does, where that is no matter of members: a raw query. */
  readonly prepared?: DatabaseEffect;
}
export interface UnionValue {
  readonly kind: 'union';
  readonly alternatives: readonly Value[];
}

export const UNKNOWN: UnknownValue = { kind: 'unknown' };
export const UNDEFINED: ConstantValue = { kind: 'constant', value: undefined };

export function constant(value: ConstantValue['value']): ConstantValue {
  return { kind: 'constant', value };
}

export function computed(operator: string, operands: readonly Value[], at?: Location): Value {
  return at === undefined ? { kind: 'computed', operator, operands } : { kind: 'computed', operator, operands, at };
}

/** Bound on nesting: what lies deeper is unknown, so that values stay small whatever the code. */
const MAX_ALTERNATIVES = 6;

export function union(values: readonly Value[]): Value {
  const [one] = values;
  if (values.length === 1 && one !== undefined) return one;
  const flat: Value[] = [];
  for (const value of values) {
    if (value.kind !== 'union') addAlternative(flat, value);
    else for (const part of value.alternatives) addAlternative(flat, part);
  }
  const only = flat[0];
  if (flat.length === 1 && only !== undefined) return only;
  if (flat.length === 0) return UNKNOWN;
  return { kind: 'union', alternatives: flat.slice(0, MAX_ALTERNATIVES) };
}

function addAlternative(known: Value[], value: Value): void {
  for (const other of known) if (haveSameKey(other, value)) return;
  known.push(value);
}

const keys = new WeakMap<object, string>();
/** Longer keys are cut to a digest: keys of keys would otherwise grow without bound. */
const MAX_KEY = 240;

/** A text equal for values that are certainly the same when evaluated in one run of a function. Unknowns differ from each other only by identity, so never compare them by key alone: see `sameValue`. */
export function keyOf(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return '?';
    case 'constant':
      return typeof value.value === 'string' ? JSON.stringify(value.value) : String(value.value);
    default: {
      const known = keys.get(value);
      if (known !== undefined) return known;
      const key = shortened(computeKey(value));
      keys.set(value, key);
      return key;
    }
  }
}

function shortened(key: string): string {
  if (key.length <= MAX_KEY) return key;
  // FNV-1a over the rest, in two halves, so that different texts practically never meet.
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < key.length; index += 1) {
    low = Math.imul(low ^ key.charCodeAt(index), 0x01000193);
    high = Math.imul(high ^ key.charCodeAt(index), 0x85ebca6b);
  }
  return `${key.slice(0, MAX_KEY / 2)}#${(low >>> 0).toString(36)}${(high >>> 0).toString(36)}${key.includes('?') ? '?' : ''}`;
}

function computeKey(value: Exclude<Value, UnknownValue | ConstantValue>): string {
  switch (value.kind) {
    case 'place':
      return value.path.length === 0 ? rootKey(value.root) : `${rootKey(value.root)}.${value.path.join('.')}`;
    case 'result':
      return value.path.length === 0 ? `op:${value.operation.id}` : `op:${value.operation.id}.${value.path.join('.')}`;
    case 'element':
      return [`elem(${value.loop})`, ...value.path].join('.');
    case 'computed':
      return `${value.operator}(${value.operands.map(keyOf).join(',')})${value.at === undefined ? '' : `@${value.at.path}:${value.at.start}`}`;
    case 'object':
      return `{${[...value.properties].map(([name, part]) => `${name}:${keyOf(part)}`).join(',')}${value.others.map((part) => `,...${keyOf(part)}`).join('')}}`;
    case 'array':
      return `[${value.elements.map(keyOf).join(',')}${value.open ? ',…' : ''}]`;
    case 'closure':
      return `fn:${value.fn}`;
    case 'builder':
      return `builder@${value.statement.span.path}:${value.statement.span.start}:${value.statement.span.end}`;
    case 'union':
      return `(${value.alternatives.map(keyOf).join('|')})`;
  }
}

export function rootKey(root: Root): string {
  switch (root.kind) {
    case 'parameter':
      return `param:${root.fn}:${root.index}`;
    case 'this':
      return `this:${root.class ?? ''}`;
    case 'module':
      return `module:${root.path}:${root.name}`;
    case 'import':
      return `import:${root.module}:${root.name}`;
    case 'global':
      return `global:${root.name}`;
    case 'captured':
      return `captured:${root.fn}:${root.name}`;
  }
}

/** Deeper than this, keys are compared: they are kept, so that parts which occur often are looked at once. */
const MAX_COMPARED = 4;

/** Whether two values have one key, mostly without making it. */
export function haveSameKey(a: Value, b: Value, depth = 0): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (depth > MAX_COMPARED) return keyOf(a) === keyOf(b);
  const same = (ours: readonly Value[], others: readonly Value[]): boolean =>
    ours.length === others.length &&
    ours.every((part, index) => haveSameKey(part, others[index] ?? UNKNOWN, depth + 1));
  switch (a.kind) {
    case 'place':
      return b.kind === 'place' && isSamePath(a.path, b.path) && isSameRoot(a.root, b.root);
    case 'result':
      return b.kind === 'result' && a.operation.id === b.operation.id && isSamePath(a.path, b.path);
    case 'element':
      return b.kind === 'element' && a.loop === b.loop && isSamePath(a.path, b.path);
    case 'computed':
      return (
        b.kind === 'computed' &&
        a.operator === b.operator &&
        a.at?.start === b.at?.start &&
        a.at?.path === b.at?.path &&
        same(a.operands, b.operands)
      );
    case 'array':
      return b.kind === 'array' && a.open === b.open && same(a.elements, b.elements);
    case 'object':
      if (b.kind !== 'object' || a.properties.size !== b.properties.size || a.others.length !== b.others.length)
        return false;
      return keyOf(a) === keyOf(b);
    case 'union':
      return b.kind === 'union' && same(a.alternatives, b.alternatives);
    default:
      return keyOf(a) === keyOf(b);
  }
}

export function isSameRoot(a: Root, b: Root): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'parameter':
      return b.kind === 'parameter' && a.index === b.index && a.fn === b.fn;
    case 'this':
      return b.kind === 'this' && a.class === b.class;
    case 'module':
      return b.kind === 'module' && a.name === b.name && a.path === b.path;
    case 'import':
      return b.kind === 'import' && a.name === b.name && a.module === b.module;
    case 'global':
      return b.kind === 'global' && a.name === b.name;
    case 'captured':
      return b.kind === 'captured' && a.name === b.name && a.fn === b.fn;
  }
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

/** Whether two values are certainly equal within one run. */
export function sameValue(a: Value, b: Value): boolean {
  const key = keyOf(a);
  return key === keyOf(b) && !key.includes('?') && !key.includes('…');
}

function isAbsent(value: Value): boolean {
  return value.kind === 'constant' && (value.value === null || value.value === undefined);
}

/** `value.name`. */
export function memberOf(value: Value, name: string): Value {
  switch (value.kind) {
    // Written out: members are made by the ten thousand, and spreading is several times slower.
    case 'place':
      return value.path.length >= 8 ? UNKNOWN : { kind: 'place', root: value.root, path: [...value.path, name] };
    case 'result':
      // PostgREST wraps what it found: `{ data, error, count }`.
      if (name === 'data' && value.path.length === 0 && value.operation.model.startsWith('@supabase/')) return value;
      return value.path.length >= 8
        ? UNKNOWN
        : { kind: 'result', operation: value.operation, path: [...value.path, name] };
    case 'element':
      return value.path.length >= 8
        ? UNKNOWN
        : { kind: 'element', of: value.of, loop: value.loop, path: [...value.path, name] };
    case 'object': {
      const property = value.properties.get(name);
      if (property !== undefined) return property;
      return value.others.length === 0 ? UNDEFINED : union(value.others.map((other) => memberOf(other, name)));
    }
    case 'union':
      // What is absent has no members: the access itself says that it is another of them.
      return union(value.alternatives.filter((part) => !isAbsent(part)).map((part) => memberOf(part, name)));
    case 'array':
      if (name === 'length') return value.open ? computed('member:length', [value]) : constant(value.elements.length);
      return /^\d+$/.test(name) ? (value.elements[Number(name)] ?? (value.open ? UNKNOWN : UNDEFINED)) : UNKNOWN;
    case 'computed':
      return computed(`member:${name}`, [value]);
    case 'closure':
    case 'constant':
    case 'builder':
    case 'unknown':
      return UNKNOWN;
  }
}

/** Calls `visit` for the value and all it is made of; a `true` from it stops the descent into that part. */
export function walkValue(value: Value, visit: (part: Value) => unknown, depth = 0): void {
  if (depth > 16 || visit(value) === true) return;
  switch (value.kind) {
    case 'element':
      walkValue(value.of, visit, depth + 1);
      break;
    case 'computed':
      for (const operand of value.operands) walkValue(operand, visit, depth + 1);
      break;
    case 'object':
      for (const part of value.properties.values()) walkValue(part, visit, depth + 1);
      for (const part of value.others) walkValue(part, visit, depth + 1);
      break;
    case 'array':
      for (const part of value.elements) walkValue(part, visit, depth + 1);
      break;
    case 'builder':
      for (const condition of value.statement.where ?? []) walkValue(condition.value, visit, depth + 1);
      break;
    case 'union':
      for (const part of value.alternatives) walkValue(part, visit, depth + 1);
      break;
    default:
  }
}

/** Whether the value, or something it is made of, passes. */
export function hasPart(value: Value, test: (part: Value) => boolean): boolean {
  let found = false;
  walkValue(value, (part) => {
    found ||= test(part);
    return found;
  });
  return found;
}

const sources = new WeakMap<Value, ReadonlySet<Operation>>();

/** The operations whose results the value is made of. */
export function sourcesOf(value: Value): ReadonlySet<Operation> {
  const known = sources.get(value);
  if (known !== undefined) return known;
  const found = new Set<Operation>();
  walkValue(value, (part) => {
    if (part.kind === 'result') found.add(part.operation);
  });
  sources.set(value, found);
  return found;
}

/** Whether the value is made of any operation's result. */
export function hasSource(value: Value): boolean {
  return hasPart(value, ({ kind }) => kind === 'result');
}

/** The roots (parameters, `this`, module bindings, …) the value is made of. */
export function rootsOf(value: Value): Root[] {
  const found: Root[] = [];
  walkValue(value, (part) => {
    if (part.kind === 'place') found.push(part.root);
  });
  return found;
}
