/**
 * A statement while it is being built, and everything that can be read off its values without
 * knowing which parser they came from: conjuncts, self-relative assignments, aggregates, locks.
 */
import type {
  SqlAdvisoryLock,
  SqlAssignment,
  SqlColumn,
  SqlCondition,
  SqlExpression,
  SqlIsolation,
  SqlLock,
  SqlOutput,
  SqlParameter,
  SqlRange,
  SqlStatement,
  SqlStatementKind,
  SqlTable,
  SqlValue,
} from './statement.ts';

/** A statement whose lists are still growing. */
export interface SqlDraft {
  kind: SqlStatementKind;
  range: SqlRange;
  tables: SqlTable[];
  columns: string[];
  outputs: SqlOutput[];
  aggregates: string[];
  conditions: SqlCondition[];
  assignments: SqlAssignment[];
  rows: number | 'many' | undefined;
  lock: SqlLock;
  skipLocked: boolean;
  noWait: boolean;
  advisoryLock?: SqlAdvisoryLock;
  returning: string[];
  onConflict?: { columns: string[]; action: 'nothing' | 'update' };
  orderBy: string[];
  limit?: SqlValue;
  isolation?: SqlIsolation;
  immediate?: boolean;
  ctes: SqlStatement[];
  subqueries: SqlStatement[];
  fragments: SqlParameter[];
}

export function draftStatement(kind: SqlStatementKind, range: SqlRange): SqlDraft {
  return {
    kind,
    range,
    tables: [],
    columns: [],
    outputs: [],
    aggregates: [],
    conditions: [],
    assignments: [],
    rows: undefined,
    lock: 'none',
    skipLocked: false,
    noWait: false,
    returning: [],
    orderBy: [],
    ctes: [],
    subqueries: [],
    fragments: [],
  };
}

/** Attaches CTEs: what they write or lock happens when the outer statement runs, and their names are not tables. */
export function attachCtes(draft: SqlDraft, ctes: readonly { name: string; statement: SqlStatement }[]): void {
  const names = new Set(ctes.map((cte) => cte.name.toLowerCase()));
  const isCte = (table: SqlTable) => table.schema === undefined && names.has(table.name.toLowerCase());
  draft.tables = draft.tables.filter((table) => !isCte(table));
  for (const { statement } of ctes) {
    const own = { ...statement, tables: statement.tables.filter((table) => !isCte(table)) };
    draft.ctes.push(own);
    draft.tables.push(...own.tables.filter((table) => table.role !== 'read'));
  }
}

/** Select list or RETURNING list: output names, and for a select its columns, aggregates and advisory lock. */
export function addOutput(
  draft: SqlDraft,
  value: SqlValue,
  alias: string | undefined,
  into: 'columns' | 'returning',
): void {
  const name = alias ?? (value.kind === 'column' ? value.name : value.kind === 'expression' ? value.operator : '');
  const column = value.kind === 'column' ? value.name : name;
  if (column !== '') draft[into].push(column);
  draft.outputs.push({ name, value });
  if (into === 'columns') draft.aggregates.push(...aggregatesIn(value));
  noteAdvisoryLock(draft, value);
}

const aggregateNames = new Set(
  'count max min sum avg exists array_agg string_agg group_concat json_agg jsonb_agg bool_or bool_and total'.split(' '),
);

function aggregatesIn(value: SqlValue): string[] {
  if (value.kind !== 'expression' || value.operator === 'over') return [];
  const own = aggregateNames.has(value.operator) ? [value.operator] : [];
  return [...own, ...value.operands.flatMap(aggregatesIn)];
}

const postgresAdvisory = /^pg_(try_)?advisory_(xact_)?(un)?lock(_shared|_all)?$/;

/** https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS and MySQL's locking functions. */
export function noteAdvisoryLock(draft: SqlDraft, value: SqlValue): void {
  if (value.kind !== 'expression') return;
  const found = postgresAdvisory.exec(value.operator);
  const mysql = value.operator === 'get_lock' || value.operator === 'release_lock';
  if (!found && !mysql) {
    for (const operand of value.operands) noteAdvisoryLock(draft, operand);
    return;
  }
  const [first, second] = value.operands;
  const pair = first && second && !mysql;
  const key = pair ? expression('list', value.operands, { start: first.range.start, end: second.range.end }) : first;
  draft.advisoryLock = {
    transactionScoped: found?.[2] !== undefined,
    shared: found?.[4] === '_shared',
    release: found?.[3] !== undefined || value.operator === 'release_lock',
    ...(key === undefined ? {} : { key }),
  };
  draft.noWait ||= found?.[1] !== undefined;
}

export function expression(operator: string, operands: readonly SqlValue[], range: SqlRange): SqlExpression {
  return { kind: 'expression', operator, operands, range };
}

/** Whether a SET value is computed from the old value of its own column. `excluded.n` and `VALUES(n)` are the new row. */
export function isSelfRelative(value: SqlValue, column: string, targets: readonly SqlTable[]): boolean {
  const own = new Set(targets.flatMap((table) => [table.name.toLowerCase(), table.alias?.toLowerCase() ?? '']));
  const mentions = (part: SqlValue): boolean => {
    if (part.kind === 'column') {
      const ours = part.table === undefined || own.has(part.table.toLowerCase());
      return ours && part.name.toLowerCase() === column.toLowerCase();
    }
    return part.kind === 'expression' && part.operator !== 'values' && part.operands.some(mentions);
  };
  return value.kind === 'expression' && mentions(value);
}

const mirrored: Readonly<Record<string, string>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
};
const comparisons = new Set([
  ...['=', '!=', '<', '>', '<=', '>=', '<=>', '@>', '<@', '@@', '&&', '~', '~*', '!~', '!~*', '?', '?|', '?&'],
  ...['in', 'not in', 'like', 'not like', 'ilike', 'not ilike', 'regexp', 'not regexp'],
  ...['is distinct from', 'is not distinct from'],
]);

/** The top-level conjuncts of a condition. */
export function conditionsOf(value: SqlValue): SqlCondition[] {
  if (value.kind !== 'expression') return [bareCondition(value)];
  const { operator, operands, range } = value;
  const [left, right] = operands;
  if (operator === 'and') return operands.flatMap(conditionsOf);
  if (operator === 'or') return [disjunction(value)];
  if (operator === 'exists' && left) return [{ column: '', operator, value: left, range }];
  if (operator === 'not' && left) return [negation(value, left)];
  if (operator === 'between' || operator === 'not between') {
    const [, low, high] = operands;
    if (left?.kind !== 'column' || !low || !high) return [opaque(value)];
    const bounds = expression('list', [low, high], { start: low.range.start, end: high.range.end });
    return [about(left, operator, bounds, range)];
  }
  const constant = constantTests[operator];
  if (constant !== undefined && left) {
    const literal = { kind: 'literal', value: constant, range } as const;
    return left.kind === 'column' ? [about(left, operator, literal, range)] : [opaque(value)];
  }
  if (!left || !right || !comparisons.has(operator)) return [opaque(value)];
  return comparison(value, left, right);
}

const constantTests: Readonly<Record<string, null | boolean>> = {
  'is null': null,
  'is not null': null,
  'is true': true,
  'is not true': true,
  'is false': false,
  'is not false': false,
};

function comparison(value: SqlExpression, left: SqlValue, right: SqlValue): SqlCondition[] {
  const { operator, range } = value;
  if (isList(left) && isList(right) && operator === '=' && left.operands.length === right.operands.length) {
    return left.operands.flatMap((part, index) => {
      const other = right.operands[index];
      return other ? conditionsOf(expression('=', [part, other], range)) : [];
    });
  }
  if (left.kind === 'column') {
    const quantifier = right.kind === 'expression' ? right.operator : '';
    const inner = right.kind === 'expression' ? right.operands[0] : undefined;
    if (inner && (quantifier === 'any' || quantifier === 'some')) {
      return [about(left, operator === '=' ? 'any' : `${operator} any`, inner, range)];
    }
    if (inner && quantifier === 'all')
      return [about(left, operator === '!=' ? 'all' : `${operator} all`, inner, range)];
    return [about(left, operator, right, range)];
  }
  const flipped = mirrored[operator];
  if (right.kind === 'column' && flipped !== undefined && left.kind !== 'expression')
    return [about(right, flipped, left, range)];
  if (left.kind === 'parameter' && left.name.startsWith('hole:') && right.kind !== 'column') {
    // `${column} = ${value}`: what stands left of a comparison with another value is most likely a column.
    return [{ column: `?${left.name}`, operator, value: right, range }];
  }
  return [opaque(value)];
}

function isList(value: SqlValue): value is SqlExpression {
  return value.kind === 'expression' && value.operator === 'list';
}

function about(column: SqlColumn, operator: string, value: SqlValue, range: SqlRange): SqlCondition {
  return {
    column: column.name,
    ...(column.table === undefined ? {} : { table: column.table }),
    operator,
    value,
    range,
  };
}

function bareCondition(value: SqlValue): SqlCondition {
  if (value.kind !== 'column') return { column: '', operator: 'expression', value, range: value.range };
  return about(value, 'is true', { kind: 'literal', value: true, range: value.range }, value.range);
}

function negation(whole: SqlExpression, inner: SqlValue): SqlCondition {
  if (inner.kind === 'column') {
    return about(inner, 'is false', { kind: 'literal', value: false, range: inner.range }, whole.range);
  }
  const subject = inner.kind === 'expression' ? inner.operands[0] : undefined;
  if (inner.kind === 'expression' && inner.operator === 'exists' && subject) {
    return { column: '', operator: 'not exists', value: subject, range: whole.range };
  }
  return opaque(whole);
}

function disjunction(value: SqlExpression): SqlCondition {
  const leaves = leavesOf(value);
  const columns = leaves.filter((leaf) => leaf.kind === 'column');
  const others = leaves.filter((leaf) => leaf.kind === 'parameter' || leaf.kind === 'subquery');
  const summary = expression('or', [...columns, ...others], value.range);
  return columns[0]
    ? about(columns[0], 'or', summary, value.range)
    : { column: '', operator: 'or', value: summary, range: value.range };
}

function opaque(value: SqlExpression): SqlCondition {
  const column = leavesOf(value).find((leaf) => leaf.kind === 'column');
  if (column?.kind === 'column') return about(column, 'expression', value, value.range);
  return { column: '', operator: 'expression', value, range: value.range };
}

function leavesOf(value: SqlValue): SqlValue[] {
  return value.kind === 'expression' ? value.operands.flatMap(leavesOf) : [value];
}
