/** Makes a read of SQL text inside a transaction take the row lock that it needs, or isolates the transaction. */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import { sharedTransactions } from '../analysis/protection.ts';
import type { Fix } from '../rule.ts';
import { addForUpdate } from '../sql/edit-sql.ts';
import type { CallExpression, SourceFile, Span } from '../typescript/syntax.ts';
import { givesValue, indented } from './in-transaction.ts';
import {
  callAt,
  edit,
  freshName,
  indentationAt,
  indentUnit,
  insert,
  newlineOf,
  semicolonOf,
  statementAround,
} from './source-edit.ts';
import { inFile, sqlCallOf } from './sql-call.ts';

/** For statements of SQL text that share a transaction. */
export function lockRead(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const sql = sqlCallOf(file, read);
  // PostgreSQL locks no row of the side of an outer join that may be missing.
  if (sql === undefined || sharedTransactions(read, write).length === 0) return [];
  if (/\b(left|right|full)\s+(outer\s+)?join\b/i.test(sql.text)) return [];
  const edits = inFile(sql, addForUpdate(sql.text, sql.statement));
  if (edits.length === 0) return [];
  return [
    {
      id: 'lock-row',
      title: 'Lock the row when it is read',
      applicability: 'changes-behaviour',
      difference: 'Other transactions wait for this one before they read the row for update.',
      edits,
    },
  ];
}

/** PostgreSQL: `BEGIN` becomes `BEGIN ISOLATION LEVEL SERIALIZABLE`, where rows that are not there yet cannot be locked. */
export function isolateSql(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const [shared] = sharedTransactions(read, write);
  const opening = shared?.at.path === file.path ? callAt(file, shared.at) : undefined;
  const [text] = opening?.args ?? [];
  if (!read.model.startsWith('pg#') || text?.kind !== 'literal') return [];
  if (typeof text.value !== 'string' || !/^begin( transaction)?;?$/i.test(text.value.trim())) return [];
  const quote = file.text.charAt(text.start);
  const isUpper = /^BEGIN/.test(text.value.trim());
  const begin = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
  return [
    {
      id: 'serializable-transaction',
      title: 'Make the transaction serializable',
      applicability: 'changes-behaviour',
      difference: 'Of two runs at once one is rejected (40001) and can be tried again.',
      edits: [edit(file, text, quote + (isUpper ? begin : begin.toLowerCase()) + quote)],
      leaves: ['deadlock/no-victim-retry'],
    },
  ];
}

/**
 * Puts the code from the read to the end of its function into `client.transaction(async (trx) => { … })` with the row
 * locked; only for a client that the file itself uses so, and where nothing else would wait inside.
 */
export function lockInTransaction(file: SourceFile, fn: FunctionFacts, read: Operation, write: Operation): Fix[] {
  const client = sharedClient(file, read, write);
  const place = statementAround(file, read.span);
  const sql = sqlCallOf(file, read);
  const last = place?.fn.body.at(-1);
  if (client === undefined || place === undefined || sql === undefined || last === undefined) return [];
  if (!place.fn.async || place.siblings !== place.fn.body || statementAround(file, write.span)?.fn !== place.fn)
    return [];
  if (read.transactions.length > 0 || write.transactions.length > 0 || waitsElsewhere(fn, read, write)) return [];
  const lock = inFile(sql, addForUpdate(sql.text, sql.statement));
  if (lock.length === 0) return [];
  const name = ['trx', 'tx'].find((candidate) => freshName(file, candidate) === candidate) ?? freshName(file, 'trx');
  const range = { start: place.statement.start, end: last.end };
  const indent = indentationAt(file, range.start);
  const newline = newlineOf(file);
  const keyword = givesValue(place.siblings.slice(place.index)) ? 'return' : 'await';
  return [
    {
      id: 'lock-row',
      title: 'Read and write in one transaction that locks the row',
      applicability: 'changes-behaviour',
      difference: 'Other transactions wait for this one before they read the row for update.',
      edits: [
        insert(
          file,
          range.start,
          `${keyword} ${client.name}.transaction(async (${name}) => {${newline}${indent}${indentUnit(file)}`,
        ),
        ...indented(file, range),
        ...client.uses.map((use) => edit(file, use, name)),
        ...lock,
        insert(file, range.end, `${newline}${indent}})${semicolonOf(file)}`),
      ],
    },
  ];
}

/** The variable both statements are sent through, when the file opens transactions with it as well. */
function sharedClient(file: SourceFile, read: Operation, write: Operation): { name: string; uses: Span[] } | undefined {
  const uses = [callAt(file, read.span), callAt(file, write.span)].flatMap((call) => clientOf(call) ?? []);
  const [first, second] = uses;
  if (first === undefined || second === undefined || first.variable !== second.variable) return undefined;
  const opens = file.calls.some(
    (call) =>
      call.callee.kind === 'member' &&
      call.callee.name === 'transaction' &&
      call.args.length === 1 &&
      call.args[0]?.kind === 'function' &&
      clientOf(call)?.variable === first.variable,
  );
  return opens ? { name: first.name, uses } : undefined;
}

function clientOf(call: CallExpression | undefined): (Span & { name: string; variable: number }) | undefined {
  const client = call?.callee.kind === 'member' ? call.callee.object : undefined;
  return client?.kind === 'identifier' && client.variable !== undefined
    ? { start: client.start, end: client.end, name: client.name, variable: client.variable }
    : undefined;
}

/** Another statement would run outside the transaction, and a request would keep the row locked. */
function waitsElsewhere(fn: FunctionFacts, read: Operation, write: Operation): boolean {
  return fn.operations.some(
    (other) =>
      other !== read &&
      other !== write &&
      other.order > read.order &&
      /^(database|request|publish|lock|cache|wait)$/.test(other.effect.kind),
  );
}
