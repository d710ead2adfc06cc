/**
 * A cache entry is looked up, found missing, computed and stored, and nothing lets one caller compute for all: whoever
 * misses in the meantime computes as well. A promise stored before it settles, a lock, `SET NX`, a map of computations
 * under way are what lets one run alone. Errs towards silence: a second shared place that decides whether to compute
 * is believed to be such a map (fixture: single-flight.ts).
 */
import type { CacheEffect, FunctionFacts, Guard, MemoryEffect, Operation } from '../../../analysis/fact.ts';
import { isForAdministrators } from '../../../analysis/lost-chance.ts';
import { runsInBrowser } from '../../../analysis/pacing.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isInside, isStartUp } from '../../../analysis/repetition.ts';
import { labelOf, nameOf, placeOf, resourceKey, sameCall, traceOf } from '../../../analysis/trace.ts';
import {
  hasPart,
  keyOf,
  type PlaceValue,
  sameValue,
  sourcesOf,
  type Value,
  walkValue,
} from '../../../analysis/value.ts';
import { childExpressions, functionAround, partsOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import type { Expression, Span, Statement } from '../../../typescript/syntax.ts';
import { type Handed, handedTo } from './cost.ts';
import { fixStampede } from './fix.ts';
import { type Lookup, meaningOf } from './miss.ts';

export interface Stampede {
  readonly fn: FunctionFacts;
  /** Undefined for an object that is indexed. */
  readonly get: Operation | undefined;
  readonly set: Operation;
  /** Undefined for an awaited call that nothing is known about. */
  readonly compute: Operation | undefined;
  readonly key: Value | undefined;
  readonly inProcess: boolean;
  /** The condition under which the value is computed. */
  readonly guard: Guard | undefined;
  /** What callers compute, where the computation is handed in. */
  readonly handed: Handed | undefined;
  readonly confidence: Confidence;
}

export const cacheStampede = defineRule<Stampede>({
  id: 'throttling/cache-stampede',
  summary: 'Everyone who misses a cache entry computes it.',
  severity: 'warning',
  status: 'stable',
  cwe: [362, 400],
  detect: (fn, { program }) => detect(fn, program),
  report: ({ set, get, compute, key, guard, handed, confidence }, { program }) => ({
    at: placeOf(set),
    message: `${subject(key)} is computed${compute === undefined ? '' : ` with ${nameOf(compute)}`} when it is not in the cache and stored by ${nameOf(set)}, and everyone who asks for it in the meantime computes it as well.`,
    related: [
      ...(get === undefined
        ? guard === undefined
          ? []
          : [{ at: guard.at, message: 'Found missing here.' }]
        : [{ at: placeOf(get), message: 'Looked up here.' }]),
      ...(compute === undefined ? [] : [{ at: placeOf(compute), message: 'Computed here.' }]),
      ...(handed?.dear === undefined
        ? []
        : [{ at: placeOf(handed.dear), message: 'This is one thing that is computed so.' }]),
      ...traceOf(set, program),
    ],
    confidence,
    resource: `cache entry ${key === undefined ? '' : resourceKey(key)}`,
  }),
  fixes: fixStampede,
});

function subject(key: Value | undefined): string {
  const label = key === undefined ? undefined : labelOf(key);
  return label === undefined || label.length > 40 ? 'The entry' : `The entry '${label}'`;
}

// ---------------------------------------------------------------- evidence

function detect(fn: FunctionFacts, program: ProgramFacts): readonly Stampede[] {
  if (fn.fn.node.kind === 'module' || runsInBrowser(fn.fn.file)) return [];
  const found = new Map<number, Stampede>();
  for (const set of fn.operations) {
    if (set.limited || set.locks.length > 0 || found.has(placeOf(set).start)) continue;
    const evidence =
      set.effect.kind === 'cache'
        ? storedRemotely(fn, set, set.effect, program)
        : set.effect.kind === 'memory'
          ? storedHere(fn, set, set.effect, program)
          : undefined;
    if (evidence !== undefined) found.set(placeOf(set).start, evidence);
  }
  return [...found.values()];
}

function storedRemotely(
  fn: FunctionFacts,
  set: Operation,
  effect: CacheEffect,
  program: ProgramFacts,
): Stampede | undefined {
  if (effect.action !== 'set' || isOwnersWrite(effect.key, fn)) return undefined;
  const gets = fn.operations.filter(
    (get) =>
      get.order < set.order &&
      get.effect.kind === 'cache' &&
      (get.effect.action === 'get' || get.effect.action === 'exists') &&
      sameValue(get.effect.key, effect.key),
  );
  // A call that looks and stores by itself is told where it does; what was looked up before it is another matter.
  if (gets.some((get) => sameCall(get, set))) return undefined;
  for (const get of gets) {
    const evidence = filled(fn, { operation: get }, get, set, effect.value, program);
    // A promise that the process keeps is there for whoever comes next.
    const isPromise =
      effect.inProcess &&
      evidence?.compute !== undefined &&
      !isAwaitedBefore(placeOf(evidence.compute), placeOf(set), program);
    if (evidence !== undefined && !isPromise) return { ...evidence, key: effect.key, inProcess: effect.inProcess };
  }
  return undefined;
}

function storedHere(
  fn: FunctionFacts,
  set: Operation,
  effect: MemoryEffect,
  program: ProgramFacts,
): Stampede | undefined {
  if (effect.action !== 'add') return undefined;
  const { target } = effect;
  if (target.kind !== 'place' || !isShared(target, fn)) return undefined;
  const { key, value } = effect;
  if (key === undefined || value === undefined) return undefined;
  const lookups: { lookup: Lookup; get: Operation | undefined }[] = [];
  // What a lookup in memory gives is the place itself.
  const place = { place: `${keyOf(target)}.${key.kind === 'constant' ? String(key.value) : '[]'}` };
  let elsewhere = false;
  for (const get of fn.operations) {
    if (get.order >= set.order) break;
    if (get.effect.kind !== 'memory' || (get.effect.action !== 'get' && get.effect.action !== 'has')) continue;
    if (keyOf(get.effect.target) !== keyOf(target) || get.effect.key === undefined) continue;
    // Of another key, or all of it behind one call: that function's finding.
    if (!sameValue(get.effect.key, key) || sameCall(get, set)) elsewhere = true;
    else lookups.push({ lookup: { operation: get }, get }, { lookup: place, get });
  }
  if (lookups.length === 0 && !elsewhere) lookups.push({ lookup: place, get: undefined });
  for (const { lookup, get } of lookups) {
    const evidence = filled(fn, lookup, get, set, value, program);
    if (evidence === undefined) continue;
    if (get === undefined && !(evidence.guard !== undefined && isInside(evidence.guard.at, fn, program))) continue;
    // The promise itself is stored before it settles: whoever comes next finds it.
    if (evidence.compute === undefined || !isAwaitedBefore(placeOf(evidence.compute), placeOf(set), program)) continue;
    return { ...evidence, key, inProcess: true };
  }
  return undefined;
}

/** The lookup missed, something was computed and waited for, and what it gave is stored. */
function filled(
  fn: FunctionFacts,
  lookup: Lookup,
  get: Operation | undefined,
  set: Operation,
  value: Value | undefined,
  program: ProgramFacts,
): Omit<Stampede, 'key' | 'inProcess'> | undefined {
  const meanings = set.guards.map((guard) => ({ guard, meaning: meaningOf(guard, lookup) }));
  const miss = meanings.find(({ meaning }) => meaning === 'miss')?.guard;
  if (meanings.some(({ meaning }) => meaning === 'hit')) return undefined;
  if (miss === undefined && !isReturnedEarly(fn, get)) return undefined;
  const candidates = fn.operations.filter((operation) => isCompute(operation, get, set, miss));
  const sources = value === undefined ? new Set<Operation>() : sourcesOf(value);
  const compute =
    candidates.find((operation) => sources.has(operation)) ??
    (isOpaque(value) ? candidates.find((operation) => !isBehindAnotherCall(operation, set)) : undefined);
  if (compute === undefined && !(isOpaque(value) && waitsBetween(get, set))) return undefined;
  if (isAlone(fn, set, compute, lookup)) return undefined;
  const handed = compute?.effect.kind === 'parameter-call' ? handedTo(fn, get, set, program) : undefined;
  const confidence = confidenceOf(fn, set, compute, handed, program);
  return { fn, get, set, compute, guard: miss, handed, confidence };
}

/** `try { const hit = await get(); if (hit) return hit } catch {}`: the miss is known by not having returned. */
function isReturnedEarly(fn: FunctionFacts, get: Operation | undefined): boolean {
  if (get === undefined) return false;
  return get.tries.some(({ in: part }) => part === 'block') && sourcesOf(fn.returns).has(get);
}

function isCompute(operation: Operation, get: Operation | undefined, set: Operation, miss: Guard | undefined): boolean {
  if (operation.order >= set.order || (get !== undefined && operation.order <= get.order)) return false;
  if (!operation.awaited || operation.segment >= set.segment || operation.deferred) return false;
  if (miss !== undefined && !operation.guards.includes(miss)) return false;
  const { effect } = operation;
  if (effect.kind === 'database') return effect.action === 'read';
  if (effect.kind === 'file') return !effect.sync;
  return effect.kind === 'request' || effect.kind === 'parameter-call';
}

/** Made of something nobody knows: a call into a package, a value that was lost on the way. */
function isOpaque(value: Value | undefined): boolean {
  if (value === undefined) return true;
  return hasPart(
    value,
    (part) =>
      part.kind === 'unknown' ||
      (part.kind === 'computed' &&
        part.operator.startsWith('call:') &&
        !/^call:(stringify|parse|now|toString|String|Number)$/.test(part.operator)),
  );
}

/** What one call reads inside has nothing to do with what the next one stores, unless a value goes between them. */
function isBehindAnotherCall(compute: Operation, set: Operation): boolean {
  return compute.chain.length > 0 && set.chain.length > 0 && !sameCall(compute, set);
}

/** At least one suspension more than the lookup's own. */
function waitsBetween(get: Operation | undefined, set: Operation): boolean {
  if (get === undefined) return false;
  return set.segment - get.segment > (get.effect.kind === 'memory' ? 0 : 1);
}

/** The function that stores waits for the computation itself, rather than starting something that does. */
function isAwaitedBefore(compute: Location, set: Location, program: ProgramFacts): boolean {
  const file = compute.path === set.path ? program.file(set.path) : undefined;
  const node = file === undefined ? undefined : functionAround(file, set);
  if (node === undefined) return true;
  const isIn = (span: Span): boolean => span.start <= compute.start && compute.end <= span.end;
  const waits = (expression: Expression): boolean =>
    isIn(expression) && (expression.kind === 'await' || childExpressions(expression).some(waits));
  const search = (list: readonly Statement[]): boolean =>
    list.some((statement) => {
      if (!isIn(statement)) return false;
      const { expressions, lists } = partsOf(statement);
      return expressions.some(waits) || lists.some(search);
    });
  return search(node.body);
}

// ---------------------------------------------------------------- what lets one run alone

function isAlone(fn: FunctionFacts, set: Operation, compute: Operation | undefined, lookup: Lookup): boolean {
  if (compute !== undefined && (compute.locks.length > 0 || compute.limited)) return true;
  const before = compute?.order ?? set.order;
  return fn.operations.some((operation) => {
    const { effect } = operation;
    if (effect.kind === 'lock') return effect.action === 'acquire' && operation.order < set.order;
    if (effect.kind === 'cache') {
      return (
        operation.order < before &&
        (effect.action === 'set-if-absent' || /lock|mutex|in_?-?flight|running/i.test(wordsOf(effect.key)))
      );
    }
    if (effect.kind !== 'memory' || (effect.action !== 'add' && effect.action !== 'write') || operation === set)
      return false;
    return decidesOn(effect.target, [...set.guards, ...(compute?.guards ?? [])], lookup, fn);
  });
}

/** A guard looks at the place that the function also writes: who is first says so there. */
function decidesOn(target: Value, guards: readonly Guard[], lookup: Lookup, fn: FunctionFacts): boolean {
  const wanted = keyOf(target);
  const own = 'place' in lookup ? lookup.place : undefined;
  if (own?.startsWith(wanted)) return false;
  if (
    'operation' in lookup &&
    lookup.operation.effect.kind === 'memory' &&
    keyOf(lookup.operation.effect.target) === wanted
  )
    return false;
  return guards.some(({ test }) => {
    let found = false;
    walkValue(test, (part) => {
      if (part.kind === 'place' && keyOf(part).startsWith(wanted)) found = true;
      if (
        part.kind === 'result' &&
        part.operation.effect.kind === 'memory' &&
        keyOf(part.operation.effect.target) === wanted
      )
        found = true;
      return found;
    });
    return found && fn.operations.length > 0;
  });
}

// ---------------------------------------------------------------- what is shared, how bad it is

/** Sessions, tokens and counters are written by the one who owns them. */
function isOwnersWrite(key: Value, fn: FunctionFacts): boolean {
  return (
    /session|token|otp|nonce|csrf|verif|attempt|rate_?-?limit|throttle|lock|login|challenge|state\b/i.test(
      wordsOf(key),
    ) || /session|login|logout|token|rateLimit/i.test(fn.fn.node.name)
  );
}

/** Lives longer than a request: module level, or an object of a class that is not made for one request. */
function isShared(target: PlaceValue, fn: FunctionFacts): boolean {
  const { root } = target;
  const name = target.path.at(-1) ?? ('name' in root ? root.name : '');
  if (/visited|seen|result|output|acc|request|req$|ctx|context|local|registry|session/i.test(name)) return false;
  if (root.kind === 'module') return true;
  if (root.kind !== 'this' || root.class === undefined || target.path.length === 0) return false;
  const node = fn.fn.file.classes.find((candidate) => root.class?.endsWith(`#${candidate.name}`));
  return (
    node?.decorators.every(
      ({ args }) => !args.some((arg) => /REQUEST|TRANSIENT/.test(fn.fn.file.text.slice(arg.start, arg.end))),
    ) ?? false
  );
}

function confidenceOf(
  fn: FunctionFacts,
  set: Operation,
  compute: Operation | undefined,
  handed: Handed | undefined,
  program: ProgramFacts,
): Confidence {
  const { effect } = set;
  if (compute === undefined || set.coarse || compute.coarse) return 'low';
  const key = effect.kind === 'cache' || effect.kind === 'memory' ? effect.key : undefined;
  // One user's entry is asked for by one user.
  if (key !== undefined && /user|account|viewer|member|session|customer|\bme\b/i.test(wordsOf(key))) return 'low';
  if (
    compute.effect.kind === 'file' ||
    isStartUp(fn, program) ||
    isForAdministrators(fn.fn.key, program) ||
    /import|seed|migrat/i.test(set.at.path.slice(set.at.path.lastIndexOf('/')))
  )
    return 'low';
  if (isCheap(fn, compute, set) || isOptional(compute) || (key !== undefined && isForFew(key))) return 'low';
  // What a helper computes, and how dear it is, its callers say: all of them one look-up, or nobody knows.
  if (compute.effect.kind === 'parameter-call')
    return (handed !== undefined && handed.dear === undefined) || offersLock(fn, program) ? 'low' : 'medium';
  const called = fn.entries.some(({ kind }) => kind !== 'exported' && kind !== 'cron' && kind !== 'interval');
  if (effect.kind === 'memory') return called || isSingleton(effect.target, fn, program) ? 'medium' : 'low';
  if (effect.kind === 'cache' && effect.inProcess) return 'medium';
  const sure = set.basis !== 'shape' && (compute.effect.kind !== 'request' || compute.basis !== 'shape');
  return sure && fn.entries.length > 0 ? 'high' : 'medium';
}

/** Beside the helper its class has a lock for those who compute something dear: who made it knows, and left the choice. */
function offersLock({ fn }: FunctionFacts, program: ProgramFacts): boolean {
  return program
    .functionsOfFile(fn.path)
    .some(
      (other) =>
        fn.class !== undefined &&
        other.fn.class === fn.class &&
        /lock|mutex|lease/i.test(other.fn.node.name) &&
        other.operations.some(({ effect }) => effect.kind === 'cache' && effect.action === 'set-if-absent'),
    );
}

/**
 * One query for rows as they are, kept by the process for itself, which asks as often as it has requests at once; or
 * by something of which only the look says that it is a cache.
 */
function isCheap(fn: FunctionFacts, compute: Operation, { effect: stored, basis }: Operation): boolean {
  const { effect, loops, chain } = compute;
  if (effect.kind !== 'database' || (stored.kind === 'cache' && !stored.inProcess && basis !== 'shape')) return false;
  if (chain.length > 0 || loops.length > 0 || effect.aggregate !== undefined) return false;
  // A map of the process has a handful of entries, each looked up once.
  if (stored.kind === 'cache' ? effect.relations.length > 0 : effect.returns !== 'row') return false;
  return fn.operations.every(
    (other) => other === compute || other.effect.kind !== 'database' || other.effect.action !== 'read',
  );
}

/** The function that asks goes on without an answer: what it asks for is no load that anybody counts on. */
function isOptional({ effect, chain, tries }: Operation): boolean {
  if (effect.kind !== 'request' || chain.length === 0) return false;
  return tries.some(({ in: part, handler }) => part === 'block' && (handler === 'returns' || handler === 'continues'));
}

/** So many things decide which entry it is that hardly two ask for the same one at a time. */
const MANY_PARTS = 4;

function isForFew(key: Value): boolean {
  const parts = new Set<string>();
  walkValue(key, (part) => {
    if (part.kind === 'place' && part.root.kind === 'parameter') parts.add(keyOf(part));
  });
  return parts.size >= MANY_PARTS;
}

function isSingleton(target: Value, fn: FunctionFacts, program: ProgramFacts): boolean {
  if (target.kind !== 'place') return false;
  if (target.root.kind === 'module') return fn.entries.length > 0 || program.callersOf(fn.fn.key).length > 0;
  const { class: index } = fn.fn.node;
  const node = index === undefined ? undefined : fn.fn.file.classes[index];
  return (
    node?.decorators.some(({ name }) =>
      /^(Injectable|Service|Controller|Resolver|Singleton|singleton|provide|Component)$/.test(name),
    ) ?? false
  );
}

/** Names and constant text a key is made of. */
function wordsOf(key: Value): string {
  const words: string[] = [];
  walkValue(key, (part) => {
    if (part.kind === 'constant') words.push(String(part.value));
    else if (part.kind === 'place') words.push('name' in part.root ? part.root.name : '', ...part.path);
    else if (part.kind === 'computed') words.push(part.operator);
    else if (part.kind === 'element' || part.kind === 'result') words.push(...part.path);
  });
  return words.join(' ');
}
