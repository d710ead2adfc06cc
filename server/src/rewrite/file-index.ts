/** Look-ups in one file that rules ask for again and again: made when first asked for, kept as long as the tree. */
import type { CallExpression, FunctionIndex, FunctionNode, SourceFile, Span } from '../typescript/syntax.ts';

/** The innermost function whose body contains the place. */
export function functionAround(file: SourceFile, at: Span): FunctionNode | undefined {
  return bodiesOf(file).innermost(at);
}

/** The innermost function that contains the place: its parameters and decorators are part of it. */
export function functionHolding(file: SourceFile, at: Span): FunctionNode | undefined {
  return functionsOf(file).innermost(at);
}

/** The call whose whole range, or whose name, is exactly this. */
export function callAt(file: SourceFile, at: Span): CallExpression | undefined {
  return callsOf(file)
    .get(at.start)
    ?.find(
      (call) =>
        (call.start === at.start && call.end === at.end) ||
        (call.nameAt?.start === at.start && call.nameAt.end === at.end),
    );
}

/** The first call that the function is an argument of. */
export function callTaking(file: SourceFile, fn: FunctionIndex): CallExpression | undefined {
  return takersOf(file).get(fn);
}

const bodiesOf = perFile((file) => {
  const whole = { start: 0, end: file.text.length };
  const withBody = file.functions.filter((node) => node.hasBody || node.kind === 'module');
  return new Nesting(withBody, (node) => (node.kind === 'module' ? whole : node.bodySpan));
});

const functionsOf = perFile((file) => new Nesting(file.functions, (node) => node));

/** By where the call or its name starts. */
const callsOf = perFile((file) => {
  const calls = new Map<number, CallExpression[]>();
  const add = (start: number, call: CallExpression): void => {
    const known = calls.get(start);
    if (known === undefined) calls.set(start, [call]);
    else known.push(call);
  };
  for (const call of file.calls) {
    add(call.start, call);
    if (call.nameAt !== undefined && call.nameAt.start !== call.start) add(call.nameAt.start, call);
  }
  return calls;
});

const takersOf = perFile((file) => {
  const takers = new Map<FunctionIndex, CallExpression>();
  for (const call of file.calls) {
    for (const arg of call.args) if (arg.kind === 'function' && !takers.has(arg.fn)) takers.set(arg.fn, call);
  }
  return takers;
});

/** Made when it is first asked for. */
export function perFile<T>(make: (file: SourceFile) => T): (file: SourceFile) => T {
  const made = new WeakMap<SourceFile, { readonly of: T }>();
  return (file) => {
    let known = made.get(file);
    if (known === undefined) {
      known = { of: make(file) };
      made.set(file, known);
    }
    return known.of;
  };
}

interface Nested {
  readonly node: FunctionNode;
  readonly start: number;
  readonly end: number;
  readonly around: Nested | undefined;
}

/** Ranges of functions, none of which overlaps another in part. */
class Nesting {
  readonly #byStart: readonly Nested[];

  constructor(nodes: readonly FunctionNode[], spanOf: (node: FunctionNode) => Span) {
    const sorted = nodes
      .map((node) => ({ node, start: spanOf(node).start, end: spanOf(node).end }))
      .sort((a, b) => a.start - b.start || b.end - a.end || a.node.index - b.node.index);
    let around: Nested | undefined;
    this.#byStart = sorted.map((one) => {
      while (around !== undefined && around.end < one.end) around = around.around;
      around = { ...one, around };
      return around;
    });
  }

  innermost(at: Span): FunctionNode | undefined {
    let low = 0;
    let high = this.#byStart.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byStart[middle]?.start ?? 0) <= at.start) low = middle + 1;
      else high = middle;
    }
    let found = this.#byStart[low - 1];
    while (found !== undefined && found.end < at.end) found = found.around;
    return found?.node;
  }
}
