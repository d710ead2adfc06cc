/**
 * Someone else's API called once per element of a list, with nothing between the calls: no limiter, no wait, no
 * batches. Reported where the loop stands, however deep the request lies; a loop that a callee already contains is the
 * callee's finding. In-process calls, a page's calls to its own server and clients that queue by themselves are not.
 */

import { stopsAtFirst } from '../../../analysis/early-end.ts';
import type { FunctionFacts, Loop } from '../../../analysis/fact.ts';
import { dependsOnElement, isElementOf, isInLoop } from '../../../analysis/loop-kind.ts';
import {
  type Destination,
  destinationOf,
  hostOf,
  isRequest,
  type RequestOperation,
  roundSpan,
  runsInBrowser,
  soundsPaced,
  waitsIn,
} from '../../../analysis/pacing.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  isInside,
  isShortByNature,
  isShortForCallers,
  isStartUp,
  listLabel,
  listSpan,
  loopSyntax,
  seenByCallee,
  unboundedLoop,
} from '../../../analysis/repetition.ts';
import { nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { hasPart, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { textOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import { fixUnthrottled } from './fix.ts';

export interface UnthrottledCall {
  readonly fn: FunctionFacts;
  readonly loop: Loop;
  readonly request: RequestOperation;
  /** The call in the loop; the loop itself where the call is in a closure that the loop calls. */
  readonly place: Location;
  readonly destination: Destination;
  /** The rounds overlap, or nobody waits for the request. */
  readonly parallel: boolean;
  readonly confidence: Confidence;
}

export const unthrottledApiCalls = defineRule<UnthrottledCall>({
  id: 'throttling/unthrottled-api-calls',
  summary: 'An outside API is called once per element with nothing that limits the rate.',
  severity: 'warning',
  status: 'stable',
  cwe: [770, 799],
  detect: (fn, { program }) => detect(fn, program),
  report: (evidence, { program }) => ({
    at: evidence.place,
    message: messageOf(evidence, program),
    related: [
      ...(evidence.place === evidence.loop.at
        ? [{ at: placeOf(evidence.request), message: 'Each element makes this call.' }]
        : [{ at: evidence.loop.at, message: `Repeated for each element of ${listLabel(evidence.loop, program)}.` }]),
      ...traceOf(evidence.request, program),
    ],
    confidence: evidence.confidence,
    resource: `service ${evidence.request.effect.service ?? evidence.request.model}`,
  }),
  fixes: fixUnthrottled,
});

function messageOf({ request, loop, parallel }: UnthrottledCall, program: ProgramFacts): string {
  const { service } = request.effect;
  const whom = service === undefined ? 'an outside service' : service;
  return `${nameOf(request)} calls ${whom} once per element of ${listLabel(loop, program)}${parallel ? ', all at once' : ''}, and nothing limits the rate.`;
}

// ---------------------------------------------------------------- evidence

function detect(fn: FunctionFacts, program: ProgramFacts): readonly UnthrottledCall[] {
  const found = new Map<string, UnthrottledCall>();
  for (const request of fn.operations) {
    if (!isRequest(request) || request.limited || request.deferred || request.effect.limitsItself) continue;
    const loop = repeatedBy(request, fn, program);
    if (loop === undefined) continue;
    if (isSeenCloser(loop, request, fn, program)) continue;
    const place = placeIn(loop, request, program);
    const key = `${loop.at.start}|${place.start}`;
    const known = found.get(key);
    if (known !== undefined && (known.request.effect.service !== undefined || request.effect.service === undefined))
      continue;
    const evidence = judged(request, loop, place, fn, program);
    if (evidence !== undefined) found.set(key, evidence);
  }
  return [...found.values()];
}

/** The loop of this function that repeats the request for a list nobody bounds. */
function repeatedBy(request: RequestOperation, fn: FunctionFacts, program: ProgramFacts): Loop | undefined {
  if (request.loops.some(({ concurrency, repeats }) => concurrency === 'limited' || repeats === 'chunk'))
    return undefined;
  const loop = unboundedLoop(request, program);
  if (loop === undefined || seenByCallee(request, loop, program)) return undefined;
  if (!isInside(loop.at, fn, program) && request.chain.length > 0 && request.chain[0]?.at.path !== fn.fn.path)
    return undefined;
  if (isShortByNature(loop, program) || isShortForCallers(request, loop, fn, program)) return undefined;
  if (isBounded(loop, program)) return undefined;
  return loop;
}

/** A page of a query, a slice between two places. */
function isBounded(loop: Loop, program: ProgramFacts): boolean {
  if (
    loop.over !== undefined &&
    [...sourcesOf(loop.over)].some(({ effect }) => effect.kind === 'database' && effect.limited)
  )
    return true;
  const syntax = loopSyntax(loop, program);
  const list = syntax === undefined ? undefined : listSpan(syntax);
  return syntax !== undefined && list !== undefined && /\.s(p)?lice\([^()]*,[^()]*\)$/.test(textOf(syntax.file, list));
}

/** A closure of the function that has facts of its own sees it too, and is the smaller place. */
function isSeenCloser(loop: Loop, request: RequestOperation, fn: FunctionFacts, program: ProgramFacts): boolean {
  const own = program.enclosing(loop.at)?.key;
  if (own === undefined || own === fn.fn.key) return false;
  const seen = (other: Loop): boolean => other.at.start === loop.at.start;
  return (
    program.factsOf(own)?.operations.some(({ at, loops }) => at.start === request.at.start && loops.some(seen)) ?? false
  );
}

function placeIn(loop: Loop, request: RequestOperation, program: ProgramFacts): Location {
  const place = placeOf(request);
  const syntax = loopSyntax(loop, program);
  if (syntax === undefined || syntax.file.path !== place.path) return place;
  const whole = syntax.kind === 'statement' ? syntax.loop : syntax.call;
  return whole.start <= place.start && place.end <= whole.end ? place : loop.at;
}

function judged(
  request: RequestOperation,
  loop: Loop,
  place: Location,
  fn: FunctionFacts,
  program: ProgramFacts,
): UnthrottledCall | undefined {
  const destination = destinationOf(request, fn, program);
  const parallel = loop.concurrency === 'parallel' || !request.awaited;
  if (isPaced(loop, parallel, fn, program)) return undefined;
  // A batch is gone through at once: pages bound how many requests are open.
  if (parallel && request.loops.some(({ repeats }) => repeats === 'page')) return undefined;
  const confidence = confidenceOf(request, loop, destination, parallel, fn, program);
  return confidence === undefined ? undefined : { fn, loop, request, place, destination, parallel, confidence };
}

function isPaced(loop: Loop, parallel: boolean, fn: FunctionFacts, program: ProgramFacts): boolean {
  const waits = waitsIn(fn, loop);
  // Rounds that overlap all wait the same constant time and then go at once.
  if (waits.some(({ effect }) => !parallel || (effect.kind === 'wait' && effect.duration?.kind !== 'constant')))
    return true;
  if (parallel && waits.length > 0) return false;
  const round = roundSpan(loop, program);
  return round !== undefined && soundsPaced(round.file, round.span);
}

// ---------------------------------------------------------------- confidence

/** Undefined where a maintainer would shrug. */
function confidenceOf(
  request: RequestOperation,
  loop: Loop,
  destination: Destination,
  parallel: boolean,
  fn: FunctionFacts,
  program: ProgramFacts,
): Confidence | undefined {
  if (request.basis === 'shape' && (destination === 'own' || !looksLikeRequest(request, program))) return undefined;
  if (destination === 'own') return parallel && !request.effect.local ? 'low' : undefined;
  // Waiting after a failure is the other half of being polite; one request at a time with it harms nobody.
  const backsOff = request.effect.retriesItself || request.retried === 'with-backoff';
  const infrastructure = isInfrastructure(request);
  if (!parallel && (backsOff || infrastructure)) return undefined;
  if (differentHosts(request.effect.url, loop)) return parallel ? 'low' : undefined;
  if (stopsAtFirst(loopSyntax(loop, program), placeOf(request))) return undefined;
  if (request.coarse || isStartUp(fn, program) || infrastructure || backsOff) return 'low';
  // Only for the few elements that several conditions leave, or that what a visitor does just now is about.
  const conditions = request.guards.filter(({ test }) => dependsOnElement(test, loop));
  const isBrowser = runsInBrowser(program.file(fn.fn.path));
  if (conditions.length > (isBrowser ? 0 : 2)) return 'low';
  // The same address each time, and nothing is sent: something is read from it that could be kept.
  if (destination === 'unknown' && isSameEachTime(request, loop)) return 'low';
  if (isFewByOrigin(loop, program) || isRemembered(request) || isConfigured(loop)) return 'low';
  // A browser opens a handful of connections to one host.
  if (isBrowser) return 'medium';
  return destination === 'third-party' && request.basis !== 'shape' ? 'high' : 'medium';
}

function isSameEachTime({ effect }: RequestOperation, loop: Loop): boolean {
  if (effect.payload !== undefined || effect.url === undefined) return false;
  return !hasPart(
    effect.url,
    (part) =>
      part.kind === 'element' || part.kind === 'unknown' || (part.kind === 'result' && isInLoop(part.operation, loop)),
  );
}

/** Someone entered the elements by hand. */
function isConfigured({ over }: Loop): boolean {
  const path = over?.kind === 'place' || over?.kind === 'result' || over?.kind === 'element' ? over.path : [];
  return path.some((name) => /config|settings|options|preferences/i.test(name));
}

/**
 * Known by the look of its receiver alone (`pricingApi`): a request is waited for. What is not is an interface of the
 * program's own parts, and so is what looks like a store; a signed address is computed here.
 */
function looksLikeRequest({ name, span, awaited, chain }: RequestOperation, program: ProgramFacts): boolean {
  if (
    !awaited ||
    /^(find(One|Many|All|First)?|count|run|query|execute|aggregate)$/.test(name) ||
    /sign(ed)?_?ur[il]/i.test(name)
  )
    return false;
  if (chain.length > 0) return true;
  const file = program.file(span.path);
  const before = file?.text.slice(Math.max(0, span.start - 200), span.start) ?? '';
  return (
    /(await|return|=>|then\(|ValueFrom\()[\s(]*$/.test(before) ||
    /^\s*\.(then|catch)\(/.test(file?.text.slice(span.end, span.end + 20) ?? '')
  );
}

/** Parts of one text, the keys of one object. */
function isFewByOrigin(loop: Loop, program: ProgramFacts): boolean {
  const { over, form } = loop;
  const syntax = loopSyntax(loop, program);
  const list = syntax === undefined ? undefined : listSpan(syntax);
  if (syntax !== undefined && list !== undefined && /^Object\.(keys|values|entries)\(/.test(textOf(syntax.file, list)))
    return true;
  let found = form === 'for-in';
  if (over !== undefined)
    walkValue(over, (part) => {
      if (part.kind === 'computed' && /^call:(split|keys|entries|values)$/.test(part.operator)) found = true;
      return found;
    });
  return found;
}

/** Made only while something the module or object keeps is not there yet: once, however many elements. */
function isRemembered(request: RequestOperation): boolean {
  return request.chain.length > 0 && request.guards.some(({ test, holds }) => (holds ? isAbsence(test) : isKept(test)));
}

function isKept(value: Value): boolean {
  return value.kind === 'place' && (value.root.kind === 'module' || value.root.kind === 'this');
}

function isAbsence(test: Value): boolean {
  if (test.kind !== 'computed') return false;
  const [left, right] = test.operands;
  if (left === undefined || !isKept(left)) return false;
  return (
    test.operator === '!' ||
    (/^===?$/.test(test.operator) && right?.kind === 'constant' && (right.value === null || right.value === undefined))
  );
}

/** Object stores and the like are built for one request per object. */
function isInfrastructure({ effect, at, chain, model }: RequestOperation): boolean {
  const host = effect.url === undefined ? undefined : hostOf(effect.url);
  if (effect.service === 'aws' || /storage|blob|s3/i.test(model) || /storage|^s3|cdn|blob/.test(host ?? ''))
    return true;
  return (
    /\/(storage|filesystem)\/|(storage|s3|blob)[^/]*$/i.test(at.path) ||
    chain.some(({ name }) => /S3|bucket|blob|storage/i.test(name))
  );
}

/** The element says where the request goes: no one service gets them all. */
function differentHosts(url: Value | undefined, loop: Loop): boolean {
  const start =
    url?.kind === 'computed' && (url.operator === 'template' || url.operator === '+')
      ? url.operands.find((part) => part.kind !== 'constant' || part.value !== '')
      : url;
  return start !== undefined && isElementOf(start, loop);
}
