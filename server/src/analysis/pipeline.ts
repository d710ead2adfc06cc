/**
 * Functions that are made first and given their data later: `A.map(f)`, `mergeMap(f)`, `R.map(f)`; and what hands
 * the data on, `pipe(rows, A.map(f), T.sequenceArray)`. Lazy tasks are believed to be run where they are put together.
 */
import type { CallbackModel, PipesModel } from '../models/model.ts';
import { type CallView, follow } from './effect.ts';
import type { Loop } from './fact.ts';
import { type ComputedValue, computed, UNKNOWN, type Value } from './value.ts';

/** What the engine lends to a pipeline: running a function value, and a loop over a value. */
export interface Runner {
  readonly run: (callee: Value, args: readonly Value[]) => Value | undefined;
  readonly inLoop: <T>(loop: Loop, work: () => T) => T;
  readonly loopOver: (over: Value, name: string, concurrency: Loop['concurrency']) => Loop;
}

/** The function that `A.map(f)` gives. */
export function wrapped(model: CallbackModel, view: CallView, name: string): Value {
  const callback = model.argument.startsWith('Parameter') ? undefined : follow(model.argument, view);
  const runs = isGiven(follow(model.limitedIf, view)) ? { ...model, concurrency: 'limited' as const } : model;
  return { kind: 'computed', operator: `wraps:${name}`, operands: callback === undefined ? [] : [callback], runs };
}

function isGiven(value: Value | undefined): boolean {
  return value !== undefined && value.kind !== 'unknown' && !(value.kind === 'constant' && !value.value);
}

export function isWrapped(value: Value | undefined): value is ComputedValue & { readonly runs: CallbackModel } {
  return value?.kind === 'computed' && value.runs !== undefined;
}

/** Calls what `wrapped` gave. */
export function apply(fn: ComputedValue & { readonly runs: CallbackModel }, args: readonly Value[], by: Runner): Value {
  const { runs } = fn;
  const [callback] = fn.operands;
  const name = fn.operator.slice('wraps:'.length);
  const source = args[0] ?? UNKNOWN;
  if (name === 'flow') return through(source, fn.operands, by);
  // `A.traverse(F)(f)(rows)`: the function comes with the second call.
  if (callback === undefined) return { ...fn, operands: args.slice(0, 1) };
  if (runs.runs !== 'each') {
    const given = forced(source, by);
    const value = invoke(callback, runs.runs === 'once' ? [given] : args, by);
    return value === undefined ? computed(`call:${name}`, [given, callback]) : forced(value, by);
  }
  const loop = by.loopOver(source, name, runs.concurrency ?? 'sequential');
  const element: Value = { kind: 'element', of: source, loop: loop.id, path: [] };
  const value = by.inLoop(loop, () => {
    const given = (runs.parameters ?? ['Element']).map((path) => (path === 'unknown' ? UNKNOWN : element));
    const made = invoke(callback, given, by);
    return made === undefined ? undefined : forced(made, by);
  });
  return runs.returns === 'nothing' ? source : computed(`call:${name}`, [source, value ?? UNKNOWN]);
}

function invoke(callee: Value, args: readonly Value[], by: Runner): Value | undefined {
  return isWrapped(callee) ? apply(callee, args, by) : by.run(callee, args);
}

/** A task: a function of nothing that is called in the end. */
function forced(value: Value, by: Runner): Value {
  return value.kind === 'closure' && value.environment !== undefined ? (by.run(value, []) ?? value) : value;
}

/** The value handed from step to step. */
function through(source: Value, steps: readonly Value[], by: Runner): Value {
  let value = source;
  for (const step of steps) {
    // `T.sequenceArray`: of its result only the parts are known.
    value = invoke(step, [value], by) ?? computed('call:step', [value]);
  }
  return value;
}

/** What `pipe(…)` does; undefined where the source is not one that it may be believed to run over. */
export function piped(model: PipesModel, view: CallView, by: Runner): Value | undefined {
  const steps = follow(model.steps, view);
  if (steps?.kind !== 'array') return undefined;
  if (model.source === undefined) {
    return {
      kind: 'computed',
      operator: 'wraps:flow',
      operands: steps.elements,
      runs: { argument: 'Parameter[0]', runs: 'once' },
    };
  }
  const source = follow(model.source, view) ?? UNKNOWN;
  if (model.lists === undefined) return through(source, steps.elements, by);
  const list =
    source.kind === 'computed' && model.lists.includes(source.operator.replace('call:', '')) ? source : undefined;
  const elements = list?.operands.at(-1);
  return elements === undefined ? undefined : through(elements, steps.elements, by);
}
