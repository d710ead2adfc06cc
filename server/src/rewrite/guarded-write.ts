/**
 * Moves a check into the write it guards, and looks at whether the write took place. The check before it stays: it
 * gives the early answer, the condition in the write is what holds under concurrency.
 */
import type { FunctionFacts, Guard, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { columnSchemaOf, isDatabaseOperation, isWrite, plainColumn } from '../analysis/protection.ts';
import type { ColumnSchema } from '../analysis/schema.ts';
import type { Edit, Fix } from '../rule.ts';
import type { Expression, SourceFile, Statement } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { placesOf } from './column-change.ts';
import { type Dialect, type Outcome, type Site, siteOf } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { guardOn, ownStatement, type Requirement, requirementsOn, unchangedSince } from './guard-text.ts';
import { objectAt, optionObject, propertyValue } from './object-edit.ts';
import { checkedOutcome } from './outcome.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  indentationAt,
  insert,
  linesWithGap,
  newlineOf,
  startWithComments,
  statementAround,
  textOf,
} from './source-edit.ts';
import { claimSql, conditionalSql } from './sql-write.ts';

export interface Guarded {
  readonly fn: FunctionFacts;
  readonly read: Operation;
  readonly write: Operation;
  readonly columns: readonly string[];
}

const UNDONE = 'When another run came first, nothing is written and the code after it is not reached.';
const REJECTED = 'When another run came first, the write rejects because no row matches.';

/** For a check of the row's own columns. */
export function guardedWrite(file: SourceFile, guarded: Guarded, program: ProgramFacts): Fix[] {
  const [inSql] = conditionalSql(file, guarded.read, guarded.write, guarded.columns[0] ?? '');
  if (inSql !== undefined) return claimed(file, guarded, inSql.edits, guarded.columns.slice(0, 1), true);
  const site = siteOf(file, guarded.write, program);
  const dialect = dialectOf(guarded.write);
  if (site === undefined || dialect?.condition === undefined || dialect.outcome === undefined) return [];
  const requirements = requirementsFor(site, guarded);
  return requirements.length === 0 ? [] : withConditions(site, dialect, guarded, requirements);
}

/** For a row that was found in a state and is taken out of it: what the read asked for is asked again. */
export function claimedWrite(file: SourceFile, guarded: Guarded, program: ProgramFacts): Fix[] {
  const { read, write, columns } = guarded;
  const site = siteOf(file, write, program);
  const dialect = dialectOf(write);
  const guard = foundGuard(guarded, file);
  const inSql = claimSql(file, read, write, columns);
  if (inSql.length > 0) return [...claimed(file, guarded, inSql, columns, true)];
  const readCall = read.chain.length === 0 && read.at.path === file.path ? callAt(file, read.span) : undefined;
  if (site === undefined || dialect?.condition === undefined || guard === undefined || readCall === undefined)
    return [];
  // Libraries of one form of conditions: what stands in the read's can stand in the write's.
  const asked = [0, 1].map((argument) => optionObject(readCall, argument, 'where')).find((part) => part !== undefined);
  const where = asked ?? (/^find(One)?(By)?/.test(read.name) ? objectAt(readCall, 0) : undefined);
  const requirements = columns.flatMap((column): Requirement[] => {
    const value = propertyValue(where, column);
    return value === undefined
      ? []
      : [{ column, operator: '=', other: textOf(file, value), otherExpression: value, guard }];
  });
  if (requirements.length < columns.length) return [];
  return withConditions(site, dialect, guarded, requirements);
}

/** For a row that is accepted once and deleted: who deletes nothing came second. */
export function consumingDelete(file: SourceFile, guarded: Guarded, program: ProgramFacts): Fix[] {
  const { write } = guarded;
  const site = siteOf(file, write, program);
  const outcome = (site && dialectOf(write)?.outcome?.(site)) ?? outcomeOfText(write);
  const guard = foundGuard(guarded, file);
  if (outcome?.isNothing === undefined) return [];
  const checked = checkedOutcome(file, write, guard, outcome);
  if (checked === undefined) return [];
  const moved = earlier(file, guarded, checked);
  if (moved === undefined) return [];
  return [
    {
      id: 'conditional-delete',
      title: `Look at whether the row was still there${moved.isMoved ? ', before it is used' : ''}`,
      applicability: 'changes-behaviour',
      difference: moved.isMoved
        ? 'The second of two runs goes where the check goes; a run that fails later has used the row up.'
        : 'The second of two runs goes where the check goes.',
      edits: moved.edits,
    },
  ];
}

/** SQL text through `pg`. */
function outcomeOfText({ model, effect }: Operation): Outcome | undefined {
  const isText = effect.kind === 'database' && effect.sql !== undefined && /^pg(-pool)?\W/.test(model);
  return isText ? { isNothing: (name) => `${name}.rowCount === 0`, edits: [] } : undefined;
}

function foundGuard({ read, write }: Guarded, file: SourceFile): Guard | undefined {
  return guardOn(read, write, file, 'present', 'amount') ?? guardOn(read, write, file, 'column', 'absent', 'other');
}

function withConditions(site: Site, dialect: Dialect, guarded: Guarded, requirements: readonly Requirement[]): Fix[] {
  const { file, operation: write } = site;
  const [first] = requirements;
  const outcome = dialect.outcome?.(site);
  const conditions = dialect.condition?.(site, requirements);
  if (first === undefined || outcome === undefined || conditions === undefined) return [];
  const checked = checkedOutcome(file, write, first.guard, outcome);
  if (checked === undefined) return [];
  const columns = requirements.map(({ column }) => column);
  return claimed(file, guarded, [...conditions, ...checked], columns, outcome.isNothing !== undefined);
}

function claimed(
  file: SourceFile,
  guarded: Guarded,
  edits: readonly Edit[],
  columns: readonly string[],
  isLookedAt: boolean,
): Fix[] {
  const moved = earlier(file, guarded, edits);
  if (moved === undefined) return [];
  const names = columns.map((column) => `'${column}'`).join(' and ');
  const looks = isLookedAt ? ' and look at the outcome' : '';
  const differs = isLookedAt ? UNDONE : REJECTED;
  return [
    moved.isMoved
      ? {
          id: 'claim-first',
          title: `Claim the row, with the check of ${names}, before what is to happen once`,
          applicability: 'changes-behaviour',
          difference: `${differs} A run that fails after its claim leaves the row claimed.`,
          edits: moved.edits,
        }
      : {
          id: 'conditional-update',
          title: `Repeat the check of ${names} in the write${looks}`,
          applicability: 'changes-behaviour',
          difference: differs,
          edits: moved.edits,
        },
  ];
}

// ---------------------------------------------------------------- requirements

function requirementsFor(site: Site, { read, write, columns }: Guarded): Requirement[] {
  const { file } = site;
  const written = isDatabaseOperation(write) ? [...(write.effect.data?.keys() ?? [])] : [];
  const all = [...new Map([...columns, ...written].map((column) => [plainColumn(column), column] as const)).values()];
  const found = all.flatMap((column) =>
    requirementsOn(file, read, write, column)
      .flatMap((requirement) => settled(site, requirement))
      .slice(0, 1),
  );
  const [column] = columns;
  if (column === undefined || found.some((requirement) => requirement.column === column)) return found;
  const isOpen = /^(@prisma|shape:|mongoose|mongodb)/.test(write.model);
  const unchanged = isOpen ? unchangedSince(file, read, write, column) : undefined;
  return unchanged === undefined ? [] : [unchanged];
}

/** `if (user.verifiedAt) return`: of a date the column is empty, of a switch it is false. */
function settled(site: Site, requirement: Requirement): Requirement[] {
  const { operator, column } = requirement;
  if (operator !== 'truthy' && operator !== 'falsy') return [requirement];
  const value = propertyValue(dialectOf(site.operation)?.data?.(site), column);
  const kind = kindOf(site, column, value);
  if (kind === undefined) return [];
  // A switch that may be NULL is off in two ways.
  if (kind === 'switch' && operator === 'falsy' && schemaAt(site, column)?.nullable === true) return [];
  const words = kind === 'switch' ? ['true', 'false'] : ['not null', 'null'];
  return [{ ...requirement, operator: words[operator === 'truthy' ? 0 : 1] ?? operator }];
}

function schemaAt({ operation: { effect }, program }: Site, column: string): ColumnSchema | undefined {
  return effect.kind === 'database' ? columnSchemaOf(effect, column, program) : undefined;
}

function kindOf(site: Site, column: string, value: Expression | undefined): 'switch' | 'date' | undefined {
  const kind = schemaAt(site, column)?.kind;
  if (kind === 'boolean') return 'switch';
  if (kind === 'date') return 'date';
  if (value?.kind === 'literal' && typeof value.value === 'boolean') return 'switch';
  return value?.kind === 'call' && value.isNew && value.callee.kind === 'identifier' && value.callee.name === 'Date'
    ? 'date'
    : undefined;
}

// ---------------------------------------------------------------- before what is to happen once

/**
 * Where something happens between the check and the write that a refused write could not undo, the write goes before
 * it. Undefined when it has to and cannot.
 */
function earlier(
  file: SourceFile,
  guarded: Guarded,
  edits: readonly Edit[],
): { edits: readonly Edit[]; isMoved: boolean } | undefined {
  const { write } = guarded;
  const guard = foundGuard(guarded, file);
  const place = statementAround(file, write.span);
  if (guard === undefined || place === undefined) return { edits, isMoved: false };
  const checked = enclosingStatements(file, guard.at).find(({ siblings }) => siblings === place.siblings)?.index ?? -1;
  // Not before a later check that may still refuse.
  const refused = place.siblings.slice(0, place.index).findLastIndex(mayLeave);
  const from = Math.max(checked, checked < 0 ? -1 : refused);
  const between = place.siblings.slice(from + 1, place.index);
  const effect = between.find((statement) => isEffectful(file, statement, guarded));
  if (effect === undefined) return { edits, isMoved: false };
  const own = ownStatement(file, write);
  if (own === undefined || from < 0 || dependsOn(file, place.statement, between.slice(between.indexOf(effect))))
    return undefined;
  const { text, others } = applyWithin(file, place.statement, edits);
  const indent = indentationAt(file, effect.start);
  return {
    edits: [
      insert(file, startWithComments(file, effect), `${text}${newlineOf(file)}${newlineOf(file)}${indent}`),
      edit(file, linesWithGap(file, place.statement), ''),
      ...others,
    ],
    isMoved: true,
  };
}

function mayLeave(statement: Statement): boolean {
  if (statement.kind === 'expression' && statement.expression.kind === 'await')
    return isCheck(statement.expression.operand);
  return (
    statement.kind === 'if' && [...statement.then, ...statement.else].some(({ kind }) => /^(throw|return)$/.test(kind))
  );
}

/** A request, a message, a row of another table outside the write's transaction; or awaited for its effect alone. */
function isEffectful(file: SourceFile, statement: Statement, { fn, read, write }: Guarded): boolean {
  const isInside = (operation: Operation): boolean => {
    const at = operation.chain[0]?.at ?? operation.at;
    return at.path === file.path && statement.start <= at.start && at.end <= statement.end;
  };
  const inside = fn.operations.filter((operation) => operation !== write && isInside(operation));
  // What is undone with the write is none.
  const isUndone = ({ transactions }: Operation): boolean =>
    transactions.some((own) => write.transactions.some((other) => other.id === own.id));
  const known = inside.some((operation) => {
    const { effect } = operation;
    if (effect.kind === 'publish' || (effect.kind === 'request' && !effect.local)) return true;
    return isWrite(operation) && operation !== read && !isUndone(operation);
  });
  if (known || statement.kind !== 'expression' || statement.expression.kind !== 'await') return known;
  // Whoever drops the result wants the effect, or the error of a check.
  return (
    !isCheck(statement.expression.operand) && !inside.some((operation) => isWrite(operation) && isUndone(operation))
  );
}

/** `await assertActive(user)`. */
function isCheck(expression: Expression): boolean {
  const name =
    expression.kind === 'call' && (expression.callee.kind === 'identifier' || expression.callee.kind === 'member')
      ? expression.callee.name
      : '';
  return /^(assert|validate|check|ensure|verify|authori[sz]e|require|guard)/i.test(name);
}

/** Whether a statement uses what others declare. */
function dependsOn(file: SourceFile, statement: Statement, others: readonly Statement[]): boolean {
  return file.variables.some(
    (variable, index) =>
      others.some(({ start, end }) => start <= variable.at.start && variable.at.end <= end) &&
      placesOf(file, index).some(({ start, end }) => statement.start <= start && end <= statement.end),
  );
}
