/** Makes a read inside a transaction take the row lock that it needs: `FOR UPDATE`, or TypeORM's `lock` option. */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import type { Edit, Fix } from '../rule.ts';
import { addForUpdate } from '../sql/edit-sql.ts';
import type { CallExpression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { addProperty } from './conditional-write.ts';
import {
  callAt,
  edit,
  freshName,
  indentationAt,
  indentUnit,
  insert,
  newlineOf,
  partsOf,
  quoteOf,
  semicolonOf,
  statementAround,
} from './source-edit.ts';
import { inFile, sqlCallOf } from './sql-call.ts';

export function lockRead(file: SourceFile, read: Operation): Fix[] {
  const fix = {
    id: 'lock-row',
    title: 'Lock the row when it is read',
    applicability: 'changes-behaviour',
    difference: 'Other transactions wait for this one before they read the row for update.',
  } as const;
  const sql = sqlCallOf(file, read);
  if (sql !== undefined) {
    // PostgreSQL locks no row of the side of an outer join that may be missing.
    if (/\b(left|right|full)\s+(outer\s+)?join\b/i.test(sql.text)) return [];
    const edits = inFile(sql, addForUpdate(sql.text, sql.statement));
    return edits.length === 0 ? [] : [{ ...fix, edits }];
  }
  const call = callAt(file, read.span);
  if (!/^typeorm#/.test(read.model) || !/^findOne(OrFail)?$/.test(read.name) || read.chain.length > 0) return [];
  const options = call?.args.at(-1);
  if (
    options?.kind !== 'object' ||
    options.properties.some(
      (property) => property.kind === 'property' && (property.key === 'lock' || property.key === 'relations'),
    )
  )
    return [];
  const quote = quoteOf(file);
  return [{ ...fix, edits: [addProperty(file, options, `lock: { mode: ${quote}pessimistic_write${quote} }`)] }];
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

function givesValue(list: readonly Statement[]): boolean {
  return list.some(
    (statement) =>
      (statement.kind === 'return' && statement.value !== undefined) || partsOf(statement).lists.some(givesValue),
  );
}

/** One level more at each line but the first; lines inside a template literal are its text. */
function indented(file: SourceFile, { start, end }: Span): Edit[] {
  const edits: Edit[] = [];
  for (let at = file.text.indexOf('\n', start); at >= 0 && at < end; at = file.text.indexOf('\n', at + 1)) {
    const isInTemplate = (file.text.slice(start, at).split('`').length - 1) % 2 === 1;
    if (!isInTemplate && !/[\r\n]/.test(file.text.charAt(at + 1))) edits.push(insert(file, at + 1, indentUnit(file)));
  }
  return edits;
}
