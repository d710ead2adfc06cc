import { isDropped } from '../../../analysis/dropped-promise.ts';
import type { FunctionFacts, LockContext } from '../../../analysis/fact.ts';
import { identityOfHeld, identityOfTaken, isAcquisition, type LockOperation } from '../../../analysis/lock-identity.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isKnownToCallee, nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { walkValue } from '../../../analysis/value.ts';
import { callAt, textOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { fixRelock } from './fix.ts';

export interface Relock {
  readonly fn: FunctionFacts;
  readonly held: LockContext;
  readonly taken: LockOperation;
  readonly label: string;
  readonly confidence: Confidence;
}

export const relock = defineRule<Relock>({
  id: 'deadlock/relock',
  summary: 'A lock that is not reentrant is asked for by the code that already holds it.',
  severity: 'error',
  status: 'stable',
  cwe: [764, 833],
  detect: (fn, { program }) => relocksOf(fn, program),
  report: ({ held, taken, label, confidence }, { program }) => ({
    at: placeOf(taken),
    message: `${nameOf(taken)} asks for '${label}' while this code already holds it, ${outcomeOf(held.model)}.`,
    related: [{ at: held.at, message: 'The lock is taken here.' }, ...traceOf(taken, program)],
    confidence,
    resource: `lock ${label}`,
  }),
  fixes: (evidence, ctx) => fixRelock(evidence, ctx),
});

/** What the library does with a request that can never be granted. */
function outcomeOf(model: string): string {
  if (/redlock/.test(model)) return 'so it fails once its retries are used up';
  if (/lockfile/.test(model)) return 'so it fails every time';
  return 'so it waits for itself and never goes on';
}

function relocksOf(fn: FunctionFacts, program: ProgramFacts): Relock[] {
  const found = new Map<number, Relock>();
  for (const taken of fn.operations) {
    if (!isAcquisition(taken) || taken.locks.length === 0 || taken.effect.reentrant) continue;
    if (!taken.awaited || taken.deferred || isDropped(taken, program) || found.has(placeOf(taken).start)) continue;
    const wanted = identityOfTaken(taken);
    const held = taken.locks.find((lock) => !lock.reentrant && identityOfHeld(lock)?.exact === wanted?.exact);
    if (wanted === undefined || held === undefined || givesUp(taken, held, program)) continue;
    if (isKnownToCallee(fn, taken, program, ({ locks }) => locks.some(({ id }) => id === held.id))) continue;
    found.set(placeOf(taken).start, {
      fn,
      held,
      taken,
      label: wanted.label,
      confidence: taken.coarse ? 'low' : taken.basis === 'shape' ? 'medium' : 'high',
    });
  }
  return [...found.values()];
}

/** It asks only when nobody has it, shares it, or takes it by force; or the lock knows its own holder. */
function givesUp(taken: LockOperation, held: LockContext, program: ProgramFacts): boolean {
  const file = program.file(taken.at.path);
  const call = file === undefined ? undefined : callAt(file, taken.span);
  const text = file === undefined || call === undefined ? '' : textOf(file, call).slice(0, 400);
  if (/\btryAcquire\b|\bifAvailable\b|['"]shared['"]|\bsteal\b|\bsignal\s*:/.test(text)) return true;
  if (/async-lock/.test(held.model) && file?.text.includes('domainReentrant') === true) return true;
  return taken.guards.some(({ test }) => {
    let asks = false;
    walkValue(test, (part) => {
      if (part.kind === 'computed' && /^call:(isLocked|isBusy|check|checkSync)$/.test(part.operator)) asks = true;
      return asks;
    });
    return asks;
  });
}
