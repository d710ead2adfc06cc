/**
 * Statements under construction: `qb.where(…).andWhere(…)`, `knex('t').update(…)`. Each builder call gives a new
 * value; the statement becomes an operation where it is run: at a terminal member, or where it is awaited.
 */
import type { BuildModel, CallModel, DatabaseModel } from '../models/model.ts';
import { parseSql } from '../sql/parse-sql.ts';
import { plainConditions } from '../sql/plain-conditions.ts';
import type { Span } from '../typescript/syntax.ts';
import {
  atomicColumns,
  atomicEntries,
  type CallView,
  conditionsOf,
  dataColumns,
  follow,
  lockMode,
  relationNames,
  sqlValue,
  tableName,
} from './effect.ts';
import type { Basis, Condition, DatabaseEffect } from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { type BuiltStatement, UNKNOWN, union, type Value } from './value.ts';

/** The statement a value carries, of several the first. */
export function statementOf(value: Value | undefined): BuiltStatement | undefined {
  if (value?.kind === 'builder') return value.statement;
  if (value?.kind === 'union') {
    for (const alternative of value.alternatives) {
      const found = statementOf(alternative);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What the builder call adds. */
export function build(
  model: CallModel,
  builds: BuildModel,
  view: CallView,
  found: { id: string; basis: Basis },
  at: Span,
  span: Span,
  name: string,
): Value {
  const { interpreter } = view;
  const previous = builds.starts === true ? undefined : statementOf(view.receiver);
  const given = builds.data === undefined ? undefined : follow(builds.data, view);
  const columns = given === undefined ? undefined : dataColumns(given);
  const lock = follow(builds.lock, view);
  const table = builds.table === undefined ? undefined : tableName(builds.table, view);
  const added = builds.where === undefined ? [] : addedConditions(builds.where, view);
  const executor =
    follow(builds.executor, view) ?? (model.executor === undefined ? undefined : follow(model.executor, view));
  const orderBy = follow(builds.orderBy, view);
  const statement: BuiltStatement = {
    action: builds.action ?? previous?.action ?? 'read',
    table: table ?? previous?.table,
    where:
      previous?.where === undefined && previous !== undefined
        ? undefined
        : added === undefined
          ? undefined
          : [...(previous?.where ?? []), ...added],
    data: given ?? previous?.data,
    relative: [
      ...(previous?.relative ?? []),
      ...atomicColumns(follow(builds.atomic, view)),
      ...(columns === undefined ? [] : atomicEntries(columns)),
    ],
    relations: [
      ...(previous?.relations ?? []),
      ...(builds.relations === undefined ? [] : relationNames(follow(builds.relations, view)).map(lastName)),
    ],
    limited: builds.limit !== undefined || previous?.limited === true,
    rowLock: lock === undefined ? (previous?.rowLock ?? 'none') : lockMode(lock),
    orderedBy: [...(previous?.orderedBy ?? []), ...atomicColumns(orderBy)],
    returns: builds.returns ?? previous?.returns,
    conflictHandled: builds.conflictHandled === true || previous?.conflictHandled === true,
    reportsAffected: builds.reportsAffected === true || previous?.reportsAffected === true,
    awaitable: builds.awaitable === true || previous?.awaitable === true,
    executor: executor ?? previous?.executor ?? (view.receiver?.kind === 'builder' ? undefined : view.receiver),
    at: interpreter.at(at),
    span: interpreter.at(span),
    name,
    model: found.id,
    basis: found.basis,
  };
  return { kind: 'builder', statement };
}

/** `order.customer` of `leftJoinAndSelect('order.customer', 'c')` is the relation `customer`. */
function lastName(name: string): string {
  return name.includes('.') && !name.startsWith('*') ? name.slice(name.indexOf('.') + 1) : name;
}

/** Conditions a builder call adds; undefined when they cannot be read. */
function addedConditions(path: string, view: CallView): readonly Condition[] | undefined {
  if (!path.startsWith('Arguments')) return conditionsOf(follow(path, view), undefined);
  const args = view.args;
  const [first, second, third] = args;
  if (first === undefined) return [];
  if (first.kind === 'object') return conditionsOf(first, undefined);
  if (first.kind === 'constant' && typeof first.value === 'string') {
    if (/[\s=<>()]/.test(first.value)) return sqlConditions(first.value, second);
    if (third !== undefined) {
      const operator = second?.kind === 'constant' ? String(second.value).toLowerCase() : '?';
      return [{ column: unqualified(first.value), operator, value: third }];
    }
    if (second !== undefined) return [{ column: unqualified(first.value), operator: '=', value: second }];
    return undefined;
  }
  if (first.kind === 'array') return undefined;
  return undefined;
}

function unqualified(column: string): string {
  return column.slice(column.lastIndexOf('.') + 1);
}

/** `'user.id = :id'` with `{ id }`. */
function sqlConditions(text: string, parameters: Value | undefined): readonly Condition[] | undefined {
  const conditions = plainConditions(text) ?? parseSql(`SELECT 1 FROM t WHERE ${text}`)?.[0]?.conditions;
  return conditions?.map((condition) => ({
    column: condition.column,
    operator: condition.operator,
    value: sqlValue(condition.value, { text, holes: [] }, parameters),
  }));
}

/** The statement as it runs at a terminal member; what the member says is added to what was built. */
export function builtEffect(statement: BuiltStatement, model?: DatabaseModel): DatabaseEffect {
  const action =
    statement.action === 'read' && model !== undefined && model.action !== 'read' ? model.action : statement.action;
  const returns =
    statement.returns ?? (action === 'read' ? (model?.returns ?? 'rows') : (model?.returns ?? 'affected'));
  const data = statement.data === undefined ? undefined : dataColumns(statement.data);
  return {
    kind: 'database',
    action,
    table: statement.table,
    where: statement.where,
    data,
    relative: statement.relative,
    mutations: [],
    returns,
    rowLock: statement.rowLock,
    conflictHandled: statement.conflictHandled,
    reportsAffected: statement.reportsAffected || action !== 'read',
    relations: statement.relations,
    batchesSameTick: false,
    limited: statement.limited || model?.limit !== undefined,
    orderedBy: statement.orderedBy,
    ...(returns === 'count' ? { aggregate: 'count' as const } : {}),
    args: [],
  };
}

/** Runs the awaitable statements a value carries: what `await` and an async `return` do. */
export function settle(interpreter: Interpreter, value: Value): Value {
  if (value.kind === 'builder' && value.statement.awaitable) return runStatement(interpreter, value.statement);
  if (value.kind === 'array' && value.elements.some((element) => element.kind === 'builder')) {
    return { ...value, elements: value.elements.map((element) => settle(interpreter, element)) };
  }
  if (value.kind === 'union' && value.alternatives.some((alternative) => alternative.kind === 'builder')) {
    return union(value.alternatives.map((alternative) => settle(interpreter, alternative)));
  }
  return value;
}

function runStatement(interpreter: Interpreter, statement: BuiltStatement): Value {
  const recorded = interpreter.activation.record({
    effect: builtEffect(statement),
    at: statement.at,
    span: statement.span,
    name: statement.name,
    model: statement.model,
    basis: statement.basis,
    fn: interpreter.frame.fn,
    executor: statement.executor,
  });
  return recorded === undefined ? UNKNOWN : { kind: 'result', operation: recorded, path: [] };
}
