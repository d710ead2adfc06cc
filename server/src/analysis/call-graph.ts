/**
 * Which functions may call which, from resolution alone, and an order in which callees come first. Functions that
 * reach each other are one cycle.
 */
import type { Expression, FunctionNode, SourceFile } from '../typescript/syntax.ts';
import { functionKey, type Hierarchy } from './hierarchy.ts';
import { isUnit } from './interpreter.ts';
import { type FileResolution, MAX_TARGETS } from './resolution.ts';
import type { FunctionKey } from './value.ts';
import { runBy, type WrappedFunction } from './wrapped-function.ts';

export interface CallGraph {
  /** Units in an order in which callees come before callers, cycles side by side; in a cycle, save for calls back to where it was entered. */
  readonly order: readonly FunctionKey[];
  /** The cycle a unit belongs to; units alone in theirs have one of their own. */
  readonly cycleOf: ReadonlyMap<FunctionKey, number>;
  /** Whether the unit can reach itself. */
  readonly recursive: ReadonlySet<FunctionKey>;
  readonly callees: ReadonlyMap<FunctionKey, readonly FunctionKey[]>;
  readonly callers: ReadonlyMap<FunctionKey, readonly FunctionKey[]>;
}

/** The unit a function belongs to: itself, or the function around it that has facts of its own. */
export function unitOf(file: SourceFile, node: FunctionNode): FunctionNode {
  let at = node;
  while (!isUnit(at) && at.parent !== undefined) {
    const parent = file.functions[at.parent];
    if (parent === undefined) break;
    at = parent;
  }
  return at;
}

export function buildCallGraph(
  files: readonly SourceFile[],
  resolutions: ReadonlyMap<string, FileResolution>,
  hierarchy: Hierarchy,
): CallGraph {
  const callees = new Map<FunctionKey, Set<FunctionKey>>();
  for (const file of files) {
    const resolution = resolutions.get(file.path);
    const owner = ownersOfCalls(file);
    for (const node of file.functions) {
      if (isUnit(node)) callees.set(functionKey(file.path, node.index), new Set());
    }
    file.calls.forEach((call, index) => {
      const from = owner[index];
      const set = from === undefined ? undefined : callees.get(functionKey(file.path, from));
      if (set === undefined) return;
      const targets = resolution?.targets[index]?.functions ?? [];
      if (targets.length <= MAX_TARGETS) for (const target of targets) addTarget(set, target, hierarchy);
      const addWrapped = (wrapped: WrappedFunction | undefined): void => {
        const around = wrapped === undefined ? undefined : hierarchy.fileAt(wrapped.path);
        if (wrapped === undefined || around === undefined) return;
        for (const target of runBy(wrapped, around, resolutions.get(wrapped.path))) addTarget(set, target, hierarchy);
      };
      addWrapped(resolution?.targets[index]?.wrapped);
      // A function handed over by name may be run by the callee.
      for (const arg of call.args) {
        const passed = passedFunction(arg, file, resolution);
        if (passed !== undefined) addTarget(set, passed, hierarchy);
        else addWrapped(passedWrapped(arg, file, resolution, hierarchy));
      }
    });
  }
  return order(callees);
}

function addTarget(set: Set<FunctionKey>, target: FunctionKey, hierarchy: Hierarchy): void {
  const info = hierarchy.functions.get(target);
  if (info !== undefined) set.add(functionKey(info.path, unitOf(info.file, info.node).index));
}

function passedFunction(
  arg: Expression,
  file: SourceFile,
  resolution: FileResolution | undefined,
): FunctionKey | undefined {
  if (arg.kind !== 'identifier' || arg.variable === undefined) return undefined;
  const variable = file.variables[arg.variable];
  if (variable?.names !== undefined) return functionKey(file.path, variable.names);
  return resolution?.imports.get(arg.variable)?.fn;
}

function passedWrapped(
  arg: Expression,
  file: SourceFile,
  resolution: FileResolution | undefined,
  hierarchy: Hierarchy,
): WrappedFunction | undefined {
  if (arg.kind !== 'identifier' || arg.variable === undefined) return undefined;
  const variable = file.variables[arg.variable];
  if (variable === undefined || variable.fn !== 0) return undefined;
  if (variable.kind === 'import') return resolution?.imports.get(arg.variable)?.wrapped;
  return variable.initializer?.kind === 'call' ? hierarchy.wrappedNamed(file.path, variable.name) : undefined;
}

/** By call index: the unit the call stands in. */
function ownersOfCalls(file: SourceFile): number[] {
  // Functions are listed outermost first, so the last one that contains a call is its innermost.
  const owners: number[] = [];
  const byStart = [...file.functions].sort((a, b) => a.start - b.start || b.end - a.end);
  const stack: FunctionNode[] = [];
  let next = 0;
  const calls = file.calls
    .map((call, index) => ({ at: call.nameAt?.start ?? call.start, index }))
    .sort((a, b) => a.at - b.at);
  for (const { at, index } of calls) {
    while (next < byStart.length && (byStart[next]?.start ?? 0) <= at) {
      const node = byStart[next];
      next += 1;
      if (node === undefined) continue;
      while (stack.length > 0 && (stack.at(-1)?.end ?? 0) <= node.start) stack.pop();
      stack.push(node);
    }
    while (stack.length > 1 && (stack.at(-1)?.end ?? 0) <= at) stack.pop();
    const innermost = stack.at(-1) ?? file.functions[0];
    owners[index] = innermost === undefined ? 0 : unitOf(file, innermost).index;
  }
  return owners;
}

/**
 * The members of a cycle as a walk from its entries leaves them, so that only calls that lead back are to functions not
 * yet known. Depends on nothing but the calls between them and which of them others call: an edit elsewhere changes nothing.
 */
function calleesFirst(
  members: readonly FunctionKey[],
  callees: ReadonlyMap<FunctionKey, ReadonlySet<FunctionKey>>,
  callers: ReadonlyMap<FunctionKey, readonly FunctionKey[]>,
): FunctionKey[] {
  const cycle = new Set(members);
  const isEntry = (key: FunctionKey): boolean => callers.get(key)?.some((caller) => !cycle.has(caller)) ?? false;
  const next = (key: FunctionKey): Iterator<FunctionKey> =>
    [...(callees.get(key) ?? [])]
      .filter((to) => cycle.has(to))
      .sort()
      .values();
  const seen = new Set<FunctionKey>();
  const left: FunctionKey[] = [];
  const sorted = members.toSorted();
  for (const start of [...sorted.filter(isEntry), ...sorted]) {
    if (seen.has(start)) continue;
    seen.add(start);
    const walk = [{ key: start, rest: next(start) }];
    for (let top = walk.at(-1); top !== undefined; top = walk.at(-1)) {
      const step = top.rest.next();
      if (step.done === true) {
        left.push(top.key);
        walk.pop();
      } else if (!seen.has(step.value)) {
        seen.add(step.value);
        walk.push({ key: step.value, rest: next(step.value) });
      }
    }
  }
  return left;
}

/** Tarjan's algorithm without recursion: components come out callees first. */
function order(callees: ReadonlyMap<FunctionKey, ReadonlySet<FunctionKey>>): CallGraph {
  const callers = callersIn(callees);
  const index = new Map<FunctionKey, number>();
  const low = new Map<FunctionKey, number>();
  const onStack = new Set<FunctionKey>();
  const stack: FunctionKey[] = [];
  const result: FunctionKey[] = [];
  const cycleOf = new Map<FunctionKey, number>();
  const recursive = new Set<FunctionKey>();
  let counter = 0;
  let cycles = 0;
  for (const start of callees.keys()) {
    if (index.has(start)) continue;
    const work: { key: FunctionKey; rest: Iterator<FunctionKey> }[] = [];
    const enter = (key: FunctionKey): void => {
      index.set(key, counter);
      low.set(key, counter);
      counter += 1;
      stack.push(key);
      onStack.add(key);
      work.push({ key, rest: (callees.get(key) ?? new Set<FunctionKey>()).values() });
    };
    enter(start);
    while (work.length > 0) {
      const top = work.at(-1);
      if (top === undefined) break;
      const step = top.rest.next();
      if (step.done !== true) {
        const to = step.value;
        if (!callees.has(to)) continue;
        if (to === top.key) recursive.add(to);
        if (!index.has(to)) enter(to);
        else if (onStack.has(to)) low.set(top.key, Math.min(low.get(top.key) ?? 0, index.get(to) ?? 0));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) low.set(parent.key, Math.min(low.get(parent.key) ?? 0, low.get(top.key) ?? 0));
      if (low.get(top.key) !== index.get(top.key)) continue;
      const members: FunctionKey[] = [];
      for (;;) {
        const member = stack.pop();
        if (member === undefined) break;
        onStack.delete(member);
        members.push(member);
        if (member === top.key) break;
      }
      for (const member of members.length > 1 ? calleesFirst(members, callees, callers) : members) {
        cycleOf.set(member, cycles);
        if (members.length > 1) recursive.add(member);
        result.push(member);
      }
      cycles += 1;
    }
  }
  return {
    order: result,
    cycleOf,
    recursive,
    callees: new Map([...callees].map(([key, set]) => [key, [...set]] as const)),
    callers,
  };
}

function callersIn(callees: ReadonlyMap<FunctionKey, ReadonlySet<FunctionKey>>): Map<FunctionKey, FunctionKey[]> {
  const callers = new Map<FunctionKey, FunctionKey[]>();
  for (const [from, set] of callees) {
    for (const to of set) {
      const list = callers.get(to);
      if (list === undefined) callers.set(to, [from]);
      else list.push(from);
    }
  }
  return callers;
}
