/**
 * What becomes of an effect that fails after a write was committed: whether anybody makes good for it. Knows handlers,
 * deliveries that are repeated by their queue, tables that are outboxes, and jobs that look for what was left behind.
 * A handler that only logs makes good for nothing.
 */
import type { FunctionFacts, Operation } from './fact.ts';
import { type OutsideEffect, outsideEffectOf } from './outside-effect.ts';
import type { ProgramFacts } from './program.ts';
import { type DatabaseOperation, isWrite } from './protection.ts';

/** `lost`: nobody learns of it. `rejects`: the caller gets an error for something that was half done. */
export type Failure = 'lost' | 'rejects';

/** Undefined when the failure is made good for. */
export function failureOf(fn: FunctionFacts, effect: Operation, program: ProgramFacts): Failure | undefined {
  if (isCompensated(fn, effect)) return undefined;
  const outside = outsideEffectOf(effect);
  if (outside !== undefined && isSwept(effect, outside, program)) return undefined;
  if (!effect.awaited && effect.result !== 'returned') return 'lost';
  for (const context of effect.tries.toReversed()) {
    if (context.in !== 'block') continue;
    if (context.handler === 'continues') return 'lost';
    // An answer instead of an error: the caller learns of it all the same.
    if (context.handler === 'returns' || context.handler === 'mixed') return 'rejects';
  }
  return 'rejects';
}

/** Its handler writes or sends something: takes the row away, marks it, tries elsewhere. */
function isCompensated(fn: FunctionFacts, effect: Operation): boolean {
  const blocks = new Set(effect.tries.filter((context) => context.in === 'block').map(({ id }) => id));
  if (blocks.size === 0) return false;
  return fn.operations.some(
    (other) =>
      other.tries.some((context) => context.in === 'handler' && blocks.has(context.id)) &&
      ((isWrite(other) && !isBookkeeping(other.effect.table)) || isSecondAttempt(other)),
  );
}

function isSecondAttempt(operation: Operation): boolean {
  const outside = outsideEffectOf(operation);
  return outside?.changes === true && !outside.notice;
}

/** Tables about what was done, not about the thing itself: nobody misses an effect for them. */
export function isBookkeeping(table: string | undefined): boolean {
  return (
    table !== undefined &&
    /(log|logs|audit|history|historyentry|rate_?limit\w*|usage\w*|stat|stats|metric\w*|analytics|session|sessions|activity|activities|event|events|background_?jobs?|scheduled_?jobs?|attempt|attempts|lock|locks|heartbeat\w*|cache_?item|cache_?tag|migration\w*|setting|settings)$/i.test(
      table,
    )
  );
}

/** A row that stands for the effect until it was had. */
export function isOutbox(write: DatabaseOperation): boolean {
  const { table, action } = write.effect;
  return (
    table !== undefined &&
    action !== 'read' &&
    action !== 'delete' &&
    /outbox|(pending|queued|scheduled|domain|integration)_?(event|job|task|message|webhook)s?$|(^|_)jobs?$|job_?queue|background_?job|workflow_?run/i.test(
      table,
    )
  );
}

// ---------------------------------------------------------------- those who look for what was left behind

const SWEEPER =
  /sweep|reconcil|reclaim|recover|resync|re-?drive|re-?queue(Stuck|All|Failed|Lost)|repair|stuck|stale|orphan|unprocessed|(process|drain|flush|publish|relay|poll|dispatch)\w*outbox|outbox\w*(relay|process|worker|poll|publish|dispatch)|(retry|process|resend|requeue|dispatch|flush|drain)(_|-)?(all|failed|pending|due|unsent|outstanding)|backfill|reindex|housekeep/i;

const sweeps = new WeakMap<ProgramFacts, ReadonlySet<string>>();

/** Some job that runs by the clock, or is called so, has the same effect for whatever it finds undone. */
function isSwept(effect: Operation, outside: OutsideEffect, program: ProgramFacts): boolean {
  let known = sweeps.get(program);
  if (known === undefined) {
    known = new Set(program.functions.filter((fn) => isSweeper(fn)).flatMap(effectsOf));
    sweeps.set(program, known);
  }
  return known.has(identity(effect, outside));
}

function isSweeper(fn: FunctionFacts): boolean {
  const { path, qualifiedName } = fn.fn;
  const file = path.slice(path.lastIndexOf('/') + 1);
  const clock = fn.entries.some((entry) => entry.kind === 'cron' || entry.kind === 'interval');
  return (
    (clock && fn.entries.every((entry) => entry.kind !== 'http')) || SWEEPER.test(qualifiedName) || SWEEPER.test(file)
  );
}

function effectsOf(fn: FunctionFacts): string[] {
  return fn.operations.flatMap((operation) => {
    const outside = outsideEffectOf(operation);
    return outside === undefined ? [] : [identity(operation, outside)];
  });
}

/** A job by its name, whoever sends it; without a name the helper that sends is the name. */
function identity(effect: Operation, outside: OutsideEffect): string {
  return outside.label === undefined
    ? `${effect.at.path}:${effect.at.start}:${effect.chain.at(-1)?.name ?? ''}`
    : `${effect.model}:${outside.label}`;
}
