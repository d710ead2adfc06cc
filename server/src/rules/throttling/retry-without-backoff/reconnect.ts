/**
 * Reconnecting a fixed time after a connection closed: when the server restarts, every client comes back at the same
 * moment. Reads syntax only: `connect` registers a handler of the end of its connection, which starts a timer of a
 * constant delay, which calls `connect`.
 */
import { calleeNames } from '../../../analysis/pacing.ts';
import { perFile } from '../../../rewrite/file-index.ts';
import { textOf } from '../../../rewrite/source-edit.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';

export interface Reconnect {
  readonly timer: CallExpression;
  readonly delay: Expression;
  /** The function that connects again. */
  readonly connect: FunctionNode;
}

const END =
  /^(close|closed|disconnect|disconnected|end|onclose|ondisconnect|onend|onClose|onDisconnect|connection_?lost)$/;

export const reconnectsIn = perFile((file): readonly Reconnect[] => {
  if (!/setTimeout/.test(file.text)) return [];
  return file.calls.flatMap((timer) => {
    const [callback, delay] = timer.args;
    if (calleeNames(timer.callee).at(-1) !== 'setTimeout' || callback === undefined || delay === undefined) return [];
    if (!isConstant(delay, file)) return [];
    const around = functionsAround(file, timer);
    const handler = around[0];
    if (handler === undefined || !handlesEnd(file, handler)) return [];
    const called = calledBy(callback, file);
    const connect = around.slice(1).find((outer) => outer.name !== '' && outer.name === called);
    return connect === undefined ? [] : [{ timer, delay, connect }];
  });
});

/** A number, or a name that never holds another. */
function isConstant(delay: Expression, file: SourceFile): boolean {
  if (delay.kind === 'literal') return typeof delay.value === 'number' && delay.value > 0;
  if (delay.kind !== 'identifier' || delay.variable === undefined) return false;
  const init = file.variables[delay.variable]?.initializer;
  return file.variables[delay.variable]?.kind === 'const' && init?.kind === 'literal' && typeof init.value === 'number';
}

function functionsAround(file: SourceFile, call: CallExpression): FunctionNode[] {
  return file.functions
    .filter(
      (node) =>
        node.kind !== 'module' && node.hasBody && node.bodySpan.start <= call.start && call.end <= node.bodySpan.end,
    )
    .sort((a, b) => a.end - a.start - (b.end - b.start));
}

/** Given to `.on('close', …)` or assigned to `.onclose`. */
function handlesEnd(file: SourceFile, handler: FunctionNode): boolean {
  const registered = file.calls.some((call) => {
    const [event, given] = call.args;
    if (given?.kind !== 'function' || file.functions[given.fn] !== handler) return false;
    return event?.kind === 'literal' && typeof event.value === 'string' && END.test(event.value);
  });
  if (registered) return true;
  return /\.(onclose|ondisconnect|onend)\s*=\s*(async\s*)?$/.test(
    file.text.slice(Math.max(0, handler.start - 40), handler.start),
  );
}

/** `connect` of `connect`, `() => connect()`, `() => { this.connect() }`, `this.connect.bind(this)`. */
function calledBy(callback: Expression, file: SourceFile): string | undefined {
  if (callback.kind === 'identifier') return callback.name;
  const match =
    /(?:^|=>\s*\{?\s*(?:void |await |return )?)(?:this\.|self\.)?([\w$]+)(?:\([^()]*\)|\.bind\(this\))/.exec(
      textOf(file, callback).replace(/^async\s*/, ''),
    );
  return match?.[1];
}
