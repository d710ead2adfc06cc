/**
 * A row is committed, and then something elsewhere has to follow: a job, a message, the search index, a payment, a
 * stored file, another database. When that fails the two disagree, and nobody makes good for it.
 */
import { areExclusive } from '../../../analysis/decided.ts';
import { type Failure, failureOf, isBookkeeping, isOutbox } from '../../../analysis/effect-failure.ts';
import { type FunctionFacts, type Guard, type Operation, weakest } from '../../../analysis/fact.ts';
import { openTransactionAround } from '../../../analysis/open-transaction.ts';
import { effectPhrase, isNamedBy, type OutsideEffect, outsideEffectOf } from '../../../analysis/outside-effect.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  columnsRead,
  concurrencyOf,
  type DatabaseOperation,
  isOwnKey,
  isRead,
  isWrite,
  plainColumn,
} from '../../../analysis/protection.ts';
import { isImportOrTool, isStartUp } from '../../../analysis/repetition.ts';
import { plainTable } from '../../../analysis/schema.ts';
import { concernsWrite } from '../../../analysis/shared-data.ts';
import { nameOf, placeOf, sameCall, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { hasPart, keyOf, sourcesOf } from '../../../analysis/value.ts';
import { isWithin, startWithComments, statementAround } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { isCountedAnew } from './counted-anew.ts';
import { fixDualWrite } from './fix.ts';
import { isReadBack } from './read-back.ts';

export interface DualWrite {
  readonly fn: FunctionFacts;
  readonly write: DatabaseOperation;
  readonly effect: Operation;
  readonly outside: OutsideEffect;
  readonly failure: Failure;
  readonly confidence: Confidence;
  readonly others: readonly Operation[];
}

export const dualWrite = defineRule<DualWrite>({
  id: 'double-write/dual-write',
  summary: 'A row is committed, and what has to follow elsewhere can fail without anybody making good for it.',
  severity: 'warning',
  status: 'stable',
  cwe: [662, 703],
  detect: (fn, { program }) => dualWrites(fn, program),
  report: ({ write, effect, outside, failure, confidence, others }, { program }) => {
    const table = write.effect.table === undefined ? 'the database' : tableLabel(write.effect);
    return {
      at: placeOf(effect),
      message: `${nameOf(effect)} ${effectPhrase(outside)} after ${nameOf(write)} has written ${table} for good: ${
        failure === 'lost'
          ? 'if it fails nobody learns of it, and the two disagree from then on.'
          : 'if it fails the caller gets an error, but what was written stays.'
      }`,
      related: [
        { at: placeOf(write), message: `Written to ${table} here.` },
        ...others.map((other) => ({ at: placeOf(other), message: `${nameOf(other)} can be missing as well.` })),
        ...traceOf(effect, program),
      ],
      confidence,
      resource: resourceOf(write, outside),
      covers: others.flatMap((other) => {
        const also = outsideEffectOf(other);
        return also === undefined ? [] : [resourceOf(write, also)];
      }),
    };
  },
  fixes: (evidence, ctx) => fixDualWrite(evidence, ctx),
});

function resourceOf(write: DatabaseOperation, { kind, label }: OutsideEffect): string {
  return `${kind}${label === undefined ? '' : ` ${label.slice(0, 60)}`} after ${write.effect.table ?? 'write'}`;
}

// ---------------------------------------------------------------- evidence

const RANK: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

/** One write that several effects should follow is one mistake: told at the surest, then the first. */
function dualWrites(fn: FunctionFacts, program: ProgramFacts): DualWrite[] {
  const found = new Map<string, DualWrite>();
  const first = fn.operations.find(isWrite);
  if (first === undefined) return [];
  for (const effect of fn.operations) {
    if (effect.order < first.order) continue;
    const judged = dualWriteOf(fn, effect, program);
    if (judged === undefined) continue;
    const key = judged.write.id;
    const before = found.get(key);
    if (before === undefined) {
      found.set(key, judged);
      continue;
    }
    const isSame = placeOf(before.effect).start === placeOf(effect).start;
    if (RANK[judged.confidence] > RANK[before.confidence])
      found.set(key, { ...judged, others: isSame ? before.others : [...before.others, before.effect] });
    else if (!isSame) found.set(key, { ...before, others: [...before.others, effect] });
  }
  return [...found.values()];
}

function dualWriteOf(fn: FunctionFacts, effect: Operation, program: ProgramFacts): DualWrite | undefined {
  const outside = outsideEffectOf(effect);
  if (outside === undefined || !outside.changes || outside.kind === 'cache' || effect.deferred) return undefined;
  // The answer to a failure is no second half.
  if (effect.tries.some((context) => context.in === 'handler')) return undefined;
  const write = writeBefore(fn, effect, outside);
  if (write === undefined || openTransactionAround(fn, effect, program) !== undefined) return undefined;
  const failure = failureOf(fn, effect, program);
  if (failure === undefined || isRedelivered(fn, failure)) return undefined;
  const confidence = confidenceOf(fn, write, effect, outside, failure, program);
  return confidence === undefined ? undefined : { fn, write, effect, outside, failure, confidence, others: [] };
}

/** Further back it is hardly the same matter. */
const NEAR = 12;

/**
 * The last write it is about, or that its name says it is about ('collections.update'), committed by then; where the
 * effect's own callee holds both, it tells of them.
 */
function writeBefore(fn: FunctionFacts, effect: Operation, outside: OutsideEffect): DatabaseOperation | undefined {
  const { operations } = fn;
  const candidates: DatabaseOperation[] = [];
  for (let index = operations.indexOf(effect) - 1; index >= 0 && candidates.length < NEAR; index -= 1) {
    const other = operations[index];
    if (other !== undefined && isWrite(other) && mayLead(other, effect)) candidates.push(other);
  }
  const concerned = candidates.filter((other) => concernsWrite(other, outside.payload) && !areExclusive(other, effect));
  const write = concerned.find((other) => isNamedBy(outside.label, other)) ?? concerned[0];
  if (write === undefined) return undefined;
  const isTold = sameCall(write, effect) || isHandedIn(write) || hasOutbox(fn, write);
  return isTold || isRecorded(fn, write, effect, outside) ? undefined : write;
}

/** A write of the thing itself, done for good in the same run before the effect. */
function mayLead(write: DatabaseOperation, effect: Operation): boolean {
  return (
    !areTogether(write, effect) &&
    !isBookkeeping(write.effect.table) &&
    !isOutbox(write) &&
    !write.tries.some((context) => context.in === 'handler')
  );
}

/** In one transaction nothing is committed yet. */
function areTogether(write: Operation, effect: Operation): boolean {
  return write.transactions.some((own) => effect.transactions.some(({ id }) => id === own.id));
}

/** A later write keeps what the effect gave, or says on the same row that it was had: until then the row is pending. */
function isRecorded(fn: FunctionFacts, write: DatabaseOperation, effect: Operation, outside: OutsideEffect): boolean {
  return fn.operations.some(
    (later) =>
      later.order > effect.order &&
      isWrite(later) &&
      !isBookkeeping(later.effect.table) &&
      !later.tries.some((context) => context.in === 'handler') &&
      (later.effect.table === write.effect.table || outside.kind === 'file' || outside.kind === 'payment') &&
      concernsWrite(later, [...outside.payload, { kind: 'result', operation: effect, path: [] }]),
  );
}

/** Written through a transaction that the caller opened: when it is committed is the caller's to say. */
function isHandedIn({ executor }: Operation): boolean {
  return (
    executor?.kind === 'place' &&
    (executor.root.kind === 'parameter' || executor.root.kind === 'captured') &&
    /^(tx|trx|t|transaction|manager|em|entityManager|transactionalEntityManager|session)$/.test(
      executor.path.at(-1) ?? executor.root.name,
    )
  );
}

/** A row of the same transaction stands for the effect until it was had. */
function hasOutbox(fn: FunctionFacts, write: DatabaseOperation): boolean {
  return fn.operations.some(
    (other) =>
      isWrite(other) &&
      isOutbox(other) &&
      other.transactions.some((own) => write.transactions.some(({ id }) => id === own.id)),
  );
}

/** A worker that fails gets the same job again, and then does both once more. */
function isRedelivered(fn: FunctionFacts, failure: Failure): boolean {
  if (failure === 'lost') return false;
  const outer = fn.entries.filter((entry) => entry.kind !== 'exported');
  if (outer.length > 0 && outer.every(({ kind }) => kind === 'queue' || kind === 'cron' || kind === 'interval'))
    return true;
  return /(^|\/)(jobs?|workers?|consumers?|processors?|tasks?|queues?)\/|\.(job|worker|processor|consumer|task)\.[cm]?[jt]sx?$|-job\.[cm]?[jt]sx?$/i.test(
    fn.fn.path,
  );
}

// ---------------------------------------------------------------- confidence

function confidenceOf(
  fn: FunctionFacts,
  write: DatabaseOperation,
  effect: Operation,
  outside: OutsideEffect,
  failure: Failure,
  program: ProgramFacts,
): Confidence | undefined {
  if (write.coarse || isImportOrTool(fn) || isStartUp(fn, program)) return 'low';
  if (outside.kind === 'mail') return mailConfidence(write, failure);
  // Whoever searches finds what is left over, and is not shown it.
  const isHidden = outside.kind === 'search index' && outside.removes && write.effect.action === 'delete';
  if (isHidden && isReadBack(write, effect, program)) return 'low';
  if (isCountedAnew(write, outside, program)) return 'low';
  if (isMeantToBeDropped(effect, outside, program)) return 'low';
  if (failure === 'lost' && isBestEffort(effect, program)) return 'low';
  // Nobody refers to what is left over, and nobody relies on a notice.
  if (outside.notice || (outside.kind === 'file' && outside.removes)) return failure === 'lost' ? 'low' : undefined;
  // Whether what is sent is stored again or only shown, those who receive it know.
  const isSent = outside.kind === 'job' || outside.kind === 'message';
  // Who asks again writes the same and sends at last.
  const base: Confidence =
    failure === 'lost' ? (isSent ? 'medium' : 'high') : isPermanent(write, effect, outside) ? 'medium' : 'low';
  const sure: Confidence = effect.basis === 'shape' || write.effect.table === undefined ? 'low' : 'high';
  // One of several implementations of an interface: all of them send, each in its way.
  const known: Confidence = outside.kind === 'request' || effect.coarse ? 'medium' : 'high';
  return weakest(base, sure, known, write.basis === 'shape' ? 'medium' : 'high', concurrencyOf(fn, effect, program));
}

/** From so many places on it is how the project sends there. */
const MANY_PLACES = 4;

/** Nobody in the whole program waits for what is sent there: events that may be lost. */
function isBestEffort(effect: Operation, program: ProgramFacts): boolean {
  const { executor, model } = effect;
  if (effect.effect.kind !== 'publish' || executor === undefined) return false;
  const queue = keyOf(executor);
  const sent = program.ownOperations('publish').filter((other) => {
    return other.model === model && other.executor !== undefined && keyOf(other.executor) === queue;
  });
  return sent.length >= MANY_PLACES && !sent.some(({ awaited }) => awaited);
}

/** `// don't wait, so as not to hold up the answer`: somebody has thought of it, and lives with what is lost. */
function isMeantToBeDropped(effect: Operation, { kind }: OutsideEffect, program: ProgramFacts): boolean {
  return [...effect.chain.map(({ at }) => at), effect.at].some((at) => {
    const file = program.file(at.path);
    const statement = file === undefined ? undefined : statementAround(file, at)?.statement;
    if (file === undefined || statement === undefined) return false;
    // Nobody waits for the request, and its failure is expected.
    if (kind === 'request' && !effect.awaited && /^[^;]*\)\s*\.catch\(/.test(file.text.slice(at.end, statement.end)))
      return true;
    const above = { start: startWithComments(file, statement), end: statement.start };
    // The handler: of its own statement, or of the `try` around it.
    const around = effect.tries.find((part) => part.at.path === at.path && part.at.start <= at.start);
    const below = { start: at.end, end: Math.max(statement.end, around?.at.end ?? 0) };
    return file.comments.some(
      (comment) => (isWithin(comment, above) || isWithin(comment, below)) && MEANT.test(comment.text),
    );
  });
}

const MEANT =
  /\b(don'?t|do not|not|without|no need to|shouldn'?t|should not) (a?wait|block|fail|throw|launch|rethrow)|fire[- ]?and[- ]?forget|best[- ]effort|in (the )?background|non-?blocking|(non-?|not )critical|deliberate|intentional|on purpose/i;

/** A second attempt meets another row, none, or a refusal: what is missing stays missing. */
function isPermanent(write: DatabaseOperation, effect: Operation, outside: OutsideEffect): boolean {
  const { action, entity } = write.effect;
  if (action === 'insert' || (action === 'delete' && !isToldAgain(write, outside))) return true;
  // `save({ … })` without a key is a new row.
  if (action === 'save' && entity?.kind === 'object' && !entity.properties.has('id')) return true;
  // `em.persistAndFlush(em.create(Order, …))`: so is what was made here.
  if (action === 'save' && entity?.kind === 'computed' && entity.operator === 'bound') return true;
  return [...write.guards, ...effect.guards].some((guard) => guard.earlyExit && refusesAgain(guard, write));
}

/** Rows that may be gone already are deleted, and what is sent says whose they were, not which: sent again, it is the same. */
function isToldAgain({ name, effect }: DatabaseOperation, { payload }: OutsideEffect): boolean {
  if (name !== 'deleteMany') return false;
  const keys = (effect.where ?? [])
    .filter(({ column }) => isOwnKey(column, effect.table))
    .map(({ value }) => keyOf(value));
  return keys.length > 0 && !payload.some((value) => hasPart(value, (part) => keys.includes(keyOf(part))));
}

/** `if (order.paidAt) return` before `paidAt` is set: doing it all again ends there. */
function refusesAgain({ test }: Guard, write: DatabaseOperation): boolean {
  const columns = [...(write.effect.data?.keys() ?? [])].map(plainColumn);
  return [...sourcesOf(test)].some(
    (read) =>
      isRead(read) &&
      plainTable(read.effect.table ?? '?') === plainTable(write.effect.table ?? '') &&
      columnsRead(test, read).some((column) => columns.includes(plainColumn(column))),
  );
}

const SECRET = /token|invit|verif|confirm|activat|code|otp|password|reset|magic|key/i;

/** A mail is state only where it holds the one copy of what the row expects back, and asking again is refused. */
function mailConfidence(write: DatabaseOperation, failure: Failure): Confidence | undefined {
  const { table, data, action } = write.effect;
  const isSecret =
    SECRET.test(table ?? '') || [...(data?.keys() ?? [])].some((column) => SECRET.test(plainColumn(column)));
  if (!isSecret || action !== 'insert') return undefined;
  const refused = write.guards.some(
    (guard) =>
      guard.earlyExit &&
      [...sourcesOf(guard.test)].some(
        (read) => isRead(read) && table !== undefined && plainTable(read.effect.table ?? '') === plainTable(table),
      ),
  );
  return refused ? 'medium' : failure === 'lost' ? 'low' : undefined;
}
