/**
 * Whether something takes a listener off again. Read from the facts where they know the removal, and from the text of
 * the file where they do not: any call that looks like a removal of the same event counts.
 */
import type { ListenerEffect, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { Recurrence } from '../../../analysis/recurrence.ts';
import { labelOf } from '../../../analysis/trace.ts';
import { keyOf } from '../../../analysis/value.ts';
import { textOf } from '../../../rewrite/source-edit.ts';
import type { CallExpression, Expression, SourceFile, Span } from '../../../typescript/syntax.ts';
import type { Lifetime } from './rule.ts';

export interface Registration {
  readonly add: Operation;
  readonly effect: ListenerEffect;
  readonly call: CallExpression;
  readonly file: SourceFile;
  readonly recurrence: Recurrence;
  readonly lifetime: Lifetime;
  readonly program: ProgramFacts;
}

export function isRemoved(registration: Registration): boolean {
  return removedByFacts(registration) || removedByText(registration) || targetEnds(registration);
}

function removedByFacts({ add, effect, program }: Registration): boolean {
  const target = keyOf(effect.target);
  const event = keyOf(effect.event);
  return program.ownOperations('listener').some((other) => {
    if (other.effect.kind !== 'listener' || other.effect.action === 'add') return false;
    // Everybody has the same `window`: what another file takes off it is its own.
    const here = other.at.path === add.at.path;
    if (!here && effect.target.kind === 'place' && effect.target.root.kind === 'global') return false;
    const sameTarget =
      keyOf(other.effect.target) === target || (here && labelOf(other.effect.target) === labelOf(effect.target));
    return sameTarget && (other.effect.action === 'remove-all' || keyOf(other.effect.event) === event);
  });
}

const REMOVAL = /^(off|un|remove(Event)?Listener|removeAllListeners|offAny|unlisten|unobserve|removeHandler|unbind)$/;

function removedByText({ call, file, recurrence }: Registration): boolean {
  const [event] = call.args;
  const target = receiverOf(call);
  const scope = unitAround(file, call);
  const eventText = event === undefined ? '' : plain(textOf(file, event));
  const handlerText = call.args[1] === undefined ? '' : plain(textOf(file, call.args[1]));
  return file.calls.some((other) => {
    const name = calleeName(other);
    if (!REMOVAL.test(name)) return false;
    const [what] = other.args;
    const near = other.start >= scope.start && other.end <= scope.end;
    if (what === undefined) return near || sameText(file, receiverOf(other), target);
    if (what.kind === 'identifier' && event?.kind !== 'identifier') return near || recurrence.kind !== 'effect';
    if (plain(textOf(file, what)) !== eventText) return false;
    // The same event, from the same target, with the same handler, or in the same function.
    return (
      near ||
      sameText(file, receiverOf(other), target) ||
      (other.args[1] !== undefined && plain(textOf(file, other.args[1])) === handlerText)
    );
  });
}

function sameText(file: SourceFile, a: Expression | undefined, b: Expression | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return plain(textOf(file, a)) === plain(textOf(file, b));
}

function plain(text: string): string {
  return text.replaceAll(/[\s?!]/g, '').replaceAll(/["`]/g, "'");
}

function receiverOf(call: CallExpression): Expression | undefined {
  return call.callee.kind === 'member' ? call.callee.object : undefined;
}

function calleeName(call: CallExpression): string {
  return call.callee.kind === 'identifier' || call.callee.kind === 'member' ? call.callee.name : '';
}

/** The class or the function at module level that holds the place. */
function unitAround(file: SourceFile, at: Span): Span {
  const outer = file.functions.find(
    (fn) => fn.index !== 0 && (fn.parent === undefined || fn.parent === 0) && fn.start <= at.start && at.end <= fn.end,
  );
  return outer ?? at;
}

const ENDS = /^(close|destroy|disconnect|terminate|end|dispose|abort|unsubscribe|stop|remove)$/;

/** The target itself is ended where the registrant is: a socket closed in the clean-up. Pages and processes are not. */
function targetEnds({ call, file, lifetime }: Registration): boolean {
  if (lifetime === 'process') return false;
  const scope = unitAround(file, call);
  const target = receiverOf(call);
  return file.calls.some(
    (other) =>
      ENDS.test(calleeName(other)) &&
      other.start >= scope.start &&
      other.end <= scope.end &&
      sameText(file, receiverOf(other), target),
  );
}
