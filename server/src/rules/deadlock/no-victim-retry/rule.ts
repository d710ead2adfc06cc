import type { FunctionFacts, Operation, TransactionContext } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  concurrencyOf,
  type DatabaseOperation,
  isDatabaseOperation,
  isOne,
  isWrite,
  runsIn,
} from '../../../analysis/protection.ts';
import { isDeclared, isOwnRow, keyOfRow } from '../../../analysis/row-locks.ts';
import { cameWith, isKnownToCallee, nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { libraryOf } from '../../../analysis/transaction-escape.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import { fixNoVictimRetry } from './fix.ts';

export interface NoVictimRetry {
  readonly fn: FunctionFacts;
  readonly transaction: TransactionContext;
  /** What makes an abort likely: the level, or the table of which many rows are locked twice. */
  readonly cause: { readonly isolation: string } | { readonly table: string };
  readonly write: Operation;
  readonly confidence: Confidence;
}

export const noVictimRetry = defineRule<NoVictimRetry>({
  id: 'deadlock/no-victim-retry',
  summary: 'A transaction that the database is expected to abort on a conflict is never run again.',
  severity: 'information',
  status: 'stable',
  cwe: [703],
  detect: (fn, { program }) => unretried(fn, program),
  report: ({ transaction, cause, write, confidence }, { program }) => ({
    at: transaction.at,
    message: messageOf(cause, write),
    related: [{ at: placeOf(write), message: 'This is lost.' }, ...traceOf(write, program)],
    confidence,
    resource: 'transaction',
  }),
  fixes: (evidence, ctx) => fixNoVictimRetry(evidence, ctx),
});

function messageOf(cause: NoVictimRetry['cause'], write: Operation): string {
  if ('isolation' in cause)
    return `The transaction is ${cause.isolation}, where the database aborts one of two that conflict, and nobody runs it again: ${nameOf(write)} is then lost with an error.`;
  return `The transaction locks many rows of '${cause.table}' more than once, in the order the database finds them, and nobody runs it again when that ends in a deadlock: ${nameOf(write)} is then lost with an error.`;
}

/** Levels at which a conflict ends one of the transactions: PostgreSQL's 40001, MySQL's 1213 at SERIALIZABLE. */
function abortsOnConflict(isolation: string): boolean {
  return /serializable|snapshot|repeatable read/.test(isolation);
}

function unretried(fn: FunctionFacts, program: ProgramFacts): NoVictimRetry[] {
  const judged = new Set<string>();
  const found: NoVictimRetry[] = [];
  for (const write of fn.operations) {
    if (write.transactions.length === 0 || !isDatabaseOperation(write) || !isWrite(write)) continue;
    for (const transaction of write.transactions) {
      if (judged.has(transaction.id) || cameWith(write, transaction)) continue;
      if (isDeclared(transaction) && transaction.isolation === undefined) continue;
      if (!runsIn(write, transaction)) continue;
      judged.add(transaction.id);
      const cause = causeOf(fn, transaction);
      const isIn = (other: Operation): boolean => other.transactions.some(({ id }) => id === transaction.id);
      if (cause === undefined || isKnownToCallee(fn, write, program, isIn)) continue;
      if (retriesByItself(transaction, program) || isRetried(transaction, program)) continue;
      if (handlesConflict(fn, write, program)) continue;
      const confidence = confidenceOf(fn, transaction, cause, write, program);
      found.push({ fn, transaction, cause, write, confidence });
    }
  }
  return found;
}

function causeOf(fn: FunctionFacts, transaction: TransactionContext): NoVictimRetry['cause'] | undefined {
  const { isolation } = transaction;
  if (isolation !== undefined && abortsOnConflict(isolation)) return { isolation: isolation.toUpperCase() };
  const tables = new Set<string>();
  for (const other of fn.operations) {
    if (!isDatabaseOperation(other) || !other.transactions.some((own) => isOne(own, transaction))) continue;
    const { table } = other.effect;
    if (table === undefined || !isRange(other) || isOwnRow(other) || !runsIn(other, transaction)) continue;
    if (tables.has(table)) return { table };
    tables.add(table);
  }
  return undefined;
}

/** Many rows by a condition: they are locked in the order in which the database finds them, which no one can sort. */
function isRange(operation: DatabaseOperation): boolean {
  const { action, where, entity, limited } = operation.effect;
  if (!/^(update|delete)$/.test(action) || entity !== undefined || limited) return false;
  return where !== undefined && where.length > 0 && keyOfRow(operation) === undefined;
}

function confidenceOf(
  fn: FunctionFacts,
  { model }: TransactionContext,
  cause: NoVictimRetry['cause'],
  write: Operation,
  program: ProgramFacts,
): Confidence {
  // A deadlock takes another transaction with another order, which nothing here shows.
  if ('table' in cause || concurrencyOf(fn, write, program) === 'low') return 'low';
  // MySQL's default level under its own name aborts nobody.
  if (/REPEATABLE/.test(cause.isolation) && /mysql/.test(model)) return 'low';
  // Who asked by hand sees the error and asks again.
  if (fn.entries.some(({ kind }) => kind === 'http' || kind === 'graphql' || kind === 'rpc')) return 'low';
  return isNamedSomewhere(program) ? 'medium' : 'high';
}

/** Transactions of these libraries are repeated by them, or cannot conflict. */
function retriesByItself({ model }: TransactionContext, program: ProgramFacts): boolean {
  const library = libraryOf(model);
  if (/firebase|firestore|mongo|better-sqlite3|node:sqlite|spanner|slonik/.test(library)) return true;
  return /sequelize/.test(library) && texts(program).some((text) => /\bretry\s*:\s*\{[^}]*\bmatch\b/.test(text));
}

// ---------------------------------------------------------------- retries

const retried = new WeakMap<ProgramFacts, ReadonlySet<string>>();

/** Some path runs it within a retry: a library's, a loop of attempts, or a function that calls itself where it catches. */
function isRetried({ id }: TransactionContext, program: ProgramFacts): boolean {
  let ids = retried.get(program);
  if (ids === undefined) {
    const repeated = repeatedTries(program);
    const made = new Set<string>();
    for (const { operations } of program.functions) {
      for (const operation of operations) {
        if (operation.transactions.length === 0) continue;
        const isAgain =
          operation.retried !== 'no' ||
          operation.loops.some(({ repeats }) => /attempts|forever/.test(repeats)) ||
          operation.tries.some((own) => own.in === 'block' && repeated.has(placeKey(own.at)));
        if (isAgain) for (const transaction of operation.transactions) made.add(transaction.id);
      }
    }
    ids = made;
    retried.set(program, ids);
  }
  return ids.has(id);
}

/** `try { return await run(); } catch { return attempt(run, left - 1); }` */
function repeatedTries(program: ProgramFacts): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { operations } of program.functions) {
    for (const { effect, tries } of operations) {
      if (effect.kind !== 'recursion') continue;
      for (const own of tries) if (own.in === 'handler') found.add(placeKey(own.at));
    }
  }
  return found;
}

function placeKey({ path, start }: Location): string {
  return `${path}:${start}`;
}

const CONFLICT =
  /40001|40P01|P2034|ER_LOCK_DEADLOCK|\b1213\b|serialization[ _]?failure|could not serialize|deadlock detected/i;

/** The code around it knows what such an error looks like. */
function handlesConflict(fn: FunctionFacts, write: Operation, program: ProgramFacts): boolean {
  const file = program.file(fn.fn.path);
  const own = file?.text ?? '';
  const around = program.file(write.at.path)?.text ?? '';
  return CONFLICT.test(own) || CONFLICT.test(around);
}

/** Another file does: a helper that some caller may put around this one. */
function isNamedSomewhere(program: ProgramFacts): boolean {
  return texts(program).some((text) => CONFLICT.test(text));
}

const gathered = new WeakMap<ProgramFacts, readonly string[]>();

function texts(program: ProgramFacts): readonly string[] {
  const known = gathered.get(program);
  if (known !== undefined) return known;
  const made = program.files.filter(({ path }) => program.roleOf(path) === 'source').map(({ text }) => text);
  gathered.set(program, made);
  return made;
}
