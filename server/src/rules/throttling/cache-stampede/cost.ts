/**
 * What a miss costs where the computation is handed in: the helper cannot say, those who call it can. Errs towards
 * cheap: what a caller computes through something unknown is believed to be one look-up (fixture: libraries/helpers.ts).
 */
import type { FunctionFacts, Operation } from '../../../analysis/fact.ts';
import { isForAdministrators } from '../../../analysis/lost-chance.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { concurrencyOf } from '../../../analysis/protection.ts';
import { placeOf } from '../../../analysis/trace.ts';
import type { FunctionKey } from '../../../analysis/value.ts';
import { isWithin } from '../../../rewrite/source-edit.ts';
import type { Span } from '../../../typescript/syntax.ts';

/** Calls of calls are followed this far, and so many functions looked at. */
const MOST_CALLS = 4;
const MOST_CALLERS = 200;

/** From so many on, the rows an entry is made of are more than a look-up. */
const MANY_READS = 3;

/** What the helper's callers compute with it, where any of them is seen to. */
export interface Handed {
  /** The operation for which one of them wants the entry kept. */
  readonly dear: Operation | undefined;
}

export function handedTo(
  fn: FunctionFacts,
  get: Operation | undefined,
  set: Operation,
  program: ProgramFacts,
): Handed | undefined {
  if (get === undefined) return undefined;
  let isSeen = false;
  const seen = new Set<FunctionKey>([fn.fn.key]);
  let layer: readonly FunctionKey[] = [fn.fn.key];
  for (let depth = 0; depth < MOST_CALLS && layer.length > 0 && seen.size < MOST_CALLERS; depth += 1) {
    const next = layer.flatMap((key) => program.callersOf(key)).filter((key) => !seen.has(key));
    for (const key of next) {
      seen.add(key);
      const caller = program.factsOf(key);
      const computed = caller === undefined ? [] : computedIn(caller, fn, get, set);
      if (caller === undefined || computed.length === 0) continue;
      isSeen = true;
      const dear = computed
        .map(({ looked, operations }) => dearOf(operations, looked.loops.length))
        .find((operation) => operation !== undefined);
      // Few ask for it at a time.
      if (dear !== undefined && concurrencyOf(caller, dear, program) !== 'low' && !isForAdministrators(key, program))
        return { dear };
    }
    layer = next;
  }
  return isSeen ? { dear: undefined } : handedByName(fn, program);
}

/** Methods of many classes have these names. */
const COMMON = /^(get|set|fetch|load|run|exec(ute)?|call|wrap|use|find|do|with|once|apply)$/i;

/** Behind an interface or a proxy nobody is seen to call the method; what is handed to one of its name is seen. */
function handedByName({ fn }: FunctionFacts, program: ProgramFacts): Handed | undefined {
  const { name, class: owner } = fn.node;
  if (owner === undefined) return undefined;
  // A cache for everything: what is kept in it, nobody can say.
  if (COMMON.test(name)) return { dear: undefined };
  const files = program.files.filter(
    (file) => file.text.includes(`.${name}(`) && program.roleOf(file.path) === 'source',
  );
  const handed = files.flatMap((file) =>
    file.calls.flatMap((call) => {
      if (call.callee.kind !== 'member' || call.callee.name !== name) return [];
      const callback = call.args.find((arg) => arg.kind === 'function');
      return callback === undefined ? [] : [operationsIn(file.path, call, callback, program)];
    }),
  );
  if (handed.length === 0) return undefined;
  return { dear: handed.map((operations) => dearOf(operations, 0)).find((dear) => dear !== undefined) };
}

/** Of the function that hands it over, what the callback does. */
function operationsIn(path: string, call: Span, callback: Span, program: ProgramFacts): readonly Operation[] {
  let around = program.enclosing({ path, start: call.start, end: call.start });
  while (around !== undefined && program.factsOf(around.key) === undefined) around = program.parentOf(around);
  const facts = around === undefined ? undefined : program.factsOf(around.key);
  return facts?.operations.filter((operation) => isWithin(placeOf(operation), callback)) ?? [];
}

interface Computation {
  readonly looked: Operation;
  readonly operations: readonly Operation[];
}

/** What the callbacks do stands between the look-up and the storing, as the caller sees them. */
function computedIn(caller: FunctionFacts, helper: FunctionFacts, get: Operation, set: Operation): Computation[] {
  return caller.operations.flatMap((stored) => {
    if (!isSameIn(stored, set, helper)) return [];
    const looked = caller.operations.findLast((other) => other.order < stored.order && isSameIn(other, get, helper));
    if (looked === undefined) return [];
    const between = caller.operations.filter(({ order }) => order > looked.order && order < stored.order);
    return between.some(({ effect }) => effect.kind === 'parameter-call') ? [] : [{ looked, operations: between }];
  });
}

function isSameIn({ at, fn, chain }: Operation, own: Operation, helper: FunctionFacts): boolean {
  return (
    at.start === own.at.start &&
    at.path === own.at.path &&
    (fn === helper.fn.key || chain.some((site) => site.fn === helper.fn.key))
  );
}

function dearOf(operations: readonly Operation[], around: number): Operation | undefined {
  const waited = operations.filter(({ awaited, deferred, tries }) => {
    return awaited && !deferred && !tries.some((part) => part.in === 'handler');
  });
  const request = waited.find(({ effect }) => effect.kind === 'request');
  if (request !== undefined) return request;
  const reads = waited.filter(({ effect }) => effect.kind === 'database' && effect.action === 'read');
  const whole = reads.find(
    ({ effect, loops }) => effect.kind === 'database' && (effect.aggregate !== undefined || loops.length > around),
  );
  return whole ?? (reads.length >= MANY_READS ? reads[0] : undefined);
}
