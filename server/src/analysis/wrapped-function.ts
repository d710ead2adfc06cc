/**
 * Functions that are known by the name of what a wrapper made of them: `export const getUser = cache(async (id) => …)`,
 * `export default traced(provision)`. A call of the name runs the function, the way the wrapper runs it: a wrapper of
 * the project is looked into, one of a package is believed to hand on its arguments unless its name says otherwise.
 */
import type { CallExpression, Expression, MadeNode, SourceFile } from '../typescript/syntax.ts';
import type { Position } from './activation.ts';
import type { FunctionFacts, Loop } from './fact.ts';
import { functionKey } from './hierarchy.ts';
import type { Interpreter, Surroundings } from './interpreter.ts';
import { isInLoop } from './loop-kind.ts';
import { soundsLikeLimiter, soundsLikeLock, soundsLikeRetry, soundsLikeTransaction } from './naming.ts';
import type { FileResolution } from './resolution.ts';
import { computed, type FunctionKey, type Value } from './value.ts';

export interface WrappedFunction {
  readonly path: string;
  /** Calls that the function went through, the outermost first. */
  readonly wrappers: readonly CallExpression[];
  /** The function handed to the innermost of them. */
  readonly given: Expression;
}

/** The one function that the calls are about; nothing where there is none or several. */
export function wrappedIn(file: SourceFile, made: MadeNode): WrappedFunction | undefined {
  const wrappers: CallExpression[] = [];
  let call = made.by;
  for (;;) {
    if (call.isNew) return undefined;
    const given = onlyFunction(call.args, file);
    if (given === undefined) {
      // `middy(handler).use(logger)` is still the handler.
      if (call.callee.kind !== 'member' || call.callee.object.kind !== 'call' || wrappers.length > 0) return undefined;
      call = call.callee.object;
      continue;
    }
    wrappers.push(call);
    if (given.kind !== 'call') return { path: file.path, wrappers, given };
    call = given;
  }
}

function onlyFunction(args: readonly Expression[], file: SourceFile): Expression | undefined {
  const functions = args.filter(({ kind }) => kind === 'function');
  if (functions.length > 0) return functions.length === 1 ? functions[0] : undefined;
  const calls = args.filter((arg) => arg.kind === 'call' && !arg.isNew && holdsFunction(arg, file));
  if (calls.length > 0) return calls.length === 1 ? calls[0] : undefined;
  const named = args.filter((arg) => {
    const variable = arg.kind === 'identifier' && arg.variable !== undefined ? file.variables[arg.variable] : undefined;
    return variable?.names !== undefined;
  });
  return named.length === 1 ? named[0] : undefined;
}

function holdsFunction(call: CallExpression, file: SourceFile): boolean {
  return onlyFunction(call.args, file) !== undefined;
}

export function functionOf({ path, given }: WrappedFunction, file: SourceFile): FunctionKey | undefined {
  if (given.kind === 'function') return functionKey(path, given.fn);
  const variable =
    given.kind === 'identifier' && given.variable !== undefined ? file.variables[given.variable] : undefined;
  return variable?.names === undefined ? undefined : functionKey(path, variable.names);
}

/** Functions of the project that a call of the wrapped function may run: itself, and its wrappers'. */
export function runBy(
  wrapped: WrappedFunction,
  file: SourceFile,
  resolution: FileResolution | undefined,
): readonly FunctionKey[] {
  const inner = functionOf(wrapped, file);
  const around = wrapped.wrappers.flatMap((call) => resolution?.targets[makerOf(call).call]?.functions ?? []);
  return inner === undefined ? around : [inner, ...around];
}

/** `traced` of `traced(options)(fn)`. */
function makerOf(call: CallExpression): CallExpression {
  let maker = call;
  while (maker.callee.kind === 'call') maker = maker.callee;
  return maker;
}

// ---------------------------------------------------------------- running it

/** What runs a wrapped function at the place of a call. */
interface Caller {
  readonly run: (fn: FunctionKey, args: readonly Value[], awaited: boolean) => Value;
  /** Makes the facts of a function that a wrapper returns the caller's own. */
  readonly enter: (facts: FunctionFacts, args: readonly Value[], awaited: boolean, inner: Inner) => Value;
}

/** The function that a wrapper was given: its parameter stands for it. */
export interface Inner {
  readonly fn: FunctionKey;
  readonly index: number;
  readonly run: (args: readonly Value[], awaited: boolean) => Value | undefined;
}

/** Runs it as its wrappers do; undefined where one of them is not known to call it. */
export function runWrapped(
  interpreter: Interpreter,
  wrapped: WrappedFunction,
  args: readonly Value[],
  awaited: boolean,
  caller: Caller,
): Value | undefined {
  const { surroundings } = interpreter;
  const resolution = surroundings.resolution(wrapped.path);
  const info = surroundings.hierarchy.functions.get(functionKey(wrapped.path, 0));
  const fn = info === undefined ? undefined : functionOf(wrapped, info.file);
  if (fn === undefined || resolution === undefined) return undefined;
  const through = (layer: number, given: readonly Value[], waits: boolean): Value | undefined => {
    const call = wrapped.wrappers[layer];
    if (call === undefined) return caller.run(fn, given, waits);
    const maker = makerOf(call);
    const target = resolution.targets[maker.call];
    const [own] = target?.functions ?? [];
    const next = (more: readonly Value[], alsoWaits: boolean): Value | undefined => through(layer + 1, more, alsoWaits);
    if (own !== undefined) {
      if (target?.functions.length !== 1) return undefined;
      const argument = wrapped.wrappers[layer + 1] ?? wrapped.given;
      const way = wayThrough(surroundings, own, call, call.args.indexOf(argument));
      if (way === undefined) return undefined;
      const work = (): Value | undefined =>
        way === 'same' ? next(given, waits) : caller.enter(way.facts, given, waits, { ...way, run: next });
      return REMEMBERS.test(nameOf(maker)) ? remembered(interpreter, given, work) : work();
    }
    if (target?.model !== undefined) return undefined;
    return handedOn(interpreter, nameOf(maker), given, () => next(given, waits));
  };
  return through(0, args, awaited);
}

// ---------------------------------------------------------------- wrappers of the project

interface Way {
  /** What the wrapper returns. */
  readonly facts: FunctionFacts;
  readonly fn: FunctionKey;
  readonly index: number;
}

/** How a call of the result comes to the argument: not at all, as it is, or through a function that the wrapper returns. */
function wayThrough(
  surroundings: Surroundings,
  maker: FunctionKey,
  call: CallExpression,
  index: number,
): 'same' | Way | undefined {
  let fn: FunctionKey | undefined = maker;
  // `traced(options)` gives the function that is then given ours.
  for (let part: Expression = call.callee; part.kind === 'call'; part = part.callee) {
    const returned: Value | undefined = fn === undefined ? undefined : surroundings.factsOf(fn)?.returns;
    fn = returned?.kind === 'closure' ? returned.fn : undefined;
  }
  const facts = fn === undefined ? undefined : surroundings.factsOf(fn);
  if (fn === undefined || facts === undefined) return undefined;
  return wayOf(surroundings, facts.returns, fn, index);
}

function wayOf(surroundings: Surroundings, value: Value, fn: FunctionKey, index: number): 'same' | Way | undefined {
  switch (value.kind) {
    case 'place':
      return isParameter(value, fn, index) ? 'same' : undefined;
    case 'union': {
      const ways = value.alternatives.map((part) => wayOf(surroundings, part, fn, index));
      return ways.includes('same') ? 'same' : ways.find((way) => way !== undefined);
    }
    case 'computed': {
      const name = /^call:(.+)/.exec(value.operator)?.[1];
      if (name === undefined || RUNS_ANOTHER_WAY.test(name)) return undefined;
      return value.operands.map((part) => wayOf(surroundings, part, fn, index)).find((way) => way !== undefined);
    }
    case 'closure': {
      const facts = surroundings.factsOf(value.fn);
      if (facts === undefined) return undefined;
      if (callsParameter(facts, fn, index)) return { facts, fn, index };
      // What waits for a timer does not run at the call.
      if (facts.operations.some(({ effect }) => effect.kind === 'timer')) return undefined;
      return partsOf(surroundings, facts).some((part) => handsOn(part, facts.fn.key, fn, index)) ? 'same' : undefined;
    }
    default:
      return undefined;
  }
}

function callsParameter({ operations }: FunctionFacts, fn: FunctionKey, index: number): boolean {
  return operations.some(({ effect }) => effect.kind === 'parameter-call' && isParameter(effect.callee, fn, index));
}

/** Whether the part calls the wrapped function with what the function around it, `own`, was given. */
function handsOn({ operations }: FunctionFacts, own: FunctionKey, fn: FunctionKey, index: number): boolean {
  return operations.some(
    ({ effect }) =>
      effect.kind === 'parameter-call' &&
      isParameter(effect.callee, fn, index) &&
      effect.args.some((arg) => arg.kind === 'place' && arg.root.kind === 'parameter' && arg.root.fn === own),
  );
}

export function isParameter(value: Value, fn: FunctionKey, index: number): boolean {
  return (
    value.kind === 'place' &&
    value.path.length === 0 &&
    value.root.kind === 'parameter' &&
    value.root.fn === fn &&
    value.root.index === index
  );
}

/** Functions written inside of it that some library runs: `tracer.startActiveSpan(name, () => fn(...args))`. */
function partsOf(surroundings: Surroundings, { fn }: FunctionFacts): FunctionFacts[] {
  const { start, end } = fn.node.bodySpan;
  return fn.file.functions
    .filter((node) => node.parent !== undefined && start <= node.start && node.end <= end)
    .flatMap((node) => surroundings.factsOf(functionKey(fn.path, node.index)) ?? []);
}

// ---------------------------------------------------------------- wrappers of packages

/** Not at the call, or not what is called: a factory's callback, a debounced or registered function. */
const RUNS_ANOTHER_WAY =
  /^(create|make|build|define|use|new|mock|on|with(Default|Options))([A-Z_]|$)|^(map|filter|then|catch|reduce|sort|bind)$|debounce|throttle|delay|defer|later|schedule|cron|interval|timeout|queue|batch|loader|computed|derived|selector|subscri|listen|regist|lazy|import|watch|effect/i;

/** A call with the same arguments does not run it again. */
const REMEMBERS = /memo|cache|once|dedupe|singleton|single_?flight/i;

function nameOf({ callee }: CallExpression): string {
  return callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
}

function handedOn(
  interpreter: Interpreter,
  name: string,
  args: readonly Value[],
  work: () => Value | undefined,
): Value | undefined {
  if (name === '' || RUNS_ANOTHER_WAY.test(name)) return undefined;
  if (REMEMBERS.test(name)) return remembered(interpreter, args, work);
  const { activation } = interpreter;
  const change = terms(interpreter, name);
  return change === undefined ? work() : activation.within(change, work);
}

/** What the wrapper's name promises: `withTransaction(fn)`, `locked(fn)`, `retrying(fn)`. */
function terms({ activation }: Interpreter, name: string): Partial<Position> | undefined {
  const { position } = activation;
  const at = activation.info;
  const place = { path: at.path, start: at.node.start, end: at.node.start };
  if (soundsLikeTransaction(name)) {
    const transaction = { id: activation.nextId(), at: place, model: 'shape' };
    return { transactions: [...position.transactions, transaction] };
  }
  if (soundsLikeLock(name)) {
    const key = computed(`call:${name}`, []);
    const lock = { id: activation.nextId(), at: place, key, model: 'shape', kind: 'mutex', reentrant: false } as const;
    return { locks: [...position.locks, lock] };
  }
  if (soundsLikeRetry(name)) return { retried: 'with-backoff' };
  return soundsLikeLimiter(name) ? { limited: true } : undefined;
}

/** Loops that call it with the same arguments in every round run it once. */
function remembered(
  { activation }: Interpreter,
  args: readonly Value[],
  work: () => Value | undefined,
): Value | undefined {
  const { loops } = activation.position;
  const left = loops.filter((loop) => args.some((arg) => mayVary(arg, loop)));
  return left.length === loops.length ? work() : activation.within({ loops: left }, work);
}

function mayVary(value: Value, loop: Loop): boolean {
  switch (value.kind) {
    case 'constant':
      // `for (let i = 0; …)` is walked once.
      return loop.form === 'for' || loop.form === 'while';
    case 'place':
      return value.path.includes('[]');
    case 'element':
      return value.loop === loop.id || mayVary(value.of, loop);
    case 'result':
      return isInLoop(value.operation, loop);
    case 'computed':
      return value.operands.some((part) => mayVary(part, loop));
    case 'object':
      return [...value.properties.values(), ...value.others].some((part) => mayVary(part, loop));
    case 'array':
      return value.open || value.elements.some((part) => mayVary(part, loop));
    case 'union':
      return value.alternatives.some((part) => mayVary(part, loop));
    case 'closure':
      return false;
    case 'builder':
    case 'unknown':
      return true;
  }
}
