/**
 * Money moved, an order placed, a machine started, by a call that takes an idempotency key and is given none, where
 * the same call is made again: by a retry, by a queue that delivers twice, by a webhook that is sent again.
 */
import type { FunctionFacts, Operation, RequestEffect } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isInside } from '../../../analysis/repetition.ts';
import { nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import { addKey } from './fix.ts';

export interface MissingKey {
  readonly fn: FunctionFacts;
  readonly call: Operation & { readonly effect: RequestEffect };
  readonly repetition: Repetition;
}

export interface Repetition {
  readonly by: 'retry' | 'queue' | 'webhook' | 'clock' | 'client';
  readonly at?: Location;
  readonly confidence: Confidence;
}

export const missingIdempotencyKey = defineRule<MissingKey>({
  id: 'race-condition/missing-idempotency-key',
  summary: 'A payment or an order is made without an idempotency key where the call can be repeated.',
  severity: 'warning',
  status: 'stable',
  cwe: [837],
  detect: (fn, { program }) =>
    hasKeyless(program) ? fn.operations.flatMap((call) => missingKeyOf(fn, call, program)) : [],
  report: ({ call, repetition }, { program }) => ({
    at: placeOf(call),
    message: `${nameOf(call)} asks ${call.effect.service ?? 'the provider'} for something that costs, without an idempotency key, ${REASON[repetition.by]}: a second call does it a second time.`,
    related: [
      ...(repetition.at === undefined ? [] : [{ at: repetition.at, message: 'The call is repeated here.' }]),
      ...traceOf(call, program),
    ],
    confidence: repetition.confidence,
    resource: `${call.effect.service ?? 'provider'} ${call.name}`,
    ...(repetition.confidence === 'high' ? { severity: 'error' } : {}),
  }),
  fixes: (evidence, ctx) => addKey(evidence, ctx),
});

const REASON: Readonly<Record<Repetition['by'], string>> = {
  retry: 'and is made again when it seems to have failed',
  queue: 'in a job that is run again when it fails or its worker dies',
  webhook: 'for an event that is delivered again until it is answered',
  clock: 'in a job that the next run repeats when this one dies in between',
  client: 'for a request that the caller can send twice',
};

const keyless = new WeakMap<ProgramFacts, boolean>();

/** Most programs pay nobody. */
function hasKeyless(program: ProgramFacts): boolean {
  let known = keyless.get(program);
  if (known === undefined) {
    known = program.ownOperations('request').some(isKeyless);
    keyless.set(program, known);
  }
  return known;
}

function missingKeyOf(fn: FunctionFacts, call: Operation, program: ProgramFacts): MissingKey[] {
  if (!isKeyless(call)) return [];
  const repetition = repetitionIn(fn, call, program);
  return repetition === undefined ? [] : [{ fn, call, repetition }];
}

function isKeyless(call: Operation): call is Operation & { readonly effect: RequestEffect } {
  return call.effect.kind === 'request' && call.effect.costly && call.effect.idempotencyKey?.state === 'missing';
}

/** In the function of the call itself all that reaches it; in others only a retry that they add. */
function repetitionIn(fn: FunctionFacts, call: Operation, program: ProgramFacts): Repetition | undefined {
  const loop = call.loops.find(({ repeats, at }) => repeats === 'attempts' && isInside(at, fn, program));
  if (loop !== undefined) return { by: 'retry', at: loop.at, confidence: sure(call, 'high') };
  if (call.chain.length === 0) {
    if (call.retried !== 'no') return { by: 'retry', confidence: sure(call, 'high') };
    return deliveredTo(fn, call);
  }
  const own = program.factsOf(call.fn);
  const isTold = own?.operations.some(
    (other) =>
      other.at.start === call.at.start &&
      other.chain.length === 0 &&
      (other.retried !== 'no' || RANK[deliveredTo(own, other)?.confidence ?? 'low'] > 0),
  );
  const isOuter = call.chain.length > 1 && retriedBelow(call, program);
  return call.retried !== 'no' && isTold !== true && !isOuter
    ? { by: 'retry', confidence: sure(call, 'high') }
    : undefined;
}

const RANK: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

/** The function called has the retry already. */
function retriedBelow(call: Operation, program: ProgramFacts): boolean {
  const callee = call.chain[1]?.fn;
  const facts = callee === undefined ? undefined : program.factsOf(callee);
  return (
    facts?.operations.some(
      (other) => other.at.start === call.at.start && other.at.path === call.at.path && other.retried !== 'no',
    ) ?? false
  );
}

function deliveredTo(fn: FunctionFacts, call: Operation): Repetition | undefined {
  const kinds = new Set(fn.entries.map(({ kind }) => kind));
  const names = `${fn.fn.path.slice(-80)}#${fn.fn.qualifiedName}`;
  const isWebhook = /web-?_?hook/i.test(names) || kinds.has('webhook');
  if (isWebhook)
    return { by: 'webhook', confidence: sure(call, kinds.has('http') || kinds.has('webhook') ? 'high' : 'medium') };
  if (kinds.has('queue') || kinds.has('rpc')) return { by: 'queue', confidence: sure(call, 'high') };
  if (/(^|[/.\-_#])(jobs?|workers?|processors?|consumers?)([/.\-_#]|$)|(Job|Worker|Processor|Consumer)s?\b/.test(names))
    return { by: 'queue', confidence: sure(call, 'medium') };
  if (kinds.has('cron') || kinds.has('interval')) return { by: 'clock', confidence: sure(call, 'medium') };
  return kinds.has('http') || kinds.has('graphql') ? { by: 'client', confidence: 'low' } : undefined;
}

function sure({ basis, coarse }: Operation, confidence: Confidence): Confidence {
  if (coarse || basis === 'shape') return 'low';
  return confidence;
}
