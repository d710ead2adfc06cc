import type { Operation } from '../../../analysis/fact.ts';
import { type StreamWait, streamWaitsOf } from '../../../analysis/open-stream.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isSameAt, labelOf, nameOf, placeOf, tableLabel, traceOf, verbOf } from '../../../analysis/trace.ts';
import { detachedIn } from '../../../analysis/transaction.ts';
import { type Escape, escapesOf, type Stray } from '../../../analysis/transaction-escape.ts';
import { defineRule, type RelatedPlace, type Report } from '../../../rule.ts';
import { fixTransactionEscape } from './fix.ts';
import { fixStreamWait } from './read-first.ts';

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
  fixes: (found, ctx) => ('stream' in found ? fixStreamWait(found, ctx) : fixTransactionEscape(found, ctx)),
});

function reportEscape(stray: Escape, program: ProgramFacts): Report {
  return {
    at: stray.at,
    message: messageOf(stray),
    related: [
      ...placesOf(stray),
      ...traceOf({ ...stray.operation, chain: stray.operation.chain.slice(stray.depth) }, program),
    ].filter(({ at }) => !isSameAt(at, stray.at)),
    confidence: stray.confidence,
    resource: resourceOf(stray),
    covers: stray.others.map(resourceOf),
    ...(stray.holder !== undefined && stray.confidence === 'high' ? { severity: 'error' } : {}),
  };
}

function resourceOf({ operation }: Stray): string {
  return `table ${operation.effect.table ?? '?'}`;
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

/** What several transactions reach is told once, with the first of them. */
function isFirst({ scope, at, fn }: Escape, program: ProgramFacts): boolean {
  const known = reported.get(program) ?? new Map<string, Escape['fn']>();
  reported.set(program, known);
  const keys = [scope, `${at.path}:${at.start}`];
  if (keys.some((key) => (known.get(key) ?? fn) !== fn)) return false;
  for (const key of keys) known.set(key, fn);
  return true;
}

function messageOf(stray: Escape): string {
  const { operation, depth, holder, others } = stray;
  const call = callOf(operation, depth);
  const isFork = detachedIn(operation.executor) !== undefined;
  const outside = isFork ? 'it does not join' : 'it is not given';
  if (holder !== undefined)
    return `${call} goes to ${tableLabel(operation.effect)} through ${clientLabel(stray)} while a transaction is open that ${outside}: it waits for the row that '${holder.name}' has locked in the transaction, which waits for it, so neither ever ends.`;
  // A session of MongoDB holds no connection between its operations.
  const isLight = /^(mongoose|mongodb)#/.test(operation.model);
  if (others.length > 0) {
    const more = others.length === 1 ? 'another query' : `${others.length} other queries`;
    const waits = isLight ? '' : ', and each waits for a second connection while the first one is held';
    const outsiders = stray.isJoined ? 'they' : 'nothing';
    const all = isFork
      ? `${outsiders} ${stray.isJoined ? 'do not join' : 'joins'}`
      : `${outsiders} ${stray.isJoined ? 'are not' : 'is'} given`;
    return `${call} and ${more} go through ${clientsOf(stray)} while a transaction is open that ${all}: none of them is rolled back with it${waits}.`;
  }
  const waits = isLight ? '' : ', and it waits for a second connection while the first one is held';
  return `${call} goes to ${tableLabel(operation.effect)} through ${clientLabel(stray)} while a transaction is open that ${outside}: it is not rolled back with it${waits}.`;
}

function clientLabel({ client, operation }: Stray): string {
  const label = `'${labelOf(client) ?? 'the root client'}'`;
  return detachedIn(operation.executor) === undefined ? label : `a fork of ${label}`;
}

/** Repositories and models are many; the first two say what they are. */
function clientsOf(stray: Escape): string {
  const labels = [...new Set([stray, ...stray.others].map(clientLabel))];
  const shown = labels.slice(0, 2);
  return labels.length > 2 ? `${shown.join(', ')} and others` : shown.join(' and ');
}

/** The call as the reader sees it at the place. */
function callOf(operation: Operation, depth: number): string {
  const site = operation.chain[depth];
  const name = verbOf(operation);
  return site === undefined || site.name === name ? `'${name}'` : `'${site.name}' (through '${name}')`;
}

function placesOf({ transaction, holder, others }: Escape): RelatedPlace[] {
  const places: RelatedPlace[] = [{ at: transaction.at, message: 'The transaction begins here.' }];
  for (const { at } of others) places.push({ at, message: 'This is outside as well.' });
  if (holder !== undefined) places.push({ at: holder.at, message: 'The row is locked here.' });
  return places;
}
