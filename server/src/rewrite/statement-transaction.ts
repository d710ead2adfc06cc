/**
 * A transaction of statements (`BEGIN`, …, `COMMIT`, `ROLLBACK`) as something that can be run again: from where its
 * client is taken, or from its first statement when the client stays, to the end of the `try` that rolls it back.
 * Refuses where an error would leave the transaction open, does not come out as it is, or leaves the client unusable.
 */
import type { FunctionFacts, Operation, TransactionContext } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, SourceFile, Span, Statement, TryStatement } from '../typescript/syntax.ts';
import { givesValue, indented } from './in-transaction.ts';
import { isMentioned } from './mention.ts';
import { isTakenBack, isTransactionRepeatable } from './repeatable.ts';
import {
  callAt,
  enclosingStatements,
  indentationAt,
  indentUnit,
  insert,
  isWithin,
  newlineOf,
  partsOf,
  type StatementPlace,
  semicolonOf,
  startWithComments,
  textOf,
} from './source-edit.ts';

/** Entity managers keep what they read before the rollback. */
const PLAIN = /^(pg|pg-pool|mysql2?|mysql2?\/promise|typeorm|sequelize|knex|shape)[#.:]/;

/** Puts `name(async () => { … })` around the transaction that the call begins. */
export function repeatedStatements(
  file: SourceFile,
  transaction: TransactionContext,
  name: string,
  program: ProgramFacts,
): readonly Edit[] | undefined {
  // What runs in it may have been found in another function, which hands over a callback.
  const home = program.enclosing(transaction.at);
  const fn = home === undefined ? undefined : program.factsOf(home.key);
  if (fn === undefined) return undefined;
  const region = PLAIN.test(transaction.model) ? regionOf(fn, file, transaction) : undefined;
  if (region === undefined || !isRepeatable(fn, file, region, transaction, program)) return undefined;
  const opening = openingOf(region);
  if (opening === undefined) return undefined;
  const end = semicolonOf(file);
  const indent = indentationAt(file, region.start);
  const newline = newlineOf(file);
  return [
    insert(file, region.start, `${opening}${name}(async () => {${newline}${indent}${indentUnit(file)}`),
    ...indented(file, region),
    insert(file, region.end, `${newline}${indent}})${end}`),
  ];
}

interface Region extends Span {
  readonly statements: readonly Statement[];
  /** What follows in the same list. */
  readonly rest: readonly Statement[];
  readonly place: StatementPlace;
  readonly attempt: TryStatement;
}

function regionOf(fn: FunctionFacts, file: SourceFile, { at }: TransactionContext): Region | undefined {
  const call = callAt(file, at);
  const places = enclosingStatements(file, at);
  const [innermost] = places;
  if (call?.callee.kind !== 'member' || innermost === undefined || !innermost.fn.async || innermost.fn.generator)
    return undefined;
  const client = clientOf(file, call, innermost.statement);
  for (const { siblings, index, fn: home } of places) {
    const to = siblings.findIndex(
      (statement, position) => position >= index && statement.kind === 'try' && isUndone(fn, file, statement, call),
    );
    const attempt = siblings[to];
    if (attempt?.kind !== 'try') continue;
    const from = startOf(file, siblings, { index, to }, client);
    const first = from === undefined ? undefined : siblings[from];
    if (from === undefined || first === undefined) return undefined;
    const place = { statement: first, siblings, index: from, fn: home };
    const statements = siblings.slice(from, to + 1);
    const start = startWithComments(file, first);
    return { start, end: attempt.end, statements, rest: siblings.slice(to + 1), place, attempt };
  }
  return undefined;
}

/** `client` of `client.query('BEGIN')`, `trx` of `const trx = await knex.transaction()`. */
function clientOf(file: SourceFile, { callee }: CallExpression, statement: Statement): string {
  const declared = statement.kind === 'variable' ? statement.declarations[0]?.pattern : undefined;
  if (declared?.kind === 'variable') return file.variables[declared.variable]?.name ?? '';
  return callee.kind === 'member' ? textOf(file, callee.object) : '';
}

/** Committed in its block, rolled back where that fails, and the error goes on as it is. */
function isUndone(fn: FunctionFacts, file: SourceFile, attempt: TryStatement, begin: CallExpression): boolean {
  const { block, handler, handlerSpan, finalizerSpan } = attempt;
  const [first] = block;
  const last = block.at(-1);
  if (first === undefined || last === undefined) return false;
  const inBlock = { start: first.start, end: last.end };
  // One that begins behind its `try` is rolled back by another's.
  if (begin.start > inBlock.end) return false;
  const ends = (action: 'commit' | 'rollback', span: Span | undefined): boolean =>
    span !== undefined && fn.operations.some((operation) => isEnd(operation, action, file, span));
  const isRolledBack = ends('rollback', handlerSpan) || ends('rollback', finalizerSpan);
  return ends('commit', inBlock) && isRolledBack && (handler === undefined || passesOn(file, attempt));
}

function isEnd(operation: Operation, action: 'commit' | 'rollback', { path }: SourceFile, span: Span): boolean {
  const { effect } = operation;
  const at = placeOf(operation);
  return effect.kind === 'transaction' && effect.action === action && at.path === path && isWithin(at, span);
}

/** `throw error`, `throw new Failed('…', { cause: error })`: what is asked for its code. */
function passesOn(file: SourceFile, { handler = [], parameter }: TryStatement): boolean {
  const last = handler.at(-1);
  const name = parameter?.kind === 'variable' ? file.variables[parameter.variable]?.name : undefined;
  if (last?.kind !== 'throw' || name === undefined) return false;
  const text = textOf(file, last.value);
  return text === name || new RegExp(`\\bcause(: ${name})?\\s*[,}]`).test(text);
}

/** The index in the list from which all has to run again. */
function startOf(
  file: SourceFile,
  siblings: readonly Statement[],
  { index, to }: { index: number; to: number },
  client: string,
): number | undefined {
  const attempt = siblings[to];
  const taken = siblings.findIndex((statement) => declares(file, statement, client));
  const isGivenBack = attempt !== undefined && callsIn(file, attempt).some((call) => givesBack(file, call, client));
  // A client of the caller's, or one that a variable outside keeps, would be used when it is given back already.
  if (isGivenBack) return taken >= 0 && taken <= index ? taken : undefined;
  let from = Math.min(index, to);
  // MySQL's level is that of the next transaction alone.
  while (from > 0 && setsLevel(file, siblings[from - 1])) from -= 1;
  return from;
}

function declares(file: SourceFile, statement: Statement, client: string): boolean {
  if (statement.kind !== 'variable') return false;
  return statement.declarations.some(
    ({ pattern, initializer }) =>
      pattern.kind === 'variable' &&
      file.variables[pattern.variable]?.name === client &&
      initializer !== undefined &&
      isTaking(initializer),
  );
}

/** `await pool.connect()`, `dataSource.createQueryRunner()`. */
function isTaking(value: Expression): boolean {
  const inner = value.kind === 'await' ? value.operand : value;
  return inner.kind === 'call';
}

function callsIn(file: SourceFile, span: Span): readonly CallExpression[] {
  return file.calls.filter((call) => isWithin(call, span));
}

/** `client.release()`, `pool.releaseConnection(client)`. */
function givesBack(file: SourceFile, { callee, args }: CallExpression, client: string): boolean {
  if (callee.kind !== 'member') return false;
  if (/^(release|end|destroy|close)$/.test(callee.name)) return textOf(file, callee.object) === client;
  return callee.name === 'releaseConnection' && args.some((arg) => textOf(file, arg) === client);
}

function setsLevel(file: SourceFile, statement: Statement | undefined): boolean {
  return statement?.kind === 'expression' && /['"`]SET TRANSACTION\b/i.test(textOf(file, statement));
}

function isRepeatable(
  fn: FunctionFacts,
  file: SourceFile,
  region: Region,
  transaction: TransactionContext,
  program: ProgramFacts,
): boolean {
  const isBeside = (operation: Operation): boolean => {
    const at = placeOf(operation);
    const isIn = operation.transactions.some(({ id }) => id === transaction.id);
    return at.path === file.path && isWithin(at, region) && !isIn;
  };
  if (fn.operations.some((operation) => isBeside(operation) && !isTakenBack(operation, undefined))) return false;
  if (/\b(arguments|yield)\b/.test(textOf(file, region)) || region.statements.some(jumps)) return false;
  const isUsedLater = region.statements.some(
    (statement) =>
      statement.kind === 'variable' &&
      namesIn(file, statement).some((name) => region.rest.some((later) => isMentioned(textOf(file, later), name))),
  );
  return !isUsedLater && isTransactionRepeatable(transaction, region, program);
}

function namesIn(file: SourceFile, statement: Statement & { kind: 'variable' }): string[] {
  return file.variables
    .filter(({ at }) => statement.declarations.some(({ pattern }) => isWithin(at, pattern)))
    .map(({ name }) => name);
}

/** `break`, `continue` of a loop around. */
function jumps(statement: Statement): boolean {
  if (statement.kind === 'break' || statement.kind === 'continue') return true;
  return statement.kind !== 'loop' && partsOf(statement).lists.some((list) => list.some(jumps));
}

/** What stands before the call; undefined where it would end a function that goes on. */
function openingOf({ statements, rest, place, attempt }: Region): string | undefined {
  const isBody = place.siblings === place.fn.body;
  if (!statements.some(leaves)) return 'await ';
  const isLast = isBody && rest.length === 0;
  const isLeft = /^(return|throw)$/.test(attempt.block.at(-1)?.kind ?? '') && attempt.finalizer?.some(leaves) !== true;
  if (!isLast && !isLeft) return undefined;
  if (isLast && !givesValue(statements)) return 'await ';
  return isBody ? 'return ' : 'return await ';
}

function leaves(statement: Statement): boolean {
  return statement.kind === 'return' || partsOf(statement).lists.some((list) => list.some(leaves));
}
