/**
 * `n = row.n + amount`, computed by the database instead of by the program; with the check of the old value, when there
 * is one, as a condition of the write.
 */
import type { Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { columnSchemaOf } from '../analysis/protection.ts';
import type { Edit, Fix } from '../rule.ts';
import type { Expression, MemberExpression, SourceFile, Statement } from '../typescript/syntax.ts';
import { receiverOf } from './call-chain.ts';
import { type Change, changeIn, changeOf, computedHere } from './column-change.ts';
import { type ColumnChange, type Dialect, type Site, siteOf } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { isBounded, ownStatement, requirementOn } from './guard-text.ts';
import { isMentioned, mentionOf } from './mention.ts';
import { propertyValue } from './object-edit.ts';
import { isNumber, isText } from './operand-type.ts';
import { afterOutcome, checkedOutcome } from './outcome.ts';
import { variablesOfRead } from './row-names.ts';
import {
  edit,
  enclosingStatements,
  functionAround,
  indentationAt,
  insert,
  linesOf,
  newlineOf,
  semicolonOf,
  statementAround,
  textOf,
} from './source-edit.ts';

export function atomicWrite(
  file: SourceFile,
  read: Operation,
  write: Operation,
  column: string,
  program: ProgramFacts,
): Fix[] {
  const site = siteOf(file, write, program);
  const dialect = dialectOf(write);
  if (site === undefined || dialect === undefined) return [];
  return savedRow(site, dialect, read, column) ?? givenColumn(site, dialect, read, column) ?? [];
}

const GUARDED = 'When another run came first, nothing is written.';

// ---------------------------------------------------------------- a column that is given a value

function givenColumn(site: Site, dialect: Dialect, read: Operation, column: string): Fix[] | undefined {
  const { file, operation: write } = site;
  const value = propertyValue(dialect.data?.(site), column);
  const computed = computedHere(file, value, column, variablesOfRead(file, read));
  const change = computed === undefined ? undefined : changeAt(site, column, computed.change);
  if (value === undefined || computed === undefined || change === undefined) return undefined;
  const requirement = requirementOn(file, read, write, column);
  const isSaid = !change.fromNull || dialect.coalesces === true;
  const relative = isSaid ? dialect.relative?.(site, column, change, value, requirement !== undefined) : undefined;
  if (relative === undefined)
    return dialect.unchanged !== undefined ? ifUnchanged(site, dialect, column, value) : undefined;
  const edits = [...relative, ...computed.edits];
  if (requirement === undefined) {
    return isBounded(read, write, column)
      ? undefined
      : [atomic(column, edits, differences(dialect, change, computed.remains))];
  }
  const condition = dialect.condition?.(site, [requirement]);
  const outcome = dialect.outcome?.(site);
  const checked = outcome && checkedOutcome(file, write, requirement.guard, outcome);
  if (condition === undefined || outcome === undefined || checked === undefined || computed.remains) return undefined;
  return [
    conditional(
      column,
      [...without(edits, condition), ...condition, ...checked],
      dialect,
      outcome.isNothing !== undefined,
    ),
  ];
}

/** For a library in which no column is computed: written only while the row has the value that was read. */
function ifUnchanged(site: Site, dialect: Dialect, column: string, value: Expression): Fix[] | undefined {
  const { file, operation } = site;
  const old =
    value.kind === 'binary' && value.left.kind === 'member' && value.left.name === column ? value.left : undefined;
  const outcome = dialect.outcome?.(site);
  if (old === undefined || outcome === undefined) return undefined;
  const condition = dialect.unchanged?.(site, column, textOf(file, old));
  const checked = checkedOutcome(file, operation, undefined, outcome);
  if (condition === undefined || checked === undefined) return undefined;
  return [
    {
      id: 'unchanged-row',
      title: `Write only if '${column}' is still what was read`,
      applicability: 'changes-behaviour',
      difference: 'When another run came first, nothing is written and an error is thrown.',
      edits: [...condition, ...checked],
    },
  ];
}

/** The condition's edit of an argument contains the other's. */
function without(edits: readonly Edit[], others: readonly Edit[]): Edit[] {
  const isSame = (a: Edit, b: Edit): boolean => a.start === b.start && a.end === b.end && a.start < a.end;
  return edits.filter((one) => !others.some((other) => isSame(one, other)));
}

function atomic(column: string, edits: readonly Edit[], difference: readonly string[]): Fix {
  const fix = {
    id: 'atomic-update',
    title: `Let the database compute '${column}'`,
    edits,
    // The same write as before, in the same transaction or in none.
    leaves: ['race-condition/related-writes-without-transaction'],
  } as const;
  return difference.length === 0
    ? { ...fix, applicability: 'safe' }
    : { ...fix, applicability: 'changes-behaviour', difference: difference.join(' ') };
}

function conditional(column: string, edits: readonly Edit[], dialect: Dialect, isLookedAt: boolean): Fix {
  const outcome = isLookedAt ? GUARDED : 'When another run came first, the update rejects because no row matches.';
  return {
    id: 'conditional-update',
    title: `Let the database compute '${column}', with the check${isLookedAt ? ', and look at the outcome' : ''}`,
    applicability: 'changes-behaviour',
    difference: [outcome, ...(dialect.relativeDifference === undefined ? [] : [dialect.relativeDifference])].join(' '),
    edits,
  };
}

function differences(dialect: Dialect, change: Change, remains: boolean): string[] {
  return [
    ...(dialect.relativeDifference === undefined ? [] : [dialect.relativeDifference]),
    ...(change.mayBeText ? ['What is added has to be a number.'] : []),
    ...(remains ? ['The value computed here is used further and may differ from what is stored.'] : []),
  ];
}

function changeAt({ operation, program }: Site, column: string, change: Change): Change | undefined {
  const { effect } = operation;
  return changeIn(effect.kind === 'database' ? columnSchemaOf(effect, column, program) : undefined, change);
}

// ---------------------------------------------------------------- a row that is saved

/** `row.n += amount; await repository.save(row);`: the change alone is sent. */
function savedRow(site: Site, dialect: Dialect, read: Operation, column: string): Fix[] | undefined {
  const { file, operation: write, call } = site;
  const own = ownStatement(file, write);
  if (write.name !== 'save' || own === undefined) return undefined;
  const argument = call.args[0]?.kind === 'identifier' && call.args.length === 1 ? call.args[0] : undefined;
  const receiver = receiverOf(call);
  // `repository.save(row)`, `row.save(options)`.
  const row = argument ?? (receiver?.kind === 'identifier' ? receiver : undefined);
  if (row === undefined) return [];
  const assigned = assignmentsTo(file, read, write, row.name);
  if (!areOnlyChanges(file, row.name, read, assigned, write)) return [];
  const changes = assigned.flatMap((statement): ColumnChange[] => {
    const name = assignsTo(statement, row.name)?.name ?? '';
    const computed = changeBy(file, statement, name);
    const change = computed === undefined ? undefined : changeAt(site, name, computed);
    // The row's own methods add in SQL, where NULL stays NULL.
    return change === undefined || change.fromNull ? [] : [{ column: name, change }];
  });
  const requirement = requirementOn(file, read, write, column);
  const isChecked = changes.some((change) => isBounded(read, write, change.column));
  if (changes.length !== assigned.length || (isChecked && requirement === undefined)) return [];
  if (requirement !== undefined && changes.length > 1) return [];
  const increment = dialect.incrementRow?.(site, row.name, read, changes, requirement);
  if (increment === undefined) return [];
  const [first, ...others] = increment.calls;
  const before = newlineOf(file) + indentationAt(file, own.start);
  const edits = [
    edit(file, call, first),
    ...assigned.map((statement) => edit(file, linesOf(file, statement), '')),
    ...increment.edits,
  ];
  if (requirement !== undefined) {
    const { isNothing } = increment;
    const outcome = isNothing && afterOutcome(file, write, requirement.guard, isNothing);
    return outcome === undefined ? [] : [conditional(column, [...edits, ...outcome], dialect, true)];
  }
  const after = others.map((text) => `${before}await ${text}${semicolonOf(file)}`).join('');
  const isText = changes.some(({ change }) => change.mayBeText);
  const difference = [
    ...(others.length > 0 ? ['Each column is a statement of its own.'] : []),
    ...(dialect.relativeDifference === undefined ? [] : [dialect.relativeDifference]),
    ...(isText && dialect.relativeDifference === undefined ? ['What is added has to be a number.'] : []),
  ];
  const fix = atomic(column, [...edits, ...(after === '' ? [] : [insert(file, own.end, after)])], difference);
  return [changes.length > 1 ? { ...fix, title: 'Let the database compute the columns' } : fix];
}

/**
 * The save stores nothing else, and nobody looks at the values that the program computed: the row is only read before
 * its changes, and is not mentioned between them and the save, nor after it.
 */
function areOnlyChanges(
  file: SourceFile,
  row: string,
  read: Operation,
  changes: readonly Statement[],
  write: Operation,
): boolean {
  const inOrder = [...changes].sort((a, b) => a.start - b.start);
  const [change] = inOrder;
  if (change === undefined || ownStatement(file, write) === undefined) return false;
  const end = functionAround(file, write.span)?.bodySpan.end ?? file.text.length;
  const gaps = inOrder.map((each, index) => code(file, each.end, inOrder[index + 1]?.start ?? ownStart(file, write)));
  if (gaps.some((gap) => isMentioned(gap, row))) return false;
  if (isMentioned(code(file, write.span.end, end), row)) return false;
  const before = code(file, read.span.end, change.start);
  return [...before.matchAll(mentionOf(row, 'g'))].every(({ index }) => {
    const next = before.slice(index + row.length);
    // `wallet.owner` and no assignment or method of it; `!wallet`, `wallet === null`.
    if (/^\??(\.[\w$]+)+(?![\w$.])/.test(next))
      return !/^\??(\.[\w$]+)+\s*(=(?!=)|[-+*/%|&?]+=|\+\+|--|\(|\[)/.test(next);
    return /^\s*[=!]==?/.test(next) || /(!|\bif\s*\()$/.test(before.slice(0, index));
  });
}

/** Without the words of messages and comments. */
function code(file: SourceFile, start: number, end: number): string {
  return file.text.slice(start, end).replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|'[^'\n]*'|"[^"\n]*"/g, "''");
}

function ownStart(file: SourceFile, write: Operation): number {
  return statementAround(file, write.span)?.statement.start ?? write.span.start;
}

/** Assignments to the row's columns between the read and the write. */
function assignmentsTo(file: SourceFile, read: Operation, write: Operation, name: string): Statement[] {
  const before = enclosingStatements(file, write.span).flatMap(({ siblings, index }) => siblings.slice(0, index));
  return before.filter((statement) => statement.start > read.span.end && assignsTo(statement, name) !== undefined);
}

function assignsTo(statement: Statement, name: string): MemberExpression | undefined {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') return undefined;
  const { target } = statement.expression;
  return target.kind === 'member' && target.object.kind === 'identifier' && target.object.name === name
    ? target
    : undefined;
}

function changeBy(file: SourceFile, statement: Statement, column: string): Change | undefined {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') return undefined;
  const { target, operator, value } = statement.expression;
  if (target.kind !== 'member' || target.name !== column) return undefined;
  if (operator === '++' || operator === '--')
    return { operator: operator === '++' ? '+' : '-', amount: '1', mayBeText: false, fromNull: false };
  if (value === undefined) return undefined;
  if (operator === '+=' && isText(file, value)) return undefined;
  if (operator === '+=' || operator === '-=') {
    return {
      operator: operator === '+=' ? '+' : '-',
      amount: textOf(file, value),
      mayBeText: operator === '+=' && !isNumber(file, value),
      fromNull: false,
    };
  }
  return operator === '=' ? changeOf(file, value, column) : undefined;
}
