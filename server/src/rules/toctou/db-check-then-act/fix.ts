import type { Operation } from '../../../analysis/fact.ts';
import { sharedTransactions } from '../../../analysis/protection.ts';
import type { Reliance } from '../../../analysis/reliance.ts';
import { sourcesOf } from '../../../analysis/value.ts';
import {
  addProperty,
  afterOutcome,
  conditionalSql,
  optionObject,
  propertyValue,
} from '../../../rewrite/conditional-write.ts';
import { exitOf, ownStatement, requirementOn } from '../../../rewrite/guard-text.ts';
import { lockInTransaction, lockRead } from '../../../rewrite/lock-read.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  insert,
  quoteOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import { inFile, sqlCallOf } from '../../../rewrite/sql-call.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import { addOnConflictDoNothing } from '../../../sql/edit-sql.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';

export function fixDbCheckThenAct(reliance: Reliance, { program }: RuleContext): Fix[] {
  const { read, write, form, columns } = reliance;
  const file = program.file(write.at.path);
  if (file === undefined || write.chain.length > 0) return [];
  // Leaving a `catch` early, as the guard does, would swallow the error.
  if (write.tries.some((context) => context.in !== 'block')) return [];
  switch (form) {
    case 'balance':
    case 'transition':
      return guardInWrite(file, reliance, columns[0] ?? '');
    case 'conflict':
      return ignoreConflict(file, read, write);
    case 'key-once':
      return setIfAbsent(file, read, write);
    default:
      return [];
  }
}

function guardInWrite(file: SourceFile, { fn, read, write }: Reliance, column: string): Fix[] {
  const fixes = [
    ...conditionalSql(file, read, write, column),
    ...conditionalPrisma(file, read, write, column),
    ...conditionalRepository(file, read, write, column),
  ];
  const isHere = read.chain.length === 0 && read.at.path === file.path;
  if (!isHere) return fixes;
  const isShared = sharedTransactions(read, write).length > 0;
  return [...fixes, ...(isShared ? lockRead(file, read) : lockInTransaction(file, fn, read, write))];
}

const PRISMA: Readonly<Record<string, string>> = { '>=': 'gte', '>': 'gt', '<=': 'lte', '<': 'lt', '!=': 'not' };

/** Adds the guard to the `where`; `update` then rejects when no row matches. */
function conditionalPrisma(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  if (!/prisma|^shape:/.test(write.model) || write.name !== 'update') return [];
  const where = optionObject(file, write, 'where');
  const requirement = requirementOn(file, read, write, column);
  if (where === undefined || requirement === undefined || propertyValue(where, column) !== undefined) return [];
  const operator = PRISMA[requirement.operator];
  const condition = operator === undefined ? requirement.other : `{ ${operator}: ${requirement.other} }`;
  return [
    {
      id: 'conditional-update',
      title: `Repeat the check of '${column}' in the where`,
      applicability: 'changes-behaviour',
      difference: 'When another run came first, the update rejects because no row matches.',
      edits: [addProperty(file, where, `${column}: ${condition}`)],
    },
  ];
}

const TYPEORM: Readonly<Record<string, string>> = {
  '>=': 'MoreThanOrEqual',
  '>': 'MoreThan',
  '<=': 'LessThanOrEqual',
  '<': 'LessThan',
  '!=': 'Not',
};

/** `update(id, …)`, `increment({ id }, …)`: the guard joins the criteria and `affected` is looked at. */
function conditionalRepository(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  if (!write.model.startsWith('typeorm#Repository') || !/^(update|increment|decrement)$/.test(write.name)) return [];
  const [which] = callAt(file, write.span)?.args ?? [];
  const requirement = requirementOn(file, read, write, column);
  const outcome = afterOutcome(file, write, requirement, (name) => `!${name}.affected`);
  if (which === undefined || requirement === undefined || outcome === undefined) return [];
  const operator = TYPEORM[requirement.operator];
  const imported = operator === undefined ? undefined : ensureImport(file, 'typeorm', operator, operator);
  const condition = `${column}: ${imported === undefined ? requirement.other : `${imported.name}(${requirement.other})`}`;
  const criteria =
    which.kind === 'object'
      ? addProperty(file, which, condition)
      : edit(file, which, `{ id: ${textOf(file, which)}, ${condition} }`);
  return [
    {
      id: 'conditional-update',
      title: `Repeat the check of '${column}' in the criteria and look at the outcome`,
      applicability: 'changes-behaviour',
      difference: 'When another run came first, the write does nothing and the code after it is not reached.',
      edits: [criteria, ...outcome, ...(imported?.edits ?? [])],
    },
  ];
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
    return afterOutcome(file, write, { guard }, (name) => `${name}.rowCount === 0`);
  }
  // `if (none) await insert`: what follows is the same for a row that was there.
  const around = enclosingStatements(file, guard.at).find(({ statement }) => statement.kind === 'if')?.statement;
  if (around?.kind !== 'if' || around.else.length > 0) return undefined;
  return around.start <= write.span.start && write.span.end <= around.end ? [] : undefined;
}

/** ioredis: `set(key, mark)` becomes `set(key, mark, 'NX')`, and who comes second leaves as the check does. */
function setIfAbsent(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const statement = ownStatement(file, write);
  if (!write.model.startsWith('ioredis') || write.name !== 'set' || call === undefined || statement === undefined)
    return [];
  const guard = write.guards.find(({ at, test }) => at.path === file.path && sourcesOf(test).has(read));
  const exit = guard === undefined ? undefined : exitOf(file, guard);
  const last = call.args.at(-1);
  if (exit === undefined || last === undefined) return [];
  const quote = quoteOf(file);
  return [
    {
      id: 'set-if-absent',
      title: 'Set the key only if it is absent, and look at the outcome',
      applicability: 'changes-behaviour',
      difference: 'The second of two runs leaves where the key is set.',
      edits: [
        insert(file, statement.start, 'if (('),
        insert(file, last.end, `, ${quote}NX${quote}`),
        edit(file, { start: call.end, end: statement.end }, `) === null) ${exit}`),
      ],
    },
  ];
}
