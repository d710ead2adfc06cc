/**
 * Queries for each row of a query that is still being read. Until its last row a stream keeps its connection; a query
 * for a row takes another of the same pool. Runs that each hold one and wait for another never end, and with a pool of
 * one connection (SQLite) the first already does not. Cursors of MongoDB keep none between their batches.
 */
import type { Confidence } from '../rule.ts';
import type { FunctionFacts, Loop } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import { type DatabaseOperation, isDatabaseOperation } from './protection.ts';
import { isImportOrTool, isOwnRepetition, isStartUp, seenByCallee } from './repetition.ts';
import { isSameClient, isSecondDatabase, libraryOf, nameOfClient } from './transaction-escape.ts';
import type { PlaceValue, Value } from './value.ts';

export interface StreamWait {
  readonly fn: FunctionFacts;
  /** Where the rows come from. */
  readonly stream: DatabaseOperation;
  readonly operation: DatabaseOperation;
  readonly confidence: Confidence;
}

export function streamWaitsOf(fn: FunctionFacts, program: ProgramFacts): StreamWait[] {
  const found = new Map<string, StreamWait>();
  for (const operation of fn.operations) {
    if (operation.loops.length === 0 || !isDatabaseOperation(operation)) continue;
    if (operation.deferred || !operation.awaited || operation.effect.action === 'lock') continue;
    const loop = operation.loops.find((around) => streamOf(around) !== undefined);
    const stream = loop === undefined ? undefined : streamOf(loop);
    if (loop === undefined || stream === undefined || found.has(loop.id)) continue;
    if (!isOwnRepetition(operation, loop, fn, program) || seenByCallee(operation, loop, program)) continue;
    if (!isOnePool(stream, operation)) continue;
    const isRare = operation.coarse || isImportOrTool(fn) || isStartUp(fn, program);
    found.set(loop.id, { fn, stream, operation, confidence: isRare ? 'low' : 'medium' });
  }
  return [...found.values()];
}

/** The open query that the loop reads row by row. */
function streamOf({ over, form }: Loop): DatabaseOperation | undefined {
  if (over?.kind !== 'result' || over.path.length > 0) return undefined;
  const { operation } = over;
  if (!isDatabaseOperation(operation) || /^mongo/.test(libraryOf(operation.model))) return undefined;
  const isStream =
    operation.name === 'stream' ||
    (form !== 'for-of' &&
      operation.effect.args.some((arg) => arg.kind === 'computed' && /^new:(QueryStream|Cursor)$/.test(arg.operator)));
  return isStream && form !== 'for-of' ? operation : undefined;
}

function isOnePool(stream: DatabaseOperation, operation: DatabaseOperation): boolean {
  const holder = poolOf(stream.executor);
  const other = poolOf(operation.executor);
  if (holder === undefined || other === undefined) return false;
  // In a transaction both go through its one connection.
  if (stream.transactions.length > 0 && stream.executor?.kind !== 'place') return false;
  if (isSameClient(holder, other)) return true;
  const [one, two] = [libraryOf(stream.model), libraryOf(operation.model)];
  const isOfOneDatabase = isSecondDatabase(nameOfClient(holder)) === isSecondDatabase(nameOfClient(other));
  // Repositories and models say nothing of their connection; Objection's models run on the project's Knex.
  return (
    isOfOneDatabase &&
    ((one === 'typeorm' && two === 'typeorm') || (/^(knex|objection)$/.test(one) && two === 'objection'))
  );
}

/** What the connection is taken from: nothing for a transaction, or what cannot be followed. */
function poolOf(executor: Value | undefined): PlaceValue | undefined {
  let value = executor;
  for (let depth = 0; depth < 4 && value !== undefined; depth += 1) {
    if (value.kind === 'computed' && value.operator === 'bound') value = value.operands.at(-1);
    else if (value.kind === 'result' && value.operation.effect.kind === 'resource') value = value.operation.executor;
    else break;
  }
  if (value?.kind !== 'place' || value.root.kind === 'captured') return undefined;
  return /^(tx|trx|transaction|t)$/.test(nameOfClient(value)) ? undefined : value;
}
