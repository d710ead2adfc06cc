/**
 * What one call does: run a closure here, instantiate a project function's facts, have a model's effect, or nothing
 * that is known.
 */
import { type ArgumentFact, formOf, matchShape } from '../models/matcher.ts';
import type { CallbackModel, CallModel } from '../models/model.ts';
import { SHAPES } from '../models/shape.ts';
import type { Location } from '../rule.ts';
import type { CallExpression, Expression, Span, Statement } from '../typescript/syntax.ts';
import type { Writable } from './activation.ts';
import { actingLink, amend, build, confirmed, prepare, settle, statementOf } from './builder.ts';
import { type CallView, effectOf, follow, isolationName } from './effect.ts';
import type { Basis, Effect, LockContext, Loop, Operation, TransactionContext } from './fact.ts';
import { instantiate, type Site } from './instantiate.ts';
import { type Interpreter, isUnit } from './interpreter.ts';
import { conflictIn, handlerOutcome, isShortSlice, repeatsOver } from './loop-kind.ts';
import {
  soundsLikeLimiter,
  soundsLikeLock,
  soundsLikeRegistration,
  soundsLikeRemote,
  soundsLikeRetry,
  soundsLikeTransaction,
} from './naming.ts';
import { apply, isWrapped, piped, type Runner, wrapped } from './pipeline.ts';
import { type CallTarget, MAX_TARGETS } from './resolution.ts';
import { entityName, initialOf } from './table-name.ts';
import { DETACHED, involves, withoutEnded } from './transaction.ts';
import { buffer, defer, flushed, loopsOfBuffer } from './unit-of-work.ts';
import {
  type ClosureValue,
  computed,
  type FunctionKey,
  keyOf,
  memberOf,
  sourcesOf,
  UNDEFINED,
  UNKNOWN,
  union,
  type Value,
} from './value.ts';
import { functionOf, runWrapped, type WrappedFunction } from './wrapped-function.ts';

/** Members that hand on the rows they are called on. */
const PASS_THROUGH = new Set([
  'filter',
  'slice',
  'reverse',
  'toReversed',
  'flat',
  'concat',
  'values',
  'toArray',
  'at',
  'pop',
  'shift',
]);

interface Call {
  readonly expression: CallExpression;
  readonly name: string;
  readonly at: Span;
  readonly receiver: Value | undefined;
  readonly callee: Value | undefined;
  readonly args: readonly Value[];
  readonly awaited: boolean;
  readonly target: CallTarget | undefined;
}

export function evaluateCall(interpreter: Interpreter, expression: CallExpression, awaited: boolean): Value {
  const { activation } = interpreter;
  const callee = expression.callee;
  const target = interpreter.surroundings.resolution(interpreter.file.path)?.targets[expression.call];
  let receiver: Value | undefined;
  let calleeValue: Value | undefined;
  if (callee.kind === 'member') {
    receiver = interpreter.evaluate(callee.object, awaited);
    calleeValue = interpreter.member(receiver, callee.name, callee.nameAt);
  } else if (callee.kind === 'super') receiver = interpreter.frame.thisValue;
  else if (!isKnownImport(interpreter, callee, target))
    calleeValue = interpreter.evaluate(callee, awaited && callee.kind === 'call');
  const waits = awaited || waitsForArguments(expression);
  const args: Value[] = [];
  for (const arg of expression.args) {
    const value = interpreter.evaluate(arg, waits);
    if (arg.kind === 'spread-expression' && value.kind === 'array' && !value.open) args.push(...value.elements);
    else args.push(value);
  }
  activation.calls += 1;
  const call: Call = {
    expression,
    name: nameOf(expression),
    at: expression.nameAt ?? expression,
    receiver,
    callee: calleeValue,
    args,
    awaited,
    target,
  };
  if (target?.resolved === true || target?.model !== undefined || calleeValue?.kind === 'closure')
    activation.callsResolved += 1;
  noteStream(interpreter, call);
  return dispatch(interpreter, call);
}

/** An imported function whose call is resolved: its value says nothing more. */
function isKnownImport(interpreter: Interpreter, callee: Expression, target: CallTarget | undefined): boolean {
  if (callee.kind !== 'identifier' || callee.variable === undefined) return false;
  if (interpreter.file.variables[callee.variable]?.kind !== 'import') return false;
  return target !== undefined && (target.functions.length > 0 || target.model !== undefined);
}

const STREAM_EVENTS: ReadonlySet<unknown> = new Set(['data', 'row', 'record', 'document', 'line', 'entry']);

/** `new Transform({ transform(chunk, …) {…} })`, `stream.on('data', …)`: a loop without the keyword. */
function noteStream(interpreter: Interpreter, call: Call): void {
  const { name, args, receiver } = call;
  if (name === 'pipeline' || name === 'pipe') {
    const source = name === 'pipe' ? sourceOf(receiver) : args[0];
    if (source?.kind === 'result') for (const arg of args) linkStream(interpreter, arg, source);
    return;
  }
  let callback: Value | undefined;
  if (call.expression.isNew && /^(Transform|Writable|Duplex|PassThrough)$/.test(name)) {
    callback = args[0] === undefined ? undefined : memberOf(args[0], name === 'Writable' ? 'write' : 'transform');
  } else if (name === 'on' && args[0]?.kind === 'constant' && STREAM_EVENTS.has(args[0].value)) callback = args[1];
  else if (name === 'eachRow' || name === 'eachAsync') callback = args.find((arg) => arg.kind === 'closure');
  if (callback?.kind !== 'closure') return;
  const loop = callbackLoop(interpreter, call, receiver, name, 'sequential');
  interpreter.activation.streams.set(callback.fn, { ...loop, form: 'stream', repeats: 'elements' });
}

/** `rows.pipe(parse).pipe(store)`: the first of them. */
function sourceOf(value: Value | undefined): Value | undefined {
  let source = value;
  while (source?.kind === 'computed' && source.operator === 'call:pipe') source = source.operands[0];
  return source;
}

/** What a transform handles are the rows of the source. */
function linkStream({ activation }: Interpreter, handler: Value, source: Value): void {
  if (handler.kind !== 'computed' || !/^new:(Transform|Writable|Duplex)$/.test(handler.operator)) return;
  const [options] = handler.operands;
  for (const name of ['transform', 'write']) {
    const callback = options === undefined ? undefined : memberOf(options, name);
    const loop = callback?.kind === 'closure' ? activation.streams.get(callback.fn) : undefined;
    if (loop !== undefined && callback?.kind === 'closure')
      activation.streams.set(callback.fn, { ...loop, over: source });
  }
}

/** `Promise.all([a(), b()])`: its arguments are waited for when it is. */
function waitsForArguments(expression: CallExpression): boolean {
  const callee = expression.callee;
  return callee.kind === 'member' && callee.object.kind === 'identifier' && callee.object.name === 'Promise';
}

function nameOf(expression: CallExpression): string {
  const callee = expression.callee;
  if (callee.kind === 'member') return callee.name;
  if (callee.kind === 'identifier') return callee.name;
  if (callee.kind === 'super') return 'super';
  return callee.kind === 'call' ? nameOf(callee) : '';
}

function dispatch(interpreter: Interpreter, call: Call): Value {
  const { callee, target } = call;
  if (callee?.kind === 'result' && callee.path.length === 0 && release(interpreter, call, callee.operation))
    return UNDEFINED;
  const made = callee === undefined ? undefined : madeClosure(interpreter, callee, target?.functions[0]);
  if (made !== undefined)
    return underTerms(interpreter, made, () => projectCall(interpreter, call, [made.fn], { given: made.given }));
  if (callee?.kind === 'closure' && callee.environment !== undefined) {
    const value = underTerms(interpreter, callee, () => interpreter.inline(callee, call.args, call.awaited));
    return value ?? recursion(interpreter, call, callee.fn);
  }
  if (isWrapped(callee) && !(callee.runs.runs === 'later' || callee.runs.runs === 'retry'))
    return apply(callee, call.args, runnerAt(interpreter, call));
  const functions = target?.functions ?? [];
  if (functions.length > MAX_TARGETS) {
    interpreter.activation.coarse = true;
    return unknownCall(interpreter, call);
  }
  if (functions.length > 0) return projectCall(interpreter, call, functions);
  const builtin = builtinCall(interpreter, call);
  if (builtin !== undefined) return builtin;
  if (target?.model !== undefined) return modelCall(interpreter, call, target.model);
  if (callee?.kind === 'closure')
    return underTerms(interpreter, callee, () => projectCall(interpreter, call, [callee.fn]));
  const kept = callee === undefined ? undefined : keptWrapper(interpreter, callee);
  if (kept !== undefined) return runCallback(interpreter, kept, call.args, call.awaited) ?? UNKNOWN;
  const ran = target?.wrapped === undefined ? undefined : wrappedCall(interpreter, call, target.wrapped);
  if (ran !== undefined) return ran;
  return unresolvedCall(interpreter, call);
}

/** `getUser(id)` where `getUser = cache(async (id) => …)`. */
function wrappedCall(interpreter: Interpreter, call: Call, wrapped: WrappedFunction): Value | undefined {
  return runWrapped(interpreter, wrapped, call.args, call.awaited, {
    run: (fn, args, awaited) => projectCall(interpreter, { ...call, args, awaited }, [fn], { isWhole: false }),
    enter: (facts, args, awaited, inner) =>
      instantiate(interpreter, facts, { ...siteOf(call), args, awaited, coarse: false, complete: false, inner }),
  });
}

function siteOf({ at, expression, name, receiver }: Call): Pick<Site, 'at' | 'span' | 'name' | 'receiver'> {
  return { at, span: expression, name, receiver };
}

/** Runs a function that a wrapper was made of as the wrapper does. */
function underTerms<T>(interpreter: Interpreter, { terms }: ClosureValue, work: () => T): T {
  if (terms === undefined) return work();
  const { position } = interpreter.activation;
  return interpreter.activation.within(
    {
      transactions: [...position.transactions, ...(terms.transactions ?? [])],
      locks: [...position.locks, ...(terms.locks ?? [])],
      limited: position.limited || terms.limited === true,
    },
    work,
  );
}

/** `const transfer = db.transaction((from, to) => …)` of a module, or a class's property. */
function keptWrapper(interpreter: Interpreter, callee: Value): ClosureValue | undefined {
  const kept = callee.kind === 'place' ? initialOf(callee, interpreter) : undefined;
  return kept?.kind === 'closure' && kept.terms !== undefined ? kept : undefined;
}

/** `queries.findById` where `queries = createQueries(pool)`, of this function, of the module or of the class. */
function madeClosure(
  interpreter: Interpreter,
  callee: Value,
  target: FunctionKey | undefined,
): ClosureValue | undefined {
  if (callee.kind === 'closure') return callee.given === undefined ? undefined : callee;
  if (callee.kind !== 'place' || target === undefined) return undefined;
  const info = interpreter.surroundings.hierarchy.functions.get(target);
  if (info === undefined || isUnit(info.node)) return undefined;
  const kept = initialOf(callee, interpreter);
  return kept?.kind === 'closure' && kept.given !== undefined && kept.fn === target ? kept : undefined;
}

/** `const release = await mutex.acquire(); …; release()`: what an acquisition gave is called. */
function release(interpreter: Interpreter, call: Call, taken: Operation): boolean {
  if (taken.effect.kind !== 'lock' || taken.effect.action !== 'acquire') return false;
  const recorded = interpreter.activation.record({
    effect: { ...taken.effect, action: 'release' },
    at: interpreter.at(call.at),
    span: interpreter.at(call.expression),
    name: call.name,
    model: taken.model,
    basis: taken.basis,
    fn: interpreter.frame.fn,
    executor: taken.executor,
  });
  if (recorded !== undefined) applyToPosition(interpreter, recorded);
  return true;
}

function runnerAt(interpreter: Interpreter, call: Call): Runner {
  return {
    run: (callee, args) => settled(interpreter, runCallback(interpreter, callee, args, call.awaited)),
    inLoop: (loop, work) => interpreter.inLoop(loop, work),
    loopOver: (over, name, concurrency) => callbackLoop(interpreter, call, over, name, concurrency),
  };
}

function settled(interpreter: Interpreter, value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : settle(interpreter, value);
}

function recursion(interpreter: Interpreter, call: Call, fn: string): Value {
  interpreter.activation.record({
    effect: { kind: 'recursion', callee: fn, args: call.args },
    at: interpreter.at(call.at),
    span: interpreter.at(call.expression),
    name: call.name,
    model: `recursion:${fn}`,
    basis: 'type',
    fn: interpreter.frame.fn,
  });
  return UNKNOWN;
}

/** `isWhole`: what the call is given is all that the functions are given. `given`: of functions that a call made. */
function projectCall(
  interpreter: Interpreter,
  call: Call,
  functions: readonly string[],
  { isWhole = true, given }: { isWhole?: boolean; given?: ClosureValue['given'] } = {},
): Value {
  const { surroundings, activation } = interpreter;
  const results: Value[] = [];
  let known = false;
  for (const key of functions) {
    if (surroundings.sameCycle(activation.info.key, key)) results.push(recursion(interpreter, call, key));
    const facts = surroundings.factsOf(key);
    if (facts === undefined) continue;
    known = true;
    results.push(
      instantiate(interpreter, facts, {
        at: call.at,
        span: call.expression,
        name: call.name,
        receiver: call.expression.isNew
          ? computed(`new:${call.name}`, [], interpreter.at(call.expression))
          : call.receiver,
        given,
        args: call.args,
        awaited: call.awaited || facts.fn.node.async === false,
        coarse: functions.length > 3,
        complete: isWhole && call.expression.args.every((arg) => arg.kind !== 'spread-expression'),
      }),
    );
  }
  if (call.expression.isNew) return computed(`new:${call.name}`, call.args, interpreter.at(call.expression));
  if (!known && results.length === 0) return unknownCall(interpreter, call);
  const value = union(results);
  // A function nothing is known to come out of is still a function of its arguments.
  if (value.kind === 'unknown')
    return computed(`call:${call.name}`, [...(call.receiver === undefined ? [] : [call.receiver]), ...call.args]);
  return value;
}

// ---------------------------------------------------------------- the language itself

/** Promises, arrays and functions: known by name, so that untyped code is followed as well. */
function builtinCall(interpreter: Interpreter, call: Call): Value | undefined {
  const { receiver, name, args, expression } = call;
  if (expression.isNew) return name === 'Promise' ? newPromise(interpreter, call) : undefined;
  if (receiver === undefined) return undefined;
  const outside = call.target?.package;
  if (outside !== undefined && outside !== 'lib' && !outside.startsWith('node:')) {
    if (name !== 'then' && name !== 'catch' && name !== 'finally') return undefined;
  }
  const first = args[0];
  switch (name) {
    case 'then': {
      const given = settle(interpreter, receiver);
      if (first === undefined) return given;
      interpreter.activation.segment += 1;
      const value = runCallback(interpreter, first, [given], call.awaited);
      // `.then(() => true)` says that the promise was fulfilled: what it was made of stays part of the answer.
      if (value?.kind === 'constant' && typeof value.value === 'boolean') return computed('fulfilled', [value, given]);
      return value ?? computed('call:then', [given]);
    }
    case 'catch': {
      const given = settle(interpreter, receiver);
      if (first === undefined) return given;
      const { activation } = interpreter;
      const body =
        first.kind === 'closure' ? interpreter.surroundings.hierarchy.functions.get(first.fn)?.node.body : undefined;
      const context = {
        id: activation.nextId(),
        at: interpreter.at(expression),
        in: 'handler' as const,
        handler: body === undefined ? ('continues' as const) : handlerOutcome(body),
        hasFinalizer: false,
        ...conflictIn(interpreter.file.text.slice((expression.nameAt ?? expression).start, expression.end)),
      };
      // What the promise is made of fails into the handler.
      for (const operation of activation.operations) {
        const { start, end, path } = operation.chain[0]?.at ?? operation.at;
        if (path !== context.at.path || start < expression.start || end > (expression.nameAt ?? expression).start)
          continue;
        operation.tries = [...operation.tries, { ...context, in: 'block' }];
      }
      const value = activation.within({ tries: [...activation.position.tries, context] }, () =>
        runCallback(interpreter, first, [computed('caught', [])], call.awaited),
      );
      return union([given, value ?? UNKNOWN]);
    }
    case 'finally': {
      const given = settle(interpreter, receiver);
      if (first !== undefined) runCallback(interpreter, first, [], call.awaited);
      return given;
    }
    case 'bind':
      return call.callee === undefined ? undefined : receiver;
    case 'call':
    case 'apply':
      return applied(interpreter, call, receiver);
    case 'push':
    case 'unshift':
      grow(interpreter, call);
      return undefined;
    case 'all':
    case 'allSettled':
      if (receiver.kind === 'place' && receiver.root.kind === 'global' && receiver.root.name === 'Promise') {
        return first ?? UNKNOWN;
      }
      return undefined;
    case 'resolve':
      if (receiver.kind === 'place' && receiver.root.kind === 'global' && receiver.root.name === 'Promise')
        return first ?? UNDEFINED;
      return undefined;
    default:
      return iteration(interpreter, call);
  }
}

/** `fn.call(this, …)`, `fn.apply(this, args)` of a function value. */
function applied(interpreter: Interpreter, call: Call, callee: Value): Value | undefined {
  const isFunction =
    callee.kind === 'closure' ||
    (callee.kind === 'place' && callee.root.kind === 'parameter' && callee.path.length === 0);
  if (!isFunction) return undefined;
  const [, ...given] = call.args;
  const [list] = given;
  const args = call.name === 'call' || list?.kind !== 'array' ? given : list.open ? [UNKNOWN] : list.elements;
  return runCallback(interpreter, callee, args, call.awaited);
}

/** A local list gets more elements: in a loop, or from another list, how many is not known. */
function grow(interpreter: Interpreter, call: Call): void {
  const { receiver, expression } = call;
  const callee = expression.callee;
  if (receiver?.kind !== 'array' || callee.kind !== 'member') return;
  if (callee.object.kind !== 'identifier' || callee.object.variable === undefined) return;
  const spread = expression.args.some((arg) => arg.kind === 'spread-expression');
  const open = receiver.open || spread || interpreter.activation.position.loops.length > 0;
  const elements = [...receiver.elements, ...call.args].slice(0, 16);
  interpreter.frame.variables.set(callee.object.variable, { kind: 'array', elements, open });
}

/** `new Promise((resolve) => setTimeout(resolve, ms))` waits; any other executor runs now. */
function newPromise(interpreter: Interpreter, call: Call): Value {
  const executor = call.args[0];
  if (executor === undefined) return UNKNOWN;
  const { activation } = interpreter;
  const start = activation.operations.length;
  const resolve = computed('resolve', [], interpreter.at(call.expression));
  runCallback(interpreter, executor, [resolve, computed('reject', [])], true);
  for (const operation of activation.operations.slice(start)) {
    const { effect } = operation;
    if (effect.kind !== 'timer' || effect.action !== 'start' || effect.repeating) continue;
    if (effect.handler.kind !== 'closure' && keyOf(effect.handler) !== keyOf(resolve)) continue;
    activation.record({
      effect: { kind: 'wait', for: 'time', ...(effect.delay === undefined ? {} : { duration: effect.delay }) },
      at: operation.at,
      span: operation.span,
      name: operation.name,
      model: 'lib#sleep',
      basis: 'type',
      fn: interpreter.frame.fn,
    });
  }
  // `new Promise((resolve) => fs.access(path, (error) => resolve(!error)))`: the answer is the check's.
  const checks = activation.operations
    .slice(start)
    .filter(({ effect }) => effect.kind === 'file' && effect.action === 'check');
  return computed(
    'new:Promise',
    checks.map((operation) => ({ kind: 'result', operation, path: [] })),
  );
}

const ITERATIONS: Readonly<
  Record<string, { element: number; gives: 'list' | 'rows' | 'row' | 'value' | 'nothing' | 'same' }>
> = {
  map: { element: 0, gives: 'list' },
  flatMap: { element: 0, gives: 'list' },
  forEach: { element: 0, gives: 'nothing' },
  filter: { element: 0, gives: 'rows' },
  find: { element: 0, gives: 'row' },
  findLast: { element: 0, gives: 'row' },
  some: { element: 0, gives: 'value' },
  every: { element: 0, gives: 'value' },
  findIndex: { element: 0, gives: 'value' },
  reduce: { element: 1, gives: 'value' },
  reduceRight: { element: 1, gives: 'value' },
  sort: { element: 0, gives: 'same' },
  toSorted: { element: 0, gives: 'same' },
};

/** Array methods with a callback, and those that hand on their receiver. */
function iteration(interpreter: Interpreter, call: Call): Value | undefined {
  const { receiver, name, args } = call;
  if (receiver === undefined) return undefined;
  const form = ITERATIONS[name];
  const callback = form === undefined || args[0] === undefined ? args[0] : unwrapped(interpreter, args[0]);
  if (form !== undefined && callback?.kind === 'closure') {
    if (form.gives === 'same') return sorted(interpreter, call, computed(`call:${name}`, [receiver]));
    // A reducer waits for the accumulator first in all code that works.
    const overlaps = form.element === 0 && givesPromise(interpreter, callback);
    const loop = callbackLoop(interpreter, call, receiver, name, overlaps ? 'parallel' : 'sequential');
    const element: Value = { kind: 'element', of: receiver, loop: loop.id, path: [] };
    const given = form.element === 1 ? [args[1] ?? UNKNOWN, element] : [element];
    const value = interpreter.inLoop(loop, () => runCallback(interpreter, callback, given, call.awaited)) ?? UNKNOWN;
    switch (form.gives) {
      case 'rows':
        return receiver;
      case 'row':
        return { kind: 'element', of: receiver, loop: loop.id, path: [] };
      case 'nothing':
        return UNDEFINED;
      default:
        return computed(`call:${name}`, [receiver, value]);
    }
  }
  if (callback === undefined && (name === 'sort' || name === 'toSorted'))
    return sorted(interpreter, call, computed('call:sort', [receiver]));
  // How many there are at most decides what a loop over them costs.
  if (name === 'slice' && isShortSlice(args)) return computed('call:slice', [receiver, ...args]);
  if (
    PASS_THROUGH.has(name) &&
    (receiver.kind === 'result' || receiver.kind === 'element') &&
    callback?.kind !== 'closure'
  ) {
    if (name === 'at' || name === 'pop' || name === 'shift') return memberOf(receiver, '0');
    return receiver;
  }
  return undefined;
}

/** `ids.sort()` sorts what the variable holds. */
function sorted({ frame }: Interpreter, { name, expression: { callee } }: Call, value: Value): Value {
  const variable = callee.kind === 'member' && callee.object.kind === 'identifier' ? callee.object.variable : undefined;
  if (name === 'sort' && variable !== undefined && frame.variables.get(variable) !== undefined)
    frame.variables.set(variable, value);
  return value;
}

/** `ids.map(getUser)` where `getUser = cache(async (id) => …)`: the function itself. */
function unwrapped({ surroundings }: Interpreter, value: Value): Value {
  if (value.kind !== 'place' || value.root.kind !== 'module' || value.path.length > 0) return value;
  const wrapped = surroundings.hierarchy.wrappedNamed(value.root.path, value.root.name);
  const file = wrapped === undefined ? undefined : surroundings.hierarchy.fileAt(wrapped.path);
  const fn = wrapped === undefined || file === undefined ? undefined : functionOf(wrapped, file);
  return fn === undefined ? value : { kind: 'closure', fn, environment: undefined };
}

function callbackLoop(
  interpreter: Interpreter,
  call: Call,
  over: Value | undefined,
  name: string,
  concurrency: Loop['concurrency'],
): Loop {
  return {
    id: interpreter.activation.nextId(),
    form: 'callback',
    at: interpreter.at(call.at),
    fn: interpreter.frame.fn,
    name,
    repeats: over === undefined ? 'unknown' : repeatsOver(over, interpreter.surroundings.initializerOf),
    concurrency,
    ...(over === undefined ? {} : { over }),
  };
}

/** Async, or returns what may be a promise: nobody waits for one run before the next begins. */
function givesPromise(interpreter: Interpreter, closure: ClosureValue): boolean {
  const node = interpreter.surroundings.hierarchy.functions.get(closure.fn)?.node;
  if (node === undefined) return false;
  return node.async || node.body.some(returnsCall);
}

function returnsCall(statement: Statement): boolean {
  switch (statement.kind) {
    case 'return':
      return statement.value !== undefined && mayBePromise(statement.value);
    case 'if':
      return statement.then.some(returnsCall) || statement.else.some(returnsCall);
    case 'block':
      return statement.body.some(returnsCall);
    case 'try':
      return statement.block.some(returnsCall);
    case 'switch':
      return statement.cases.some((part) => part.body.some(returnsCall));
    default:
      return false;
  }
}

function mayBePromise(value: Expression): boolean {
  if (value.kind === 'conditional') return mayBePromise(value.then) || mayBePromise(value.else);
  if (value.kind === 'logical') return mayBePromise(value.left) || mayBePromise(value.right);
  return value.kind === 'call' || value.kind === 'identifier';
}

/** Runs a function value here; undefined when it is not one we can run. */
export function runCallback(
  interpreter: Interpreter,
  callee: Value,
  args: readonly Value[],
  awaited: boolean,
): Value | undefined {
  if (callee.kind === 'union') {
    const values = callee.alternatives.map((part) => runCallback(interpreter, part, args, awaited));
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : union(known);
  }
  // A callback handed on: what it does is put here by whoever gives it.
  if (callee.kind === 'place' && callee.root.kind === 'parameter') {
    const at = interpreter.at(interpreter.activation.info.node.nameAt ?? interpreter.activation.info.node);
    return parameterCall(interpreter, callee, args, at, at, callee.root.name);
  }
  if (callee.kind !== 'closure') return undefined;
  if (callee.terms !== undefined) {
    const { terms: _, ...plain } = callee;
    return underTerms(interpreter, callee, () => runCallback(interpreter, plain, args, awaited));
  }
  if (callee.environment !== undefined) return interpreter.inline(callee, args, awaited);
  const { surroundings, activation } = interpreter;
  const info = surroundings.hierarchy.functions.get(callee.fn);
  const facts = surroundings.factsOf(callee.fn);
  if (info === undefined || facts === undefined || surroundings.sameCycle(activation.info.key, callee.fn))
    return undefined;
  const at = activation.position.loops.at(-1)?.at;
  return instantiate(interpreter, facts, {
    at:
      at !== undefined && at.path === interpreter.file.path
        ? at
        : (interpreter.activation.info.node.nameAt ?? interpreter.activation.info.node),
    span: info.node,
    name: info.node.name,
    receiver: undefined,
    given: callee.given,
    args,
    awaited,
    coarse: false,
    // More may be handed to a callback than its model says.
    complete: false,
  });
}

// ---------------------------------------------------------------- models

function modelCall(interpreter: Interpreter, call: Call, found: { id: string; model: CallModel; basis: Basis }): Value {
  const model = found.model.forms === undefined ? found.model : formOf(found.model, argumentFacts(call));
  const view = viewOf(interpreter, call);
  if (model.builds !== undefined) {
    const amended = amend(model.builds, view);
    if (amended !== undefined) return amended;
  }
  if (model.builds !== undefined) return build(model, model.builds, view, found, call.at, call.expression, call.name);
  const statements = follow(model.batches, view);
  if (statements !== undefined) batch(interpreter, call, found.id, statements);
  if (model.pipes !== undefined) {
    const value = piped(model.pipes, view, runnerAt(interpreter, call));
    if (value !== undefined) return value;
  }
  if (model.wraps?.runs === 'each' || (model.wraps?.runs === 'once' && model.wraps.parameters !== undefined))
    return wrapped(model.wraps, view, call.name);
  if (model.wraps?.runs === 'once') return wrappedClosure(interpreter, call, model.wraps, view, found.id);
  if (model.buffers === true) return buffer(interpreter, call.receiver, call.expression);
  const begun = loopsOfBuffer(interpreter, call.receiver);
  if (begun !== undefined) return queue(interpreter, call, { ...found, model }, view, begun);
  if (model.neutral === true && model.boundTo !== undefined && model.returns === undefined)
    return bound(call, model, view, found.id);
  if (model.neutral === true) return passed(call, model, view);
  if (model.deferred === true && model.effect !== undefined) {
    defer(interpreter, effectOf(model.effect, view), call.receiver);
    return passed(call, model, view);
  }
  if (
    model.flushes === true &&
    model.effect?.kind === 'database' &&
    flush(interpreter, call, { ...found, model }, view)
  )
    return UNKNOWN;
  if (model.effect?.kind === 'sql' && model.effect.awaitable === true) {
    const effect = effectOf(model.effect, view);
    if (effect !== undefined && 'kind' in effect && effect.kind === 'database')
      return prepare(view, effect, found, call, call.receiver);
  }
  const recorded = model.effect === undefined ? undefined : recordEffects(interpreter, call, { ...found, model }, view);
  let callbackValue: Value | undefined;
  for (const callback of model.callbacks ?? []) {
    const value =
      callback.runs === 'answered'
        ? afterAnswer(interpreter, callback, view, recorded)
        : runModelled(interpreter, call, callback, view, found.id, model);
    if (callback.returns !== 'nothing' && value !== undefined) {
      callbackValue =
        callback.returns === 'list'
          ? computed(`call:${call.name}`, [follow(callback.over, view) ?? UNKNOWN, value])
          : value;
    }
  }
  if (model.boundTo !== undefined && follow(model.boundTo, view) !== undefined)
    return bound(call, model, view, found.id);
  if (recorded !== undefined && model.returns === undefined)
    return { kind: 'result', operation: recorded, path: columnGiven(model, recorded.effect) };
  if (callbackValue !== undefined) return callbackValue;
  const value = passed(call, model, view);
  // `save({ … })` gives what it was given, and the columns that the database made.
  return recorded?.effect.kind === 'database' && value.kind === 'object'
    ? { ...value, others: [...value.others, { kind: 'result', operation: recorded, path: [] }] }
    : value;
}

/** The column that a query for one value asks for. */
function columnGiven({ effect: asked }: CallModel, effect: Effect): readonly string[] {
  if (asked?.kind !== 'sql' || asked.scalar !== true || effect.kind !== 'database') return [];
  const [output, another] = effect.sql?.statement.outputs ?? [];
  return output === undefined || another !== undefined ? [] : [output.name];
}

/** A handle for one table. */
function bound(call: Call, model: CallModel, view: CallView, id: string): Value {
  const to = follow(model.boundTo, view);
  if (to === undefined) return passed(call, model, view);
  const operands = [to, ...(call.receiver === undefined ? [] : [call.receiver])];
  if (model.instance === undefined) return computed('bound', operands);
  return { kind: 'computed', operator: 'bound', operands, instance: `${id.split('#')[0]}#${model.instance}` };
}

/** A command of a pipeline: goes out with the others, once for all rounds of a loop that queues it. */
function queue(
  interpreter: Interpreter,
  call: Call,
  found: { id: string; model: CallModel; basis: Basis },
  view: CallView,
  loops: readonly Loop[],
): Value {
  if (found.model.flushes === true || call.receiver === undefined) return passed(call, found.model, view);
  const recorded = interpreter.activation.within({ loops }, () => recordEffects(interpreter, call, found, view));
  // Whoever waits for `exec` waits for it.
  if (recorded !== undefined) recorded.awaited = true;
  return call.receiver;
}

/** `flush()` writes what was marked and changed before; false when that is not known, and the call speaks for itself. */
function flush(
  interpreter: Interpreter,
  call: Call,
  found: { id: string; model: CallModel; basis: Basis },
  view: CallView,
): boolean {
  const library = found.id.slice(0, found.id.lastIndexOf('#'));
  const own = found.model.effect === undefined ? undefined : effectOf(found.model.effect, view);
  const isGeneral = own === undefined || ('kind' in own && own.kind === 'database' && own.table === undefined);
  const effects = flushed(interpreter, library, call.receiver);
  for (const effect of effects) recordEffect(interpreter, call, found, view, effect);
  return effects.length > 0 && isGeneral;
}

function passed(call: Call, model: CallModel, view: CallView): Value {
  if (model.returns !== undefined) return follow(model.returns, view) ?? UNKNOWN;
  const parts = [...(call.receiver === undefined ? [] : [call.receiver]), ...call.args];
  const isDetached = model.detached !== undefined && !model.detached.unless.some((path) => maybeGiven(path, view));
  return computed(
    isDetached ? DETACHED : `${call.expression.isNew ? 'new' : 'call'}:${call.name}`,
    parts,
    model.fresh === true ? view.interpreter.at(call.expression) : undefined,
  );
}

function viewOf(interpreter: Interpreter, call: Call): CallView {
  const callee = call.expression.callee;
  return {
    interpreter,
    receiver: call.receiver,
    callee: call.callee,
    args: call.args,
    argExpressions: call.expression.args,
    receiverNames: callee.kind === 'member' ? namesOf(callee.object) : [],
    entity: call.target?.entity ?? boundEntity(call.receiver),
    typeArguments: call.expression.typeArguments,
  };
}

function boundEntity(receiver: Value | undefined): string | undefined {
  return receiver?.kind === 'computed' && receiver.operator === 'bound' ? entityName(receiver) : undefined;
}

function namesOf(expression: Expression): string[] {
  if (expression.kind === 'member') return [...namesOf(expression.object), expression.name];
  if (expression.kind === 'identifier') return [expression.name];
  if (expression.kind === 'this') return ['this'];
  if (expression.kind === 'call') return namesOf(expression.callee);
  return [];
}

function recordEffects(
  interpreter: Interpreter,
  call: Call,
  found: { id: string; model: CallModel; basis: Basis },
  view: CallView,
): Writable<Operation> | undefined {
  if (found.model.effect === undefined) return undefined;
  const effects = effectOf(found.model.effect, view);
  if (effects === undefined) return undefined;
  let last: Writable<Operation> | undefined;
  for (const effect of 'kind' in effects ? [effects] : effects) {
    const recorded = recordEffect(interpreter, call, found, view, effect);
    if (recorded === undefined) return last;
    last = recorded;
  }
  return last;
}

function recordEffect(
  interpreter: Interpreter,
  call: Call,
  found: { id: string; model: CallModel; basis: Basis },
  view: CallView,
  effect: Effect,
): Writable<Operation> | undefined {
  const { activation } = interpreter;
  const executor = executorOf(found, call, view);
  const place = { at: interpreter.at(call.at), span: interpreter.at(call.expression) };
  const statement = isBuilt(found.model) ? statementOf(call.receiver) : undefined;
  const recorded = activation.record({
    effect,
    ...place,
    ...(statement === undefined ? {} : actingLink(statement, place)),
    name: call.name,
    model: found.id,
    basis: found.basis,
    fn: interpreter.frame.fn,
    executor,
  });
  if (recorded === undefined) return undefined;
  const { effect: declared } = found.model;
  if (declared?.kind === 'sql' && declared.synchronous === true) recorded.awaited = true;
  // The transaction it gives is what queries go through from now on.
  if (found.model.executor?.startsWith('ReturnValue') === true)
    recorded.executor = { kind: 'result', operation: recorded, path: [] };
  // On a pool each statement takes any connection: this begins nothing for the next.
  if (effect.kind !== 'transaction' || !/#\w*Pool\./.test(found.id)) applyToPosition(interpreter, recorded);
  return recorded;
}

/** `execute()`, `getMany()`: runs the statement that it is called on. */
function isBuilt({ effect }: CallModel): boolean {
  return effect?.kind === 'database' && effect.built === true;
}

/** What the effect goes through: where no transaction is given, the library's own connection, which the receiver stands for. */
function executorOf(found: { id: string; model: CallModel }, call: Call, view: CallView): Value | undefined {
  const given = found.model.executor === undefined ? undefined : follow(found.model.executor, view);
  if (given !== undefined || found.model.executor?.startsWith('ReturnValue') === true) return given;
  // A document stays in the session it was read in.
  if (/^mongoose#Document/.test(found.id) && call.receiver?.kind === 'result') return call.receiver.operation.executor;
  return statementOf(call.receiver)?.executor ?? call.receiver;
}

/** Transactions begun, locks taken and admissions given change what holds for what follows. */
function applyToPosition(interpreter: Interpreter, operation: Operation): void {
  const { activation } = interpreter;
  const { effect } = operation;
  const { position } = activation;
  if (effect.kind === 'transaction') {
    if (effect.action === 'begin') {
      const isolation = effect.isolation ?? position.nextIsolation;
      const context: TransactionContext = {
        id: operation.id,
        at: operation.at,
        model: operation.model,
        ...(operation.executor === undefined ? {} : { executor: operation.executor }),
        ...(isolation === undefined ? {} : { isolation }),
      };
      activation.position = {
        ...position,
        nextIsolation: undefined,
        transactions: [...position.transactions, context],
      };
    } else {
      const open = withoutEnded(position.transactions, operation.executor) ?? position.transactions.slice(0, -1);
      const locks = position.locks.filter((lock) => lock.untilEnd !== true);
      activation.position = { ...position, transactions: open, locks };
    }
  } else if (effect.kind === 'lock') {
    if (effect.action === 'acquire') {
      const context: LockContext = {
        id: operation.id,
        at: operation.at,
        key: effect.key,
        model: operation.model,
        kind: effect.advisory !== undefined ? 'advisory' : effect.distributed ? 'distributed' : 'mutex',
        reentrant: effect.reentrant,
        ...(effect.advisory === 'transaction' ? ({ untilEnd: true } as const) : {}),
        ...(operation.executor === undefined ? {} : { owner: operation.executor }),
      };
      activation.position = { ...position, locks: [...position.locks, context] };
    } else {
      // Released by key where one is held under it; otherwise what was taken last.
      const wanted = keyOf(effect.key);
      const held = position.locks.findLastIndex((lock) => keyOf(lock.key) === wanted);
      const index = held < 0 ? position.locks.length - 1 : held;
      activation.position = { ...position, locks: position.locks.filter((_, other) => other !== index) };
    }
  } else if (effect.kind === 'wait' && effect.for === 'admission') {
    activation.position = { ...position, limited: true };
  }
}

/** `query(text, (error, rows) => …)`: with what was answered, in a later turn. */
function afterAnswer(
  interpreter: Interpreter,
  callback: CallbackModel,
  view: CallView,
  recorded: Writable<Operation> | undefined,
): Value | undefined {
  const value = follow(callback.argument, view);
  if (recorded === undefined || value?.kind !== 'closure') return undefined;
  recorded.awaited = true;
  interpreter.activation.segment += 1;
  const answer: CallView = { ...view, receiver: { kind: 'result', operation: recorded, path: [] } };
  const given = (callback.parameters ?? []).map((path) => follow(path, answer) ?? UNKNOWN);
  return runCallback(interpreter, value, [computed('caught', []), ...given], true);
}

/** What it takes to begin anew: `const keys = waiting; waiting = []`, `queue.splice(0)`. */
const EMPTIES = /\b(splice|shift|clear)\(|[^=!<>]=\s*(\[\]|undefined|null|new (Map|Set))|\.length\s*=\s*0/;

/**
 * Nobody waits for it, but it is done before anything that is waited for. Work on all that was collected is done once,
 * however often it was asked for.
 */
function runSoon(interpreter: Interpreter, callback: Value): void {
  const info = callback.kind === 'closure' ? interpreter.surroundings.hierarchy.functions.get(callback.fn) : undefined;
  if (info === undefined || EMPTIES.test(info.file.text.slice(info.node.start, info.node.end))) return;
  runCallback(interpreter, callback, [], false);
}

/** Runs a callback the way the model says the API does. */
function runModelled(
  interpreter: Interpreter,
  call: Call,
  callback: CallbackModel,
  view: CallView,
  id: string,
  model: CallModel,
): Value | undefined {
  const value = follow(callback.argument, view);
  if (value === undefined || callback.runs === 'later') return undefined;
  if (callback.runs === 'soon') {
    runSoon(interpreter, value);
    return undefined;
  }
  const over = follow(callback.over, view);
  const { activation } = interpreter;
  const { position } = activation;
  const limited = callback.limited === true || callback.concurrency === 'limited' || isGiven(callback.limitedIf, view);
  const concurrency = isGiven(callback.limitedIf, view) ? 'limited' : (callback.concurrency ?? 'sequential');
  const loop =
    callback.runs === 'each' ? callbackLoop(interpreter, call, over ?? UNKNOWN, call.name, concurrency) : undefined;
  const parameters = (callback.parameters ?? []).map((path): Value => {
    if (path.endsWith('.Element') && loop !== undefined) {
      const of = follow(path.slice(0, -'.Element'.length), view) ?? over ?? UNKNOWN;
      return { kind: 'element', of, loop: loop.id, path: [] };
    }
    return follow(path, view) ?? UNKNOWN;
  });
  const transaction = transactionOf(interpreter, call, callback, view, id, parameters);
  const lock = lockOf(interpreter, call, callback, view, id);
  if (lock !== undefined) recordLock(interpreter, call, lock, 'acquire');
  const result = activation.within(
    {
      loops: loop === undefined ? position.loops : [...position.loops, loop],
      transactions:
        transaction === undefined
          ? storedIn(callback, view, position.transactions)
          : [...position.transactions, transaction],
      locks: lock === undefined ? position.locks : [...position.locks, lock],
      limited: position.limited || limited,
      retried:
        callback.runs === 'retry'
          ? callback.backoff === true || isGiven(callback.backoffIf, view)
            ? 'with-backoff'
            : 'without-backoff'
          : position.retried,
    },
    () => {
      const made = runCallback(interpreter, value, parameters, call.awaited || model.callbacks !== undefined);
      // `em.transactional(work)` writes at its end what the work has changed.
      if (model.flushes === true) {
        const within = transaction?.client === undefined ? call : { ...call, receiver: transaction.client };
        flush(interpreter, within, { id, model, basis: 'type' }, view);
      }
      return made;
    },
  );
  if (lock !== undefined) recordLock(interpreter, call, lock, 'release');
  return result;
}

/** The transaction that the API opens around the callback; its client replaces what the callback is given. */
function transactionOf(
  interpreter: Interpreter,
  call: Call,
  callback: CallbackModel,
  view: CallView,
  id: string,
  parameters: Value[],
): TransactionContext | undefined {
  if (callback.transaction === undefined) return undefined;
  const { executor } = callback.transaction;
  const isolation = isolationName(follow(callback.transaction.isolation, view)) ?? chainedIsolation(call);
  const index = /^Parameter\[(\d+)\]/.exec(executor)?.[1];
  const client = computed(
    'transaction',
    call.receiver === undefined ? [] : [call.receiver],
    interpreter.at(call.expression),
  );
  const isAmbient = executor === 'ambient' || (/^sequelize#/.test(id) && isSharedBySequelize(interpreter, call));
  if (index !== undefined) parameters[Number(index)] = client;
  for (let position = 0; position < parameters.length; position += 1) {
    const given = parameters[position] ?? UNKNOWN;
    parameters[position] = isAmbient && given === call.receiver ? client : given;
  }
  return {
    id: interpreter.activation.nextId(),
    at: interpreter.at(call.at),
    model: id,
    ...(isAmbient ? { client } : { executor: index === undefined ? (follow(executor, view) ?? UNKNOWN) : client }),
    ...(isolation === undefined ? {} : { isolation }),
  };
}

/** Kysely: `db.transaction().setIsolationLevel('serializable').execute(…)`. */
function chainedIsolation({ expression }: Call): string | undefined {
  for (
    let part: Expression = expression;
    part.kind === 'call' && part.callee.kind === 'member';
    part = part.callee.object
  ) {
    const [level] = part.args;
    if (part.callee.name === 'setIsolationLevel' && level?.kind === 'literal') return String(level.value);
  }
  return undefined;
}

/** With a CLS namespace, and in version 7, a managed transaction is every query's of its callback. */
function isSharedBySequelize({ surroundings }: Interpreter, { target }: Call): boolean {
  return target?.package === '@sequelize/core' || surroundings.mentions('useCLS(');
}

function lockOf(
  interpreter: Interpreter,
  call: Call,
  callback: CallbackModel,
  view: CallView,
  id: string,
): LockContext | undefined {
  if (callback.lock === undefined) return undefined;
  return {
    id: interpreter.activation.nextId(),
    at: interpreter.at(call.at),
    key: follow(callback.lock.key, view) ?? UNKNOWN,
    model: id,
    kind: callback.lock.distributed === true ? 'distributed' : 'mutex',
    reentrant: callback.lock.reentrant === true,
    ...(call.receiver === undefined ? {} : { owner: call.receiver }),
  };
}

/** `storage.run({ tx }, work)`: the transaction is found through `storage` from now on. */
function storedIn(
  callback: CallbackModel,
  view: CallView,
  transactions: readonly TransactionContext[],
): readonly TransactionContext[] {
  const stored = follow(callback.stores, view);
  const last = transactions.at(-1);
  if (stored === undefined || last?.executor === undefined || view.receiver === undefined) return transactions;
  if (!involves(stored, last.executor)) return transactions;
  return [...transactions.slice(0, -1), { ...last, carriers: [...(last.carriers ?? []), view.receiver] }];
}

/** The function that `db.transaction(fn)` gives: `fn`, on these terms. */
function wrappedClosure(interpreter: Interpreter, call: Call, wraps: CallbackModel, view: CallView, id: string): Value {
  const value = follow(wraps.argument, view);
  if (value?.kind !== 'closure') return value ?? UNKNOWN;
  const parameters: Value[] = [];
  const transaction = transactionOf(interpreter, call, wraps, view, id, parameters);
  const lock = lockOf(interpreter, call, wraps, view, id);
  const terms = {
    ...(transaction === undefined ? {} : { transactions: [transaction] }),
    ...(lock === undefined ? {} : { locks: [lock] }),
    ...(wraps.limited === true ? ({ limited: true } as const) : {}),
  };
  interpreter.activation.wrapped.set(value.fn, terms);
  return { ...value, terms };
}

/** `$transaction([a, b])`: statements that were only prepared run together. */
function batch(interpreter: Interpreter, call: Call, id: string, statements: Value): void {
  const context: TransactionContext = {
    id: interpreter.activation.nextId(),
    at: interpreter.at(call.at),
    model: id,
  };
  const parts = sourcesOf(statements);
  const { path } = interpreter.file;
  const { start, end } = call.expression;
  for (const operation of interpreter.activation.operations) {
    if (operation.effect.kind !== 'database' || !parts.has(operation)) continue;
    const at = operation.chain[0]?.at ?? operation.at;
    // What was waited for before has run before.
    const isInside = at.path === path && at.start >= start && at.end <= end;
    // A callback returned it: the list holds it.
    const isListed = operation.result === 'returned' && operation.loops.at(-1)?.concurrency === 'parallel';
    if (operation.awaited && !isInside && !isListed) continue;
    operation.transactions = [...operation.transactions, context];
  }
}

/** A lock held around a callback is taken and given back like any other. */
function recordLock(interpreter: Interpreter, call: Call, lock: LockContext, action: 'acquire' | 'release'): void {
  const recorded = interpreter.activation.record({
    effect: {
      kind: 'lock',
      action,
      key: lock.key,
      reentrant: lock.reentrant,
      distributed: lock.kind === 'distributed',
    },
    at: lock.at,
    span: interpreter.at(call.expression),
    name: call.name,
    model: lock.model,
    basis: call.target?.model?.basis ?? 'shape',
    fn: interpreter.frame.fn,
    executor: lock.owner,
  });
  if (recorded !== undefined) recorded.awaited = call.awaited;
}

/** The option a model's entry depends on is there, as far as the call shows. */
function isGiven(path: string | undefined, view: CallView): boolean {
  const value = follow(path, view);
  return value !== undefined && !(value.kind === 'constant' && !value.value) && value.kind !== 'unknown';
}

/** As `isGiven`, also where it cannot be told. */
function maybeGiven(path: string, view: CallView): boolean {
  const value = follow(path, view);
  return value !== undefined && !(value.kind === 'constant' && !value.value);
}

// ---------------------------------------------------------------- nothing resolves

function unresolvedCall(interpreter: Interpreter, call: Call): Value {
  const { callee, target, name } = call;
  const { models } = interpreter.surroundings;
  const statement = statementOf(call.receiver);
  const prepared = importOfClass(statement?.class);
  const found = prepared && models.byImport(prepared.module, [...prepared.names, name], false);
  if (found !== undefined)
    return confirmed(modelCall(interpreter, call, { ...found, basis: statement?.basis ?? 'shape' }));
  const path = call.receiver === undefined ? undefined : untypedClass(interpreter, call.receiver);
  const untyped = path === undefined ? undefined : models.byImport(path.module, [...path.names, name], false);
  if (untyped !== undefined) return modelCall(interpreter, call, { ...untyped, basis: 'module' });
  if (callee?.kind === 'place' && callee.root.kind === 'parameter' && call.receiver === undefined) {
    return parameterCall(
      interpreter,
      callee,
      call.args,
      interpreter.at(call.at),
      interpreter.at(call.expression),
      name,
    );
  }
  // A call into a package whose model does not list it is known to be uninteresting enough.
  const shapeable = target === undefined || target.package === undefined;
  if (shapeable) {
    let view = viewOf(interpreter, call);
    const look = (names: readonly string[]) =>
      matchShape(SHAPES, {
        method: name,
        receiver: names.filter((part) => part !== 'this'),
        receiverTypes: target?.container === undefined ? [] : [target.container],
        arguments: argumentFacts(call),
      });
    let shape = look(view.receiverNames);
    if (shape === undefined) {
      // `(tx ?? prisma).user`, and a variable that holds it, are called by what they stand for.
      const receiverNames = namesOfValue(call.receiver);
      shape = receiverNames.length < 2 ? undefined : look(receiverNames);
      view = { ...view, receiverNames: shape === undefined ? view.receiverNames : receiverNames };
    }
    if (shape !== undefined) return modelCall(interpreter, call, { ...shape, basis: 'shape' });
    if (isRemote(call, view)) return remoteCall(interpreter, call);
  }
  return unknownCall(interpreter, call);
}

interface ImportedClass {
  readonly module: string;
  /** To the instance of it. */
  readonly names: readonly string[];
}

/** Of a class's name with its package, `pg#Client`. */
function importOfClass(id: string | undefined): ImportedClass | undefined {
  const [module, className] = id?.split('#') ?? [];
  return module === undefined || className === undefined ? undefined : { module, names: [`new ${className}`] };
}

/** What the receiver is where its package has no types: a handle, a row, a class that extends the package's. */
function untypedClass(interpreter: Interpreter, receiver: Value): ImportedClass | undefined {
  const { models, hierarchy } = interpreter.surroundings;
  const kept = receiver.kind === 'place' ? (initialOf(receiver, interpreter) ?? receiver) : receiver;
  const read = rowRead(kept);
  const instance = importOfClass(
    kept.kind === 'computed' ? kept.instance : read && models.rowOf(read.model.slice(0, read.model.indexOf('#'))),
  );
  if (instance !== undefined) return instance;
  if (kept.kind !== 'place' || kept.root.kind !== 'module' || kept.path.length > 0) return undefined;
  const info = hierarchy.classes.get(`${kept.root.path}#${kept.root.name}`);
  const base = info?.node.heritage.find(({ clause }) => clause === 'extends')?.name;
  const imported = info?.file.variables.find((variable) => variable.name === base)?.import;
  return imported && { module: imported.module, names: [imported.imported] };
}

/** The query that the value is a row of. */
function rowRead(value: Value): Operation | undefined {
  const given = value.kind === 'element' ? value.of : value;
  if (given.kind !== 'result' || given.path.length > 0 || (value.kind === 'element' && value.path.length > 0))
    return undefined;
  const { effect } = given.operation;
  const returns = value.kind === 'element' ? 'rows' : 'row';
  return effect.kind === 'database' && effect.action === 'read' && effect.returns === returns
    ? given.operation
    : undefined;
}

function parameterCall(
  interpreter: Interpreter,
  callee: Value,
  args: readonly Value[],
  at: Location,
  span: Location,
  name: string,
): Value {
  const recorded = interpreter.activation.record({
    effect: { kind: 'parameter-call', callee, args },
    at,
    span,
    name,
    model: 'parameter-call',
    basis: 'type',
    fn: interpreter.frame.fn,
  });
  return recorded === undefined ? UNKNOWN : { kind: 'result', operation: recorded, path: [] };
}

/** `['prisma', 'user']` of a value that is one of several clients' `user`. */
function namesOfValue(value: Value | undefined): readonly string[] {
  if (value?.kind === 'union') return value.alternatives.map(namesOfValue).find((names) => names.length > 1) ?? [];
  if (value?.kind !== 'place') return [];
  return value.root.kind === 'this' ? value.path : [value.root.name, ...value.path];
}

/** A method of an injected `…Api`/`…Client` that has no body in the project. */
function isRemote(call: Call, view: CallView): boolean {
  if (call.receiver === undefined || call.expression.isNew) return false;
  if (!(call.target?.bodiless === true || call.target?.resolved !== true)) return false;
  const last = view.receiverNames.at(-1) ?? '';
  return soundsLikeRemote(last) || (call.target?.bodiless === true && soundsLikeRemote(call.target.container ?? ''));
}

/** What the arguments look like, for entries that tell forms of a call apart. */
function argumentFacts(call: Call): ArgumentFact[] {
  return call.args.map((value, index): ArgumentFact => {
    const expression = call.expression.args[index];
    switch (value.kind) {
      case 'constant':
        if (typeof value.value === 'string') return { kind: 'string', text: value.value };
        if (typeof value.value === 'number') return { kind: 'number' };
        return typeof value.value === 'boolean' ? { kind: 'boolean' } : { kind: 'unknown' };
      case 'object':
        return { kind: 'object' };
      case 'array':
        return { kind: 'array' };
      case 'closure':
        return { kind: 'function' };
      case 'computed': {
        if (value.operator.startsWith('new:')) return { kind: 'instance', text: value.operator.slice(4) };
        // `$transaction(items.map((item) => …))`
        if (/^call:(map|flatMap)$/.test(value.operator)) return { kind: 'array' };
        if (value.operator !== 'template') return { kind: 'unknown' };
        const first = value.operands[0];
        return { kind: 'template', text: first?.kind === 'constant' ? String(first.value) : '' };
      }
      case 'place':
        return /^[A-Z]/.test(value.path.at(-1) ?? ('name' in value.root ? value.root.name : '')) &&
          expression?.kind === 'identifier'
          ? { kind: 'class' }
          : { kind: 'unknown' };
      default:
        return { kind: 'unknown' };
    }
  });
}

function remoteCall(interpreter: Interpreter, call: Call): Value {
  const recorded = interpreter.activation.record({
    effect: { kind: 'request', local: false, limitsItself: false, retriesItself: false, costly: false },
    at: interpreter.at(call.at),
    span: interpreter.at(call.expression),
    name: call.name,
    model: 'shape:remote',
    basis: 'shape',
    fn: interpreter.frame.fn,
    executor: call.receiver,
  });
  return recorded === undefined ? UNKNOWN : { kind: 'result', operation: recorded, path: [] };
}

/** Nothing is known of the callee; a closure handed to an awaited call is believed to run, in what the name suggests. */
function unknownCall(interpreter: Interpreter, call: Call): Value {
  const { name } = call;
  const parts = [...(call.receiver === undefined ? [] : [call.receiver]), ...call.args];
  if (!call.expression.isNew && call.awaited && !soundsLikeRegistration(name)) {
    for (const arg of call.args) {
      if (arg.kind !== 'closure' || arg.environment === undefined) continue;
      const value = runNamed(interpreter, call, arg);
      if (value !== undefined) return value;
    }
  }
  return computed(
    `${call.expression.isNew ? 'new' : 'call'}:${name}`,
    parts,
    call.expression.isNew ? interpreter.at(call.expression) : undefined,
  );
}

function runNamed(interpreter: Interpreter, call: Call, closure: ClosureValue): Value | undefined {
  const { activation } = interpreter;
  const { position } = activation;
  const { name } = call;
  const receiverName =
    call.expression.callee.kind === 'member' ? (namesOf(call.expression.callee.object).at(-1) ?? '') : '';
  const args: Value[] = [];
  const change: Partial<typeof position> = {};
  const stream = activation.streams.get(closure.fn);
  if (soundsLikeTransaction(name)) {
    const client = computed(
      'transaction',
      call.receiver === undefined ? [] : [call.receiver],
      interpreter.at(call.expression),
    );
    const node = interpreter.surroundings.hierarchy.functions.get(closure.fn)?.node;
    const takesClient = (node?.parameters.length ?? 0) > 0;
    args.push(client);
    change.transactions = [
      ...position.transactions,
      {
        id: activation.nextId(),
        at: interpreter.at(call.at),
        model: 'shape',
        ...(takesClient ? { executor: client } : {}),
      },
    ];
  } else if (soundsLikeLock(name) || soundsLikeLock(receiverName)) {
    change.locks = [
      ...position.locks,
      {
        id: activation.nextId(),
        at: interpreter.at(call.at),
        key: call.args.find((arg) => arg.kind !== 'closure') ?? call.receiver ?? UNKNOWN,
        model: 'shape',
        kind: 'mutex',
        reentrant: false,
      },
    ];
  } else if (stream !== undefined) change.loops = [...position.loops, stream];
  else if (soundsLikeRetry(name)) change.retried = 'with-backoff';
  else if (soundsLikeLimiter(name) || soundsLikeLimiter(receiverName)) change.limited = true;
  if (stream?.over !== undefined) args.push({ kind: 'element', of: stream.over, loop: stream.id, path: [] });
  return activation.within(change, () => interpreter.inline(closure, args, true));
}
