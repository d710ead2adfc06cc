/**
 * State in memory that is read, then waited on, then written as if nothing had happened meanwhile. Node runs to the
 * next `await`: what has none between read and write is one step, and is never reported. Errs towards silence: any
 * place that is checked and set before the first wait is believed to let one run in (fixture: near-misses.ts).
 */
import { awaitsBetween } from '../../../analysis/await-span.ts';
import { type FunctionFacts, type Guard, weakest } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { concurrencyOf } from '../../../analysis/protection.ts';
import {
  isMemory,
  type MemoryOperation,
  readsIn,
  readsOf,
  type SharedPlace,
  sharedPlaceOf,
  sharing,
} from '../../../analysis/shared-state.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { hasPart, sameValue, type Value, walkValue } from '../../../analysis/value.ts';
import { callAt, childExpressions, expressionsAround, functionAround } from '../../../rewrite/source-edit.ts';
import type { Confidence, Location } from '../../../rule.ts';
import type {
  AssignExpression,
  Expression,
  FunctionNode,
  Pattern,
  SourceFile,
  Span,
} from '../../../typescript/syntax.ts';

/** `value`: what is written is computed from what was read. `index`: where it is written. `check`: that it is. `clear`: emptied after it was taken. */
export type StaleForm = 'value' | 'index' | 'check' | 'clear';

export interface StaleWrite {
  readonly fn: FunctionFacts;
  readonly operation: MemoryOperation;
  readonly place: SharedPlace;
  readonly form: StaleForm;
  /** Where the write stands, and what was read before it. */
  readonly write: Location;
  readonly read: Location;
  /** The first suspension between the two. */
  readonly wait: Span;
  /** The function both stand in. */
  readonly node: FunctionNode;
  readonly file: SourceFile;
  readonly confidence: Confidence;
}

interface Case {
  readonly fn: FunctionFacts;
  readonly operation: MemoryOperation;
  readonly place: SharedPlace;
  readonly file: SourceFile;
  readonly node: FunctionNode;
  readonly program: ProgramFacts;
  readonly at: Location;
}

interface Judged {
  readonly form: StaleForm;
  readonly read: Span;
  readonly wait: Span;
  readonly confidence: Confidence;
}

export function staleWritesOf(fn: FunctionFacts, program: ProgramFacts): StaleWrite[] {
  const found: StaleWrite[] = [];
  if (fn.segments === 0) return found;
  for (const operation of fn.operations) {
    // Nothing has been waited for yet.
    if (operation.segment === 0 || !isMemory(operation) || !/^(write|add|clear)$/.test(operation.effect.action))
      continue;
    if (operation.locks.length > 0 || operation.limited || operation.chain.length > 1) continue;
    const stale = caseOf(fn, operation, program);
    const judged = stale === undefined ? undefined : judge(stale);
    if (stale === undefined || judged === undefined) continue;
    // One check, or one state: what follows from it is one bug.
    if (found.some((known) => known.place.key === stale.place.key || known.read.start === judged.read.start)) continue;
    const shared = sharing(stale.place, fn, program);
    if (shared === undefined || lockedByCallers(fn, program)) continue;
    const { place, file, node, at } = stale;
    const confidence = weakest(judged.confidence, shared, concurrencyOf(fn, operation, program));
    const read = { path: file.path, start: judged.read.start, end: judged.read.end };
    found.push({ fn, operation, place, file, node, form: judged.form, write: at, read, wait: judged.wait, confidence });
  }
  return found;
}

function caseOf(fn: FunctionFacts, operation: MemoryOperation, program: ProgramFacts): Case | undefined {
  const at = placeOf(operation);
  const file = program.file(at.path);
  const place = sharedPlaceOf(operation.effect.target);
  if (file === undefined || place === undefined || !isNear(operation, place, file)) return undefined;
  const node = functionAround(file, at);
  if (node === undefined || node.kind === 'module' || node.kind === 'constructor') return undefined;
  if (!/\bawait\b/.test(file.text.slice(node.bodySpan.start, at.end))) return undefined;
  return { fn, operation, place, file, node, program, at };
}

/** The state is the function's own, or its class's: what another object does inside itself is told there. */
function isNear(operation: MemoryOperation, place: SharedPlace, file: SourceFile): boolean {
  const { root, path } = place.value;
  if (operation.chain.length === 0) return true;
  return root.kind === 'module' ? root.path === file.path : path.length === 1;
}

function judge(c: Case): Judged | undefined {
  return cleared(c) ?? computedFromStale(c) ?? checkedBefore(c);
}

/** Every call of the function that anybody has seen stands under a lock. */
function lockedByCallers(fn: FunctionFacts, program: ProgramFacts): boolean {
  const callers = program.callersOf(fn.fn.key);
  if (callers.length === 0) return false;
  return callers.every((key) => {
    const calls = (program.factsOf(key)?.operations ?? []).filter(({ fn: own, chain }) =>
      [own, ...chain.slice(1).map((site) => site.fn)].includes(fn.fn.key),
    );
    return calls.length > 0 && calls.every(({ locks }) => locks.length > 0);
  });
}

// ---------------------------------------------------------------- emptied after it was taken

const TEARDOWN =
  /destroy|dispose|close|shut_?down|stop|tear_?down|reset|clear|disconnect|clean_?up|unmount|kill|drop|invalidate|logout/i;

function cleared(c: Case): Judged | undefined {
  const { operation, place, node, file, at } = c;
  if (!empties(operation) || TEARDOWN.test(node.name) || operation.tries.some((part) => part.in === 'handler'))
    return undefined;
  for (const read of readsOf(place, node, file)) {
    if (read.end > at.start) break;
    const [wait] = awaitsBetween(node, read, at);
    if (wait === undefined || writtenBetween(c, read, wait) || recheckedAfter(c, wait)) continue;
    return { form: 'clear', read, wait, confidence: growsElsewhere(c) ? 'high' : 'low' };
  }
  return undefined;
}

function empties({ effect }: MemoryOperation): boolean {
  if (effect.action === 'clear') return true;
  if (effect.action !== 'write' || effect.value === undefined) return false;
  const { value, target } = effect;
  if (value.kind === 'array') return value.elements.length === 0 && !value.open;
  if (value.kind === 'object') return value.properties.size === 0 && value.others.length === 0;
  if (value.kind === 'constant') return value.value === 0 && target.kind === 'place' && target.path.at(-1) === 'length';
  return value.kind === 'computed' && /^new:(Map|Set|Array)$/.test(value.operator) && value.operands.length === 0;
}

/** The place is given something else, in one step with the read, before the function waits. */
function writtenBetween(c: Case, from: Span, to: Span): boolean {
  return c.fn.operations.some((other) => {
    if (!isMemory(other) || other === c.operation || !/^(write|add|clear|delete)$/.test(other.effect.action))
      return false;
    const at = placeOf(other);
    if (at.path !== c.file.path || at.start < from.start || at.start >= to.end) return false;
    return sharedPlaceOf(other.effect.target)?.key === c.place.key;
  });
}

const additions = new WeakMap<ProgramFacts, ReadonlyMap<string, readonly MemoryOperation[]>>();

function growsElsewhere(c: Case): boolean {
  let known = additions.get(c.program);
  if (known === undefined) {
    const found = new Map<string, MemoryOperation[]>();
    for (const operation of c.program.ownOperations('memory')) {
      if (!isMemory(operation) || !/^(add|write)$/.test(operation.effect.action) || empties(operation)) continue;
      const key = sharedPlaceOf(operation.effect.target)?.key;
      if (key === undefined) continue;
      const list = found.get(key);
      if (list === undefined) found.set(key, [operation]);
      else list.push(operation);
    }
    known = found;
    additions.set(c.program, known);
  }
  return (known.get(c.place.key) ?? []).some(({ at }) => {
    const around = c.program.enclosing(at)?.node;
    return around !== undefined && around.kind !== 'constructor' && around.kind !== 'module' && around !== c.node;
  });
}

// ---------------------------------------------------------------- computed from what was read

function computedFromStale(c: Case): Judged | undefined {
  const { operation, place, file, node, at } = c;
  if (operation.chain.length > 0 || operation.effect.action === 'clear') return undefined;
  const assignment = expressionsAround(file, at).find((part): part is AssignExpression => part.kind === 'assign');
  if (assignment?.value === undefined) return undefined;
  const { target } = operation.effect;
  const isWhole =
    operation.effect.action === 'write' && target.kind === 'place' && target.path.length === place.value.path.length;
  const isCompound = assignment.operator !== '=' && !/^(\?\?|\|\||&&)=$/.test(assignment.operator);
  const end = { start: assignment.end, end: assignment.end };
  const old = isWhole ? readsBehind(assignment.value, place, file, 0) : [];
  const reads: readonly Span[] = isCompound && isWhole ? [assignment.target, ...old] : old;
  for (const read of reads) {
    const waits = awaitsBetween(node, read, end);
    const [first] = waits;
    const last = waits.at(-1);
    if (first === undefined || last === undefined || recheckedAfter(c, last)) continue;
    if (reads.some((other) => other.start >= last.end)) continue;
    // Who has looked again since the first wait leaves a small gap.
    const confidence = looksAgain(c, first) ? 'low' : sureOfValue(c, assignment, isCompound);
    return { form: 'value', read, wait: first, confidence };
  }
  return staleIndex(c, assignment, end);
}

/** A sum or a copy with changes is certainly made of what was read; what a call makes of it is not known. */
function sureOfValue({ place }: Case, { value }: AssignExpression, isCompound: boolean): Confidence {
  // A lost count of a metric does no harm.
  if (/(count|counter|total|metric|stat|hits|miss(es)?|attempts|errors|requests)s?$/i.test(place.name)) return 'low';
  if (isCompound) return 'high';
  return value !== undefined && /^(binary|object|array|template)$/.test(value.kind) ? 'high' : 'medium';
}

/** `const last = list.length - 1; await …; list[last] = …`: the element that stood there. */
function staleIndex(c: Case, assignment: AssignExpression, end: Span): Judged | undefined {
  for (const index of indexesIn(assignment.target)) {
    for (const read of readsBehind(index, c.place, c.file, 0)) {
      const [wait] = awaitsBetween(c.node, read, end);
      if (wait !== undefined) return { form: 'index', read, wait, confidence: 'medium' };
    }
  }
  return undefined;
}

function indexesIn(target: Pattern | Expression): Expression[] {
  if (target.kind === 'index') return [target.index, ...indexesIn(target.object)];
  return target.kind === 'member' ? indexesIn(target.object) : [];
}

/** Reads of the place that the value is made of, through constants of the function. */
function readsBehind(value: Expression, place: SharedPlace, file: SourceFile, depth: number): Expression[] {
  const found = readsIn(value, place, file);
  if (depth > 2) return found;
  const visit = (expression: Expression): void => {
    if (expression.kind === 'identifier' && expression.variable !== undefined) {
      const { fn, initializer, reassigned } = file.variables[expression.variable] ?? {};
      if (fn !== undefined && fn !== 0 && initializer !== undefined && reassigned === false)
        found.push(...readsBehind(initializer, place, file, depth + 1));
    }
    childExpressions(expression).forEach(visit);
  };
  visit(value);
  return found;
}

/** A condition behind the first wait that reads the place anew, not a copy of what it was. */
function looksAgain({ operation, file, place }: Case, wait: Span): boolean {
  return operation.guards.some(
    ({ at }) =>
      at.path === file.path && at.start >= wait.end && file.text.slice(at.start, at.end).includes(place.label),
  );
}

/** A condition on the place behind the last wait: the code looks again. */
function recheckedAfter({ operation, file, place }: Case, wait: Span): boolean {
  return operation.guards.some(
    ({ at, test }) => at.path === file.path && at.start >= wait.end && mentions(test, place),
  );
}

function mentions(value: Value, place: SharedPlace): boolean {
  return hasPart(value, (part) => {
    if (part.kind === 'place') return sharedPlaceOf(part)?.key === place.key;
    return (
      part.kind === 'result' &&
      isMemory(part.operation) &&
      sharedPlaceOf(part.operation.effect.target)?.key === place.key
    );
  });
}

// ---------------------------------------------------------------- written because of a check

function checkedBefore(c: Case): Judged | undefined {
  const { operation, place, file, node, at } = c;
  const guards = operation.guards.filter(
    (guard) => guard.at.path === file.path && guard.at.end <= at.start && functionAround(file, guard.at) === node,
  );
  for (const guard of guards) {
    if (!mentions(guard.test, place) || isOtherKey(guard, operation)) continue;
    const waits = awaitsBetween(node, guard.at, at);
    const [first] = waits;
    const last = waits.at(-1);
    if (first === undefined || last === undefined || recheckedAfter(c, last) || claimed(c, guards, first)) continue;
    const confidence = sureOfCheck(c, guard);
    if (confidence !== undefined) return { form: 'check', read: guard.at, wait: first, confidence };
  }
  return undefined;
}

/** `has(a)` says nothing of `set(b)`. */
function isOtherKey(guard: Guard, { effect }: MemoryOperation): boolean {
  const { key } = effect;
  if (key === undefined) return false;
  const asked: Value[] = [];
  walkValue(guard.test, (part) => {
    if (part.kind === 'result' && isMemory(part.operation) && part.operation.effect.key !== undefined)
      asked.push(part.operation.effect.key);
  });
  return asked.length > 0 && !asked.some((other) => sameValue(other, key));
}

/** Some place that is checked is also set before the first wait: who is first says so there. */
function claimed(c: Case, guards: readonly Guard[], first: Span): boolean {
  return c.fn.operations.some((other) => {
    if (!isMemory(other) || other === c.operation || !/^(write|add|delete)$/.test(other.effect.action)) return false;
    const at = placeOf(other);
    const place = sharedPlaceOf(other.effect.target);
    if (place === undefined || at.path !== c.file.path || at.start >= first.end) return false;
    return guards.some((guard) => guard.at.start <= at.start && mentions(guard.test, place));
  });
}

/** How much it matters that two runs pass the check; undefined when it does not. */
function sureOfCheck(c: Case, guard: Guard): Confidence | undefined {
  const { operation } = c;
  const { key, value, action } = operation.effect;
  if (action === 'clear' || (action === 'add' && key === undefined) || !asksForAbsence(guard, c.place))
    return undefined;
  if (value !== undefined && isNothing(value)) return undefined;
  if (key !== undefined || action === 'add') return doesTwice(c, guard);
  if (isSharedPromise(c)) return undefined;
  // Said once that it is done, nobody ever says otherwise: doing it twice at start-up is doing it once.
  if (value?.kind === 'constant') return isTakenBack(c) ? 'medium' : undefined;
  return makesResource(c) ? 'medium' : 'low';
}

/** `busy = true; try { … } finally { busy = false }`: the mark is there to keep a second run out. */
function isTakenBack({ fn, operation, place }: Case): boolean {
  return fn.operations.some(
    (other) =>
      other.order > operation.order &&
      isMemory(other) &&
      other.effect.action === 'write' &&
      other.effect.value !== undefined &&
      isNothing(other.effect.value) &&
      other.tries.some((part) => part.in === 'finalizer') &&
      sharedPlaceOf(other.effect.target)?.key === place.key,
  );
}

function isNothing(value: Value): boolean {
  return value.kind === 'constant' && (value.value === null || value.value === undefined || value.value === false);
}

/** `!place`, `place === undefined`, `!map.has(key)`, or their opposites behind an early exit. */
function asksForAbsence({ test, holds }: Guard, place: SharedPlace): boolean {
  switch (test.kind) {
    case 'computed': {
      const [left, right] = test.operands;
      if (left === undefined) return false;
      if (test.operator === '!') return asksForAbsence({ test: left, holds: !holds } as Guard, place);
      if (test.operator === '&&' || test.operator === '||')
        return test.operands.some(
          (part) => mentions(part, place) && asksForAbsence({ test: part, holds } as Guard, place),
        );
      if (/^[=!]==?$/.test(test.operator) && right !== undefined) {
        const other = mentions(left, place) ? right : left;
        return isNothing(other) && holds === test.operator.startsWith('=');
      }
      return false;
    }
    case 'union':
      return test.alternatives.some(
        (part) => mentions(part, place) && asksForAbsence({ test: part, holds } as Guard, place),
      );
    default:
      return !holds;
  }
}

/** Whether something that can be seen outside happens between the check and the mark: then it happens twice. */
function doesTwice(c: Case, guard: Guard): Confidence | undefined {
  let isFilled = false;
  for (const other of c.fn.operations) {
    const at = placeOf(other);
    if (at.path !== c.file.path || at.start < guard.at.end || at.start > c.at.end || !other.guards.includes(guard))
      continue;
    const { effect } = other;
    if (effect.kind === 'publish') return 'medium';
    if (effect.kind === 'database' && effect.action !== 'read' && effect.action !== 'lock') return 'medium';
    isFilled ||=
      effect.kind === 'database' ||
      effect.kind === 'request' ||
      effect.kind === 'file' ||
      effect.kind === 'parameter-call';
  }
  // Filling a cache twice is `throttling/cache-stampede`'s to tell.
  return isFilled ? undefined : 'low';
}

/** `this.browser = await this.launching`: everyone waits for the same promise. */
function isSharedPromise({ file, at }: Case): boolean {
  const assignment = expressionsAround(file, at).find((part): part is AssignExpression => part.kind === 'assign');
  const waited = assignment?.value?.kind === 'await' ? assignment.value.operand : undefined;
  if (waited?.kind === 'member') return waited.object.kind === 'this';
  return waited?.kind === 'identifier' && waited.variable !== undefined && file.variables[waited.variable]?.fn === 0;
}

const MAKING =
  /^(connect|launch|open|listen|start|spawn|subscribe|login|createClient|createConnection|createPool|createChannel|acquire|fork|register)/i;

/** What is made twice is one too many: a connection, a browser, a listener that nobody closes. */
function makesResource({ file, at, operation }: Case): boolean {
  if (operation.chain.length > 0) return false;
  const assignment = expressionsAround(file, at).find((part): part is AssignExpression => part.kind === 'assign');
  const made = assignment?.value?.kind === 'await' ? assignment.value.operand : assignment?.value;
  if (made?.kind !== 'call') return false;
  const name =
    made.callee.kind === 'member' ? made.callee.name : made.callee.kind === 'identifier' ? made.callee.name : '';
  return MAKING.test(name) && callAt(file, made) !== undefined;
}
