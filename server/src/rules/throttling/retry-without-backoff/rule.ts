/**
 * A failed call is made again without a growing wait: the service that cannot keep up gets more to do. Evidence is a
 * failure that leads to the same call again: through a loop, through recursion, or a timer of constant delay that
 * reconnects. Polling, taking locks, workers and trying alternatives are not retries.
 */
import type { FunctionFacts, Operation } from '../../../analysis/fact.ts';
import { soundsLikeAttempt } from '../../../analysis/naming.ts';
import { soundsPaced } from '../../../analysis/pacing.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { hasPart, keyOf, sourcesOf, type Value } from '../../../analysis/value.ts';
import { callAt, callTaking, functionAround, locationIn, textOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import type { SourceFile, Span } from '../../../typescript/syntax.ts';
import { fixRetry } from './fix.ts';
import { type Reconnect, reconnectsIn } from './reconnect.ts';
import { type RetryLoop, retryLoopAround } from './retry-loop.ts';

export type Retry =
  | {
      readonly kind: 'loop';
      readonly operation: Operation;
      readonly loop: RetryLoop;
      readonly waits: boolean;
      readonly confidence: Confidence;
    }
  | {
      readonly kind: 'recursion';
      readonly operation: Operation;
      readonly again: Operation;
      readonly capped: boolean;
      readonly confidence: Confidence;
    }
  | {
      readonly kind: 'reconnect';
      readonly file: SourceFile;
      readonly reconnect: Reconnect;
      readonly confidence: Confidence;
    };

export const retryWithoutBackoff = defineRule<Retry>({
  id: 'throttling/retry-without-backoff',
  summary: 'A failed call is repeated without a growing wait.',
  severity: 'warning',
  status: 'stable',
  cwe: [799, 835],
  detect: (fn, { program }) => detect(fn, program),
  report: (retry, { program }) => ({
    at: placeOfRetry(retry),
    message: messageOf(retry),
    related: relatedTo(retry, program),
    confidence: retry.confidence,
    resource: `retry ${retry.kind === 'reconnect' ? retry.reconnect.connect.name : retry.operation.model}`,
  }),
  fixes: fixRetry,
});

function placeOfRetry(retry: Retry): Location {
  return retry.kind === 'reconnect'
    ? locationIn(retry.file, retry.reconnect.timer.nameAt ?? retry.reconnect.timer)
    : placeOf(retry.operation);
}

function messageOf(retry: Retry): string {
  switch (retry.kind) {
    case 'reconnect':
      return `'${retry.reconnect.connect.name}' is called again a fixed time after the connection closed, so all clients come back at the same moment.`;
    case 'recursion':
      return `${nameOf(retry.operation)} is called again right after it failed${retry.capped ? '' : ', without end'}, and nothing waits in between.`;
    default: {
      const endless = retry.loop.cap === 'none' ? ', without end' : '';
      const pause = retry.waits ? 'always after the same wait' : 'and nothing waits in between';
      return `${nameOf(retry.operation)} is called again after it failed${endless}, ${pause}.`;
    }
  }
}

function relatedTo(retry: Retry, program: ProgramFacts) {
  switch (retry.kind) {
    case 'reconnect':
      return [
        {
          at: locationIn(retry.file, retry.reconnect.delay),
          message: 'The same delay for every client and every attempt.',
        },
      ];
    case 'recursion':
      return [{ at: placeOf(retry.again), message: 'Called again here.' }, ...traceOf(retry.operation, program)];
    default: {
      const { file, loop } = retry.loop;
      const header = { start: loop.start, end: Math.max(loop.start, loop.bodySpan.start) };
      const at = loop.form === 'do-while' ? { start: loop.start, end: loop.start + 2 } : header;
      return [{ at: locationIn(file, at), message: 'Tried again by this loop.' }, ...traceOf(retry.operation, program)];
    }
  }
}

// ---------------------------------------------------------------- evidence

const RANK: Readonly<Record<string, number>> = { request: 5, publish: 4, 'parameter-call': 3, database: 2, file: 1 };

function detect(fn: FunctionFacts, program: ProgramFacts): readonly Retry[] {
  return [...loops(fn, program), ...recursions(fn, program), ...reconnects(fn, program)];
}

function loops(fn: FunctionFacts, program: ProgramFacts): Retry[] {
  const found = new Map<number, Retry & { kind: 'loop' }>();
  const around = new Map<Location, RetryLoop | undefined>();
  for (const operation of fn.operations) {
    if (!isRepeatable(operation) || operation.loops.length === 0) continue;
    const place = placeOf(operation);
    const file = place.path === fn.fn.path ? program.file(place.path) : undefined;
    // All that one call does has one place.
    if (file !== undefined && !around.has(place)) around.set(place, loopAround(file, place));
    const loop = around.get(place);
    if (loop === undefined || isWaitedFor(fn, loop)) continue;
    const known = found.get(loop.loop.start);
    if (known !== undefined && rank(known.operation) >= rank(operation)) continue;
    const waits = constantWait(fn, loop);
    // A bounded number of attempts a fixed time apart is polite enough.
    if (waits && loop.cap !== 'none') continue;
    if (!waits && isPaced(fn, loop)) continue;
    const confidence = confidenceOfLoop(operation, loop, waits);
    if (confidence !== undefined) found.set(loop.loop.start, { kind: 'loop', operation, loop, waits, confidence });
  }
  return [...found.values()];
}

/** Also around the call that runs the closure the place is in: `await withTimeout(() => fetch(url))`. */
function loopAround(file: SourceFile, place: Span): RetryLoop | undefined {
  let at: Span = place;
  for (let depth = 0; depth < 3; depth += 1) {
    const loop = retryLoopAround(file, at);
    if (loop !== undefined) return loop;
    const closure = functionAround(file, at);
    const runs = closure === undefined ? undefined : callTaking(file, closure.index);
    if (
      runs === undefined ||
      /^(on|once|map|forEach|then|catch|setTimeout|addEventListener)$/.test(
        runs.nameAt === undefined ? '' : textOf(file, runs.nameAt),
      )
    )
      return undefined;
    at = runs.nameAt ?? runs;
  }
  return undefined;
}

function isRepeatable(operation: Operation): boolean {
  const { effect } = operation;
  if (operation.deferred || !operation.awaited) return false;
  if (effect.kind === 'file') return !effect.sync;
  if (effect.kind === 'database') return effect.action !== 'lock';
  if (effect.kind === 'request') return !effect.retriesItself;
  return effect.kind === 'publish' || effect.kind === 'parameter-call';
}

function rank(operation: Operation): number {
  return (RANK[operation.effect.kind] ?? 0) * 2 + (operation.chain.length === 0 ? 1 : 0);
}

/** Taking a lock or waiting for something to be ready is polling: asking again is what it is for. */
function isWaitedFor(fn: FunctionFacts, { call, file }: RetryLoop): boolean {
  const names = [
    fn.fn.node.name,
    functionAround(file, call)?.name ?? '',
    call.nameAt === undefined ? '' : textOf(file, call.nameAt),
  ];
  return names.some(
    (name) =>
      /poll|wait|lock(?!ed)|acquire|isReady|untilReady|until|health|probe|watch|dequeue|consume|receive|unique|generate|allocate/i.test(
        name,
      ) && !/block|clock/i.test(name),
  );
}

function isPaced(fn: FunctionFacts, { loop, file }: RetryLoop): boolean {
  if (waitsOf(fn, loop.start, file.path).length > 0) return true;
  return (
    soundsPaced(file, loop) ||
    fn.operations.some(
      (operation) => operation.effect.kind === 'timer' && operation.loops.some(({ at }) => at.start === loop.start),
    )
  );
}

function waitsOf(fn: FunctionFacts, start: number, path: string): Operation[] {
  return fn.operations.filter(
    ({ effect, loops }) => effect.kind === 'wait' && loops.some(({ at }) => at.start === start && at.path === path),
  );
}

/** Every wait of the loop is `sleep(1000)`, or `sleep(DELAY)` with a name that never holds anything else. */
function constantWait(fn: FunctionFacts, { loop, file }: RetryLoop): boolean {
  const waits = waitsOf(fn, loop.start, file.path);
  return (
    waits.length > 0 &&
    waits.every((wait) => {
      const place = placeOf(wait);
      const args = place.path === file.path ? (callAt(file, place)?.args ?? []) : [];
      const delay =
        args.find((arg) => arg.kind !== 'function' && arg.kind !== 'identifier') ??
        args.find((arg) => arg.kind === 'identifier' && wait.chain.length + 1 >= args.length);
      if (delay?.kind === 'literal') return typeof delay.value === 'number';
      if (delay?.kind !== 'identifier' || delay.variable === undefined) return false;
      const variable = file.variables[delay.variable];
      return variable?.kind === 'const' && variable.initializer?.kind === 'literal';
    })
  );
}

function confidenceOfLoop(operation: Operation, loop: RetryLoop, waits: boolean): Confidence | undefined {
  const { kind } = operation.effect;
  if (waits) return 'low';
  if (operation.coarse) return 'low';
  if (loop.cap === 'none') {
    if (kind === 'database' || kind === 'file' || operation.basis === 'shape') return 'medium';
    return 'high';
  }
  // Once more right away is what many a library does by default.
  if (loop.cap === 1) return undefined;
  if (loop.cap === 2) return 'low';
  if (kind === 'request' || kind === 'publish') return 'medium';
  if (kind === 'parameter-call')
    return /retry|retries|attempt/i.test(textOf(loop.file, functionAround(loop.file, loop.loop)?.nameAt ?? loop.loop))
      ? 'medium'
      : 'low';
  return 'low';
}

// ---------------------------------------------------------------- recursion

function recursions(fn: FunctionFacts, program: ProgramFacts): Retry[] {
  const found: Retry[] = [];
  for (const again of fn.operations) {
    const { effect } = again;
    if (
      effect.kind !== 'recursion' ||
      !isCallOfItself(effect.callee, again, fn, program) ||
      again.chain.length > 0 ||
      again.deferred
    )
      continue;
    if (!repeatsItself(effect.args, fn) || isWaitedBefore(fn, again)) continue;
    const failed = fn.operations.findLast(
      (operation) => isRepeatable(operation) && operation.order < again.order && failsInto(operation, again),
    );
    const file = program.file(fn.fn.path);
    if (failed === undefined || file === undefined || isRenewal(again, failed, fn, file)) continue;
    const capped = again.guards.some(({ test }) => mentionsCount(test) || comparesCount(test));
    const confidence = failed.effect.kind === 'request' && !capped && failed.basis !== 'shape' ? 'high' : 'medium';
    found.push({ kind: 'recursion', operation: failed, again, capped, confidence: failed.coarse ? 'low' : confidence });
    break;
  }
  return found;
}

/** Of the function itself, or of a closure of it from within the closure. */
function isCallOfItself(callee: string, again: Operation, fn: FunctionFacts, program: ProgramFacts): boolean {
  if (callee === fn.fn.key) return true;
  const node = program.info(callee)?.node;
  return node !== undefined && node.start <= again.at.start && again.at.end <= node.end;
}

/** Everything is handed on as it came, but for a count. */
function repeatsItself(args: readonly Value[], fn: FunctionFacts): boolean {
  return args.every((arg, index) => {
    if (arg.kind === 'place') return arg.path.length === 0 && arg.root.kind === 'parameter' && arg.root.index === index;
    if (arg.kind === 'union')
      return arg.alternatives.some(
        (part) =>
          part.kind === 'place' &&
          part.path.length === 0 &&
          part.root.kind === 'parameter' &&
          part.root.index === index,
      );
    if (arg.kind !== 'computed' || !/^[+-]$/.test(arg.operator)) return false;
    return isCountName(fn.parameterNames[index] ?? '');
  });
}

function isCountName(name: string): boolean {
  return soundsLikeAttempt(name) || /retr|attempt|tries|count|left|remaining|depth|times/i.test(name);
}

function mentionsCount(test: Value): boolean {
  return hasPart(
    test,
    (part) =>
      part.kind === 'place' &&
      part.root.kind === 'parameter' &&
      isCountName([part.root.name, ...part.path].at(-1) ?? ''),
  );
}

/** A counter kept outside of the closure that calls itself. */
function comparesCount(test: Value): boolean {
  return test.kind === 'computed' && /^[<>]=?$/.test(test.operator);
}

/** The recursion stands in the handler of the operation's `try`, or behind a check of the answer's status. */
function failsInto(operation: Operation, again: Operation): boolean {
  if (
    operation.tries.some(
      (around) =>
        around.in === 'block' && again.tries.some((other) => other.id === around.id && other.in === 'handler'),
    )
  )
    return true;
  if (operation.effect.kind !== 'request') return false;
  return again.guards.some(({ test, holds }) => sourcesOf(test).has(operation) && saysFailed(test, holds));
}

function saysFailed(test: Value, holds: boolean): boolean {
  const key = keyOf(test);
  if (/\.ok\b/.test(key)) return /^!/.test(key) === holds;
  return holds && /\.(status|statusCode)\b.*\b(429|5\d\d)\b/.test(key);
}

function isWaitedBefore(fn: FunctionFacts, again: Operation): boolean {
  return fn.operations.some(
    ({ effect, order, loops }) =>
      (effect.kind === 'wait' || effect.kind === 'timer') && order < again.order && loops.length <= again.loops.length,
  );
}

/** A token is renewed, a switch is thrown so that it happens once, or something else is repaired before. */
function isRenewal(again: Operation, failed: Operation, fn: FunctionFacts, file: SourceFile): boolean {
  const between = fn.operations.some(
    (operation) =>
      operation.order > failed.order &&
      operation.order < again.order &&
      operation.tries.some(({ in: part }) => part === 'handler') &&
      ['request', 'database', 'cache', 'file', 'parameter-call', 'memory'].includes(operation.effect.kind),
  );
  if (between) return true;
  const handled = again.tries.find(({ in: part }) => part === 'handler')?.at.start ?? again.span.start - 300;
  const from = Math.max(handled, again.span.start - 600, 0);
  const text = file.text.slice(from, again.span.end);
  return /refresh|token|401|unauthori|\bretried\b|_retry\b|isRetry|hasRetried|fallback|createIfNot|P2002|23505|unique|duplicat|conflict|collision|sleep|delay|\bwait|setTimeout/i.test(
    text,
  );
}

// ---------------------------------------------------------------- reconnecting

function reconnects(fn: FunctionFacts, program: ProgramFacts): Retry[] {
  const file = program.file(fn.fn.path);
  if (file === undefined || fn.fn.node.kind === 'module') return [];
  const own = reconnectsIn(file).filter(({ connect }) => connect === fn.fn.node);
  return own.map((reconnect) => ({
    kind: 'reconnect',
    file,
    reconnect,
    confidence: 'medium',
  }));
}
