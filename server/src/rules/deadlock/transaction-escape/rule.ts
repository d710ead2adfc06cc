import type { Operation } from '../../../analysis/fact.ts';
import { type StreamWait, streamWaitsOf } from '../../../analysis/open-stream.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { labelOf, nameOf, placeOf, tableLabel, traceOf, verbOf } from '../../../analysis/trace.ts';
import { type Escape, escapesOf } from '../../../analysis/transaction-escape.ts';
import { defineRule, type RelatedPlace, type Report } from '../../../rule.ts';
import { fixTransactionEscape } from './fix.ts';

export const transactionEscape = defineRule<Escape | StreamWait>({
  id: 'deadlock/transaction-escape',
  summary:
    'A query inside a transaction goes through the root client: outside the transaction, on a second connection.',
  severity: 'warning',
  status: 'stable',
  cwe: [662, 833],
  detect: (fn, { program }) => [
    ...escapesOf(fn, program).filter((stray) => isFirst(stray, program)),
    ...streamWaitsOf(fn, program),
  ],
  report: (found, { program }) => ('stream' in found ? reportWait(found, program) : reportEscape(found, program)),
  fixes: (found, ctx) => ('stream' in found ? [] : fixTransactionEscape(found, ctx)),
});

function reportEscape(stray: Escape, program: ProgramFacts): Report {
  return {
    at: stray.at,
    message: messageOf(stray),
    related: [
      ...placesOf(stray),
      ...traceOf({ ...stray.operation, chain: stray.operation.chain.slice(stray.depth) }, program),
    ].filter(({ at }) => at.start !== stray.at.start || at.path !== stray.at.path),
    confidence: stray.confidence,
    resource: `table ${stray.operation.effect.table ?? '?'}`,
    ...(stray.holder !== undefined && stray.confidence === 'high' ? { severity: 'error' } : {}),
  };
}

function reportWait({ stream, operation, confidence }: StreamWait, program: ProgramFacts): Report {
  const { effect } = operation;
  const what = `${effect.action === 'read' ? 'queries' : 'writes to'} ${effect.table === undefined ? 'the database' : tableLabel(effect)}`;
  return {
    at: placeOf(operation),
    message: `${nameOf(operation)} ${what} for each row of '${stream.name}', which holds a connection of the same pool until its last row: as many runs at once as the pool has connections wait for each other.`,
    related: [{ at: stream.at, message: 'The stream takes its connection here.' }, ...traceOf(operation, program)],
    confidence,
    resource: `table ${effect.table ?? '?'}`,
  };
}

const reported = new WeakMap<ProgramFacts, Map<string, Escape['fn']>>();

/** A query that several transactions reach is told once, with the first of them. */
function isFirst({ at, fn }: Escape, program: ProgramFacts): boolean {
  const known = reported.get(program) ?? new Map<string, Escape['fn']>();
  reported.set(program, known);
  const owner = known.get(`${at.path}:${at.start}`) ?? fn;
  known.set(`${at.path}:${at.start}`, owner);
  return owner === fn;
}

function messageOf({ operation, depth, client, holder, isJoined, others }: Escape): string {
  const label = labelOf(client) ?? 'the root client';
  if (!isJoined && others.length > 0) {
    return `${callOf(operation, depth)} and ${others.length === 1 ? 'another query' : `${others.length} other queries`} go through '${label}' while a transaction is open that nothing is given: none of them is rolled back with it, and each waits for a second connection while the first one is held.`;
  }
  const what = `${callOf(operation, depth)} goes to ${tableLabel(operation.effect)} through '${label}' while a transaction is open that it is not given`;
  // A session of MongoDB holds no connection between its operations.
  const isLight = /^(mongoose|mongodb)#/.test(operation.model);
  const waits = isLight ? '' : ', and it waits for a second connection while the first one is held';
  return holder === undefined
    ? `${what}: it is not rolled back with it${waits}.`
    : `${what}: it waits for the row that '${holder.name}' has locked in the transaction, which waits for it, so neither ever ends.`;
}

/** The call as the reader sees it at the place. */
function callOf(operation: Operation, depth: number): string {
  const site = operation.chain[depth];
  const name = verbOf(operation);
  return site === undefined || site.name === name ? `'${name}'` : `'${site.name}' (through '${name}')`;
}

function placesOf({ transaction, holder, others, isJoined }: Escape): RelatedPlace[] {
  const places: RelatedPlace[] = [{ at: transaction.at, message: 'The transaction begins here.' }];
  if (!isJoined) {
    const also = new Map(others.map((other) => [placeOf(other).start, placeOf(other)]));
    for (const at of also.values()) places.push({ at, message: 'This is outside as well.' });
  }
  if (holder !== undefined) places.push({ at: holder.at, message: 'The row is locked here.' });
  return places;
}
