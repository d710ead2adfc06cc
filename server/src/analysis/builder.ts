/**
 * Statements under construction: `qb.where(…).andWhere(…)`, `knex('t').update(…)`. Each builder call gives a new
 * value; the statement becomes an operation where it is run: at a terminal member, or where it is awaited.
 */
import type { BuildModel, CallModel, DatabaseModel } from '../models/model.ts';
import type { Location } from '../rule.ts';
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
  isImmediate,
  lockMode,
  relationNames,
  sqlValue,
} from './effect.ts';
import type { Basis, Condition, DatabaseEffect } from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { saysWhatIsDone } from './naming.ts';
import { pendingTable, tableName } from './table-name.ts';
import { type BuiltStatement, computed, UNKNOWN, union, type Value, type Verb } from './value.ts';

/** The statement a value carries; of several the first, with no more conditions than all of them have. */
export function statementOf(value: Value | undefined): BuiltStatement | undefined {
  if (value?.kind === 'builder') return value.statement;
  if (value?.kind !== 'union') return undefined;
  const [first, ...others] = value.alternatives.flatMap((alternative) => statementOf(alternative) ?? []);
  if (first === undefined || others.length === 0) return first;
  const sameWhere = others.every(({ where }) => where !== undefined && where.length === first.where?.length);
  return {
    ...first,
    where: sameWhere ? first.where : undefined,
    limited: others.some(({ limited }) => limited) || first.limited,
  };
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
  const given = builds.data === undefined ? undefined : written(follow(builds.data, view), view);
  const columns = given === undefined ? undefined : dataColumns(given);
  const lock = follow(builds.lock, view);
  const table = builds.table === undefined ? undefined : tableName(builds.table, view);
  const pending = table === undefined && builds.table !== undefined ? pendingTable(builds.table, view) : undefined;
  const key = follow(builds.primaryKey, view);
  const conditions = builds.where === undefined ? [] : addedConditions(builds.where, view, builds.operator);
  const added = key === undefined ? conditions : conditionsOf(undefined, key);
  const executor =
    follow(builds.executor, view) ?? (model.executor === undefined ? undefined : follow(model.executor, view));
  const orderBy = follow(builds.orderBy, view);
  // `patch(changes).findById(id)` says which row is changed: it is no read.
  const isWritten = builds.action === 'read' && previous !== undefined && previous.action !== 'read';
  const action = isWritten ? undefined : builds.action;
  const statement: BuiltStatement = {
    action: action ?? previous?.action ?? 'read',
    table: table ?? previous?.table,
    pendingTable: pending ?? previous?.pendingTable,
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
    immediate: builds.immediate === true || previous?.immediate === true || isImmediate(lock, view.args),
    orderedBy: [...(previous?.orderedBy ?? []), ...atomicColumns(orderBy)],
    returns: isWritten ? previous.returns : (builds.returns ?? previous?.returns),
    conflictHandled: builds.conflictHandled === true || previous?.conflictHandled === true,
    reportsAffected: builds.reportsAffected === true || previous?.reportsAffected === true,
    awaitable: builds.awaitable === true || previous?.awaitable === true,
    executor: executor ?? previous?.executor ?? (view.receiver?.kind === 'builder' ? undefined : view.receiver),
    verb: action === undefined ? previous?.verb : verbOf(interpreter.at(at), name, builds, previous?.verb),
    at: interpreter.at(at),
    span: interpreter.at(span),
    name,
    model: found.id,
    basis: previous === undefined ? found.basis : weaker(found.basis, previous.basis),
    class: builderClass(model, found.id) ?? previous?.class,
    fn: interpreter.frame.fn,
    chain: [],
    loops: previous?.loops ?? interpreter.activation.position.loops,
  };
  return { kind: 'builder', statement };
}

/** Kysely's `set((eb) => ({ n: eb('n', '+', 1) }))` writes what the function makes. */
function written(data: Value | undefined, { interpreter }: CallView): Value | undefined {
  return data?.kind === 'closure' ? (interpreter.inline(data, [EXPRESSIONS], true) ?? data) : data;
}

const EXPRESSIONS: Value = { kind: 'place', root: { kind: 'global', name: 'eb' }, path: [] };

/** The last link that says what is done; where none says anything, the one that begins the statement. */
function verbOf(at: Location, name: string, { starts, action }: BuildModel, known: Verb | undefined): Verb {
  if (known !== undefined) return saysWhatIsDone(name) ? { at, name } : known;
  // `knex('users')`, `User.query()`, `repository.createQueryBuilder('user')`: a read only for want of another word.
  const isNamed = starts !== true || action !== 'read' || /^([$]?related|select|find)/.test(name);
  return { at, name: isNamed ? name : undefined };
}

/** Where the statement is reported when the expression runs it: at its verb, if that stands in the expression. */
export function actingLink(
  { verb }: BuiltStatement,
  { at, span }: { readonly at: Location; readonly span: Location },
): { readonly at: Location; readonly verb?: string | undefined } {
  const isWithin =
    verb !== undefined && verb.at.path === span.path && verb.at.start >= span.start && verb.at.end <= span.end;
  return isWithin ? { at: verb.at, verb: verb.name } : { at };
}

function weaker(a: Basis, b: Basis): Basis {
  if (a === 'shape' || b === 'shape') return 'shape';
  return a === 'module' || b === 'module' ? 'module' : 'type';
}

function builderClass({ instance }: CallModel, id: string): string | undefined {
  if (instance === undefined || instance.includes('#')) return instance;
  return id.includes('#') ? `${id.slice(0, id.indexOf('#'))}#${instance}` : undefined;
}

/** A second member that only the builder has: the look of the first was no accident. */
export function confirmed(value: Value): Value {
  return value.kind === 'builder' && !value.statement.awaitable
    ? { kind: 'builder', statement: { ...value.statement, awaitable: true } }
    : value;
}

/** A raw query: nothing happens until it is awaited. */
export function prepare(
  view: CallView,
  effect: DatabaseEffect,
  found: { id: string; basis: Basis },
  call: { readonly at: Span; readonly expression: Span; readonly name: string },
  executor: Value | undefined,
): Value {
  const { interpreter } = view;
  return {
    kind: 'builder',
    statement: {
      action: effect.action,
      table: effect.table,
      where: effect.where,
      data: undefined,
      relative: effect.relative,
      relations: [],
      limited: effect.limited,
      rowLock: effect.rowLock,
      orderedBy: effect.orderedBy,
      returns: effect.returns,
      conflictHandled: effect.conflictHandled,
      reportsAffected: effect.reportsAffected,
      awaitable: true,
      executor,
      verb: undefined,
      at: interpreter.at(call.at),
      span: interpreter.at(call.expression),
      name: call.name,
      model: found.id,
      basis: found.basis,
      class: undefined,
      fn: interpreter.frame.fn,
      chain: [],
      loops: interpreter.activation.position.loops,
      prepared: effect,
    },
  };
}

/**
 * Members of a query that was recorded where it began (`User.find(…).populate('team').session(session)`) add to what
 * was recorded; undefined when the receiver is no such query.
 */
export function amend(builds: BuildModel, view: CallView): Value | undefined {
  const { receiver } = view;
  if (receiver?.kind !== 'result' || receiver.path.length > 0 || builds.starts === true) return undefined;
  const operation = view.interpreter.activation.operations.find((own) => own === receiver.operation);
  if (operation?.effect.kind !== 'database') return undefined;
  const { effect } = operation;
  const added = builds.where === undefined ? [] : addedConditions(builds.where, view, builds.operator);
  operation.effect = {
    ...effect,
    where: added === undefined || effect.where === undefined ? undefined : [...effect.where, ...added],
    relations: [
      ...effect.relations,
      ...(builds.relations === undefined ? [] : relationNames(follow(builds.relations, view))),
    ],
    limited: effect.limited || builds.limit !== undefined,
    orderedBy: [...effect.orderedBy, ...atomicColumns(follow(builds.orderBy, view))],
  };
  const executor = follow(builds.executor, view);
  if (executor !== undefined) operation.executor = executor;
  return receiver;
}

/** `order.customer` of `leftJoinAndSelect('order.customer', 'c')` is the relation `customer`. */
function lastName(name: string): string {
  return name.includes('.') && !name.startsWith('*') ? name.slice(name.indexOf('.') + 1) : name;
}

/** Conditions a builder call adds; undefined when they cannot be read. */
function addedConditions(path: string, view: CallView, named?: string): readonly Condition[] | undefined {
  if (!path.startsWith('Arguments')) return conditionsOf(follow(path, view), undefined);
  const args = view.args;
  const [first, second, third] = args;
  if (first === undefined) return [];
  if (named !== undefined) {
    if (first.kind !== 'constant' || typeof first.value !== 'string') return undefined;
    return [{ column: unqualified(first.value), operator: named, value: second ?? { kind: 'constant', value: null } }];
  }
  if (first.kind === 'object') {
    return conditionsOf(first, undefined)?.map((condition) => ({
      ...condition,
      column: unqualified(condition.column),
    }));
  }
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
  if (statement.prepared !== undefined) return statement.prepared;
  const action =
    statement.action === 'read' && model !== undefined && model.action !== 'read' ? model.action : statement.action;
  const returns =
    statement.returns ?? (action === 'read' ? (model?.returns ?? 'rows') : (model?.returns ?? 'affected'));
  const data = statement.data === undefined ? undefined : dataColumns(statement.data);
  return {
    kind: 'database',
    action,
    table: statement.table,
    ...(statement.pendingTable === undefined ? {} : { pendingTable: statement.pendingTable }),
    where: statement.where,
    data,
    relative: statement.relative,
    mutations: [],
    returns,
    rowLock: statement.rowLock,
    immediate: statement.immediate === true,
    conflictHandled: statement.conflictHandled,
    reportsAffected: statement.reportsAffected || (action !== 'read' && statement.returns !== 'nothing'),
    relations: statement.relations,
    batchesSameTick: false,
    limited: statement.limited || model?.limit !== undefined,
    orderedBy: statement.orderedBy,
    ...(returns === 'count' ? { aggregate: 'count' as const } : {}),
    args: [],
  };
}

/** Runs the awaitable statements a value carries: what `await`, `.then` and an async `return` do. */
export function settle(interpreter: Interpreter, value: Value): Value {
  switch (value.kind) {
    case 'builder':
      return value.statement.awaitable ? runStatement(interpreter, value.statement) : value;
    case 'array':
      if (!value.elements.some(carriesStatement)) return value;
      return { ...value, elements: value.elements.map((element) => settleElement(interpreter, element)) };
    case 'computed':
      // `Promise.all(ids.map((id) => db('users').where({ id })))`
      if (!GIVES_LIST.test(value.operator) || !value.operands.some(carriesStatement)) return value;
      return computed(
        value.operator,
        value.operands.map((operand) => settleElement(interpreter, operand)),
        value.at,
      );
    case 'union': {
      if (!value.alternatives.some(carriesStatement)) return value;
      // One statement built in steps under conditions is one statement.
      const statement = statementOf(value);
      if (statement?.awaitable === true && value.alternatives.every(({ kind }) => kind === 'builder'))
        return runStatement(interpreter, statement);
      return union(value.alternatives.map((alternative) => settle(interpreter, alternative)));
    }
    default:
      return value;
  }
}

const GIVES_LIST = /^call:(map|flatMap|from|filter|concat|slice|reverse)$/;

function carriesStatement(value: Value): boolean {
  if (value.kind === 'builder') return value.statement.awaitable;
  if (value.kind === 'union') return value.alternatives.some(carriesStatement);
  if (value.kind === 'array') return value.elements.some(carriesStatement);
  return value.kind === 'computed' && GIVES_LIST.test(value.operator) && value.operands.some(carriesStatement);
}

/** A statement of a list was begun in the loop that made the list: it runs as often. */
function settleElement(interpreter: Interpreter, value: Value): Value {
  const loops = value.kind === 'builder' ? value.statement.loops : undefined;
  if (loops === undefined) return settle(interpreter, value);
  const { activation } = interpreter;
  const around = activation.position.loops;
  const missing = loops.filter((loop) => !around.some(({ id }) => id === loop.id));
  return activation.within({ loops: [...around, ...missing] }, () => settle(interpreter, value));
}

function runStatement(interpreter: Interpreter, statement: BuiltStatement): Value {
  const recorded = interpreter.activation.record({
    effect: builtEffect(statement),
    ...actingLink(statement, statement),
    span: statement.span,
    name: statement.name,
    model: statement.model,
    basis: statement.basis,
    fn: statement.fn,
    chain: statement.chain,
    executor: statement.executor,
  });
  return recorded === undefined ? UNKNOWN : { kind: 'result', operation: recorded, path: [] };
}
