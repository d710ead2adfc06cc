import type { Operation } from '../../../analysis/fact.ts';
import type { Reliance } from '../../../analysis/reliance.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { sourcesOf } from '../../../analysis/value.ts';
import { createOrFind } from '../../../rewrite/create-or-find.ts';
import { isPrisma } from '../../../rewrite/dialects/prisma.ts';
import { exitOf, ownStatement } from '../../../rewrite/guard-text.ts';
import { claimedWrite, consumingDelete, guardedWrite } from '../../../rewrite/guarded-write.ts';
import { inOwnTransaction, inTransaction, type Pair } from '../../../rewrite/in-transaction.ts';
import { incrementFirst, setAtOnce, setIfAbsent } from '../../../rewrite/key-write.ts';
import { lockParent } from '../../../rewrite/lock-parent.ts';
import { isolateSql, lockInTransaction, lockRead } from '../../../rewrite/lock-read.ts';
import { afterOutcome } from '../../../rewrite/outcome.ts';
import { enclosingStatements, statementAround } from '../../../rewrite/source-edit.ts';
import { inFile, sqlCallOf } from '../../../rewrite/sql-call.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import { addOnConflictDoNothing } from '../../../sql/edit-sql.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';

export function fixDbCheckThenAct(reliance: Reliance, { program }: RuleContext): Fix[] {
  const { fn, read, write, form } = reliance;
  const file = program.file(placeOf(write).path);
  if (file === undefined) return [];
  // Leaving a `catch` early, as the guard does, would swallow the error.
  if (write.tries.some((context) => context.in !== 'block')) return [];
  const pair: Pair = { file, fn, read, write, program };
  if (write.chain.length > 0) return aroundHelpers(pair, form);
  switch (form) {
    case 'balance':
    case 'transition':
    case 'once': {
      const guarded = guardedWrite(file, reliance, program);
      return [...guarded, ...locked(pair, guarded.length === 0)];
    }
    case 'claim': {
      const claimed = claimedWrite(file, reliance, program);
      return [...claimed, ...locked(pair, claimed.length === 0)];
    }
    case 'consume':
      return consumingDelete(file, reliance, program);
    case 'limit':
    case 'reuse':
      return isolated(pair);
    case 'last':
      return countedRows(pair);
    case 'duplicate': {
      const one = isolated(pair);
      return [...one, ...createOrFind(pair, reliance.columns, 'sketch')];
    }
    case 'conflict':
      return [...ignoreConflict(file, read, write), ...createOrFind(pair, reliance.columns, 'changes-behaviour')];
    case 'key-once':
      return [...setIfAbsent(file, read, write), ...setAtOnce(file, fn, read, write)];
    case 'key-limit':
      return incrementFirst(file, read, write);
    default:
      return [];
  }
}

/** The write is a helper's: what can be done is done around the call. */
function aroundHelpers(pair: Pair, form: Reliance['form']): Fix[] {
  switch (form) {
    case 'balance':
    case 'transition':
    case 'once':
    case 'claim':
      return inTransaction(pair, 'row-lock');
    case 'last':
      return countedRows(pair);
    case 'limit':
    case 'reuse':
    case 'duplicate':
    case 'conflict':
      return isolated(pair);
    default:
      return [];
  }
}

/** The row is there, so that it can be locked. */
function locked(pair: Pair, mayOpen: boolean): Fix[] {
  const { file, fn, read, write } = pair;
  if (read.chain.length > 0 || read.at.path !== file.path) return [];
  const own = [...inOwnTransaction(pair, 'row-lock'), ...lockRead(file, read, write)];
  // A transaction for the lock's sake is more than a statement that needs none.
  if (own.length > 0 || !mayOpen) return own;
  const around = inTransaction(pair, 'row-lock');
  return around.length > 0 ? around : lockInTransaction(file, fn, read, write);
}

/** Rows that are not there yet cannot be locked: the row they belong to can, or the transaction is isolated. */
function isolated(pair: Pair): Fix[] {
  const { file, read, write } = pair;
  const parent = lockParent(pair);
  if (parent.length > 0) return parent;
  const own = [...inOwnTransaction(pair, 'serializable'), ...isolateSql(file, read, write)];
  return own.length > 0 ? own : inTransaction(pair, 'serializable');
}

/** The rows are there: where they belong to none that can be locked, they are themselves. */
function countedRows(pair: Pair): Fix[] {
  const around = isolated(pair);
  if (around.some(({ id }) => id === 'lock-parent')) return around;
  const { read } = pair;
  // Only rows that are read can be locked by their own query; Prisma's lock is a statement of its own.
  if (read.effect.kind === 'database' && read.effect.returns !== 'rows' && !isPrisma(read)) return around;
  const own = inOwnTransaction(pair, 'row-lock').filter(({ id }) => id === 'lock-row');
  const locked = own.length > 0 ? own : inTransaction(pair, 'row-lock');
  return locked.length > 0 ? locked : around;
}

/** Where a unique constraint is known to be there. Who comes second leaves as the check does. */
function ignoreConflict(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const sql = sqlCallOf(file, write);
  // Who looks at the new row finds none after a conflict.
  if (sql === undefined || !/\$\d/.test(sql.text) || ownStatement(file, write) === undefined) return [];
  const edits = inFile(sql, addOnConflictDoNothing(sql.text, sql.statement));
  const outcome = conflictOutcome(file, read, write);
  if (edits.length === 0 || outcome === undefined) return [];
  return [
    {
      id: 'ignore-conflict',
      title: 'Leave the row that is there',
      applicability: 'changes-behaviour',
      difference:
        'The second of two inserts does nothing, and its caller goes where the check goes, instead of failing.',
      edits: [...edits, ...outcome],
    },
  ];
}

/** Undefined when it is not known what the check does about a row that is there. */
function conflictOutcome(file: SourceFile, read: Operation, write: Operation): Edit[] | undefined {
  const guard = write.guards.find(({ at, test }) => at.path === file.path && sourcesOf(test).has(read));
  if (guard === undefined) return undefined;
  const exit = exitOf(file, guard);
  if (exit !== undefined) {
    const place = statementAround(file, write.span);
    const isLast = place !== undefined && place.siblings === place.fn.body && place.index === place.siblings.length - 1;
    if (isLast && /^return\s*;?$/.test(exit)) return [];
    if (!write.model.startsWith('pg#')) return undefined;
    return afterOutcome(file, write, guard, (name) => `${name}.rowCount === 0`);
  }
  // `if (none) await insert`: what follows is the same for a row that was there.
  const around = enclosingStatements(file, guard.at).find(({ statement }) => statement.kind === 'if')?.statement;
  if (around?.kind !== 'if' || around.else.length > 0) return undefined;
  return around.start <= write.span.start && write.span.end <= around.end ? [] : undefined;
}
