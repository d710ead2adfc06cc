/**
 * From a model's entry and a call's values to the effect the call has. Paths that a call does not fill (a missing
 * argument, a receiver that is not an object) give `undefined`, and the effect says so by leaving the part out.
 */

import type { DatabaseModel, EffectModel, FileModel, RequestModel, SqlModel } from '../models/model.ts';
import { type PathStep, parsePath } from '../models/path.ts';
import type { Location } from '../rule.ts';
import { parseSql } from '../sql/parse-sql.ts';
import type { SqlCondition, SqlStatement, SqlValue } from '../sql/statement.ts';
import { sqlWithHoles } from '../sql/template-holes.ts';
import type { Expression } from '../typescript/syntax.ts';
import { builtEffect, statementOf } from './builder.ts';
import type { Condition, DatabaseEffect, Effect, IdempotencyKey, Mutation, RequestEffect, SqlSource } from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { isOtherList } from './list-change.ts';
import { asPendingTable, constantText, entityName, tableName } from './table-name.ts';
import {
  type ComputedValue,
  computed,
  hasPart,
  memberOf,
  sameValue,
  sourcesOf,
  UNDEFINED,
  UNKNOWN,
  union,
  type Value,
  walkValue,
} from './value.ts';

/** A call as models see it. */
export interface CallView {
  readonly interpreter: Interpreter;
  readonly receiver: Value | undefined;
  readonly callee: Value | undefined;
  readonly args: readonly Value[];
  readonly argExpressions: readonly Expression[];
  /** Names along the receiver, `['this', 'prisma', 'user']`. */
  readonly receiverNames: readonly string[];
  readonly entity: string | undefined;
  readonly typeArguments: readonly string[];
}

/** The value a path leads to. */
export function follow(path: string | undefined, call: CallView, parameters?: readonly Value[]): Value | undefined {
  if (path === undefined) return undefined;
  const steps = parsePath(path);
  return steps === undefined ? undefined : followSteps(steps, call, parameters);
}

export function followSteps(
  steps: readonly PathStep[],
  call: CallView,
  parameters?: readonly Value[],
): Value | undefined {
  let value: Value | undefined = call.receiver;
  for (const step of steps) {
    switch (step.kind) {
      case 'this':
        value = call.receiver;
        break;
      case 'callee':
        value = call.callee;
        break;
      case 'argument':
        value = step.index < 0 ? call.args[call.args.length + step.index] : call.args[step.index];
        break;
      case 'rest':
        value = { kind: 'array', elements: call.args.slice(step.from), open: false };
        break;
      case 'parameter':
        value = parameters?.[step.index];
        break;
      case 'constant':
        value = { kind: 'constant', value: step.value };
        break;
      case 'member':
        value = value === undefined ? undefined : memberOf(value, step.name);
        if (value?.kind === 'constant' && value.value === undefined) value = undefined;
        break;
      case 'element':
        value = value === undefined ? undefined : call.interpreter.indexed(value, UNKNOWN);
        break;
      case 'awaited':
        break;
      case 'owner':
        value = value === undefined ? undefined : ownerOf(value);
        break;
      default:
        return UNKNOWN;
    }
  }
  return value;
}

/** `prisma` of `prisma.user`. */
function ownerOf(value: Value): Value {
  if ((value.kind === 'place' || value.kind === 'result' || value.kind === 'element') && value.path.length > 0) {
    return { ...value, path: value.path.slice(0, -1) };
  }
  if (value.kind === 'computed' && value.operator.startsWith('member:')) return value.operands[0] ?? UNKNOWN;
  if (value.kind === 'union') return union(value.alternatives.map(ownerOf));
  return value;
}

/** What the entry says the call does; undefined when the call lacks what makes it that effect. */
export function effectOf(model: EffectModel, call: CallView): Effect | readonly Effect[] | undefined {
  const at = (path: string | undefined): Value | undefined => follow(path, call);
  switch (model.kind) {
    case 'sql':
      return sqlEffects(model, call);
    case 'database':
      return databaseEffect(model, call);
    case 'cache': {
      const absent = model.absentFlag !== undefined && containsWord(at(model.absentFlag), 'nx', call);
      const field = at(model.field);
      const value = storedValue(model.value, call);
      const ttl = at(model.ttl);
      return {
        kind: 'cache',
        action: absent ? 'set-if-absent' : model.action,
        key: at(model.key) ?? UNKNOWN,
        inProcess: model.inProcess === true,
        ...(field === undefined ? {} : { field }),
        ...(value === undefined ? {} : { value }),
        ...(ttl === undefined ? {} : { ttl }),
      };
    }
    case 'request': {
      return requestEffect(model, call);
    }
    case 'publish': {
      const topic = at(model.topic);
      const payload = at(model.payload);
      return {
        kind: 'publish',
        medium: model.medium,
        ...(topic === undefined ? {} : { topic }),
        ...(payload === undefined ? {} : { payload }),
      };
    }
    case 'file': {
      const to = at(model.to);
      return {
        kind: 'file',
        action: model.action,
        path: at(model.path) ?? UNKNOWN,
        flags: fileFlags(model, call),
        sync: model.sync === true,
        ...(to === undefined ? {} : { to }),
      };
    }
    case 'listener': {
      const options = at(model.options);
      const signal = options?.kind === 'object' ? options.properties.get('signal') : undefined;
      const capture =
        options?.kind === 'object'
          ? options.properties.get('capture')
          : options?.kind === 'constant'
            ? options
            : undefined;
      const optionOnce = options?.kind === 'object' ? options.properties.get('once') : undefined;
      return {
        kind: 'listener',
        action: model.action,
        target: call.receiver ?? UNKNOWN,
        event: at(model.event) ?? UNKNOWN,
        handler: at(model.handler) ?? UNKNOWN,
        once:
          model.once === true ||
          (optionOnce !== undefined && !(optionOnce.kind === 'constant' && optionOnce.value === false)),
        ...(signal === undefined ? {} : { signal }),
        ...(capture === undefined ? {} : { capture }),
      };
    }
    case 'timer': {
      const delay = at(model.delay);
      const handle = at(model.handle);
      return {
        kind: 'timer',
        action: model.action,
        repeating: model.repeating === true,
        handler: at(model.handler) ?? UNKNOWN,
        ...(delay === undefined ? {} : { delay }),
        ...(handle === undefined ? {} : { handle }),
      };
    }
    case 'lock':
      return {
        kind: 'lock',
        action: model.action,
        key: at(model.key) ?? UNKNOWN,
        reentrant: model.reentrant === true,
        distributed: model.distributed === true,
      };
    case 'transaction': {
      const isolation = isolationName(at(model.isolation));
      return { kind: 'transaction', action: model.action, ...(isolation === undefined ? {} : { isolation }) };
    }
    case 'wait': {
      const duration = at(model.duration);
      return { kind: 'wait', for: model.for, ...(duration === undefined ? {} : { duration }) };
    }
    case 'memory': {
      const target = stored(at(model.target));
      if (target === undefined || (target.kind !== 'place' && target.kind !== 'result' && target.kind !== 'element'))
        return undefined;
      const key = at(model.key);
      const value = at(model.value);
      return {
        kind: 'memory',
        action: model.action,
        target,
        ...(key === undefined ? {} : { key }),
        ...(value === undefined ? {} : { value }),
      };
    }
    case 'resource':
      return { kind: 'resource', action: model.action, resource: model.resource, handle: at(model.in) ?? UNKNOWN };
  }
}

function requestEffect(model: RequestModel, call: CallView): RequestEffect {
  const url = follow(model.url, call);
  const options = follow(model.options, call);
  const command = model.command === undefined ? undefined : follow(model.command, call);
  const payload = follow(model.payload, call) ?? bodyIn(options);
  const method = model.method ?? methodIn(model, options);
  const idempotencyKey = model.idempotencyKey === undefined ? undefined : idempotencyKeyOf(model.idempotencyKey, call);
  return {
    kind: 'request',
    local: url !== undefined && isLocalUrl(url),
    limitsItself: model.limitsItself === true,
    retriesItself: model.retriesItself === true,
    costly: model.costly === true,
    ...(url === undefined ? {} : { url }),
    ...(method === undefined ? {} : { method }),
    ...(payload === undefined ? {} : { payload }),
    ...(command === undefined ? {} : { command: entityName(command) ?? '' }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(model.service === undefined ? {} : { service: model.service }),
  };
}

/** `{ method: 'POST' }`; options that are known and have none are those of a GET. */
function methodIn(model: RequestModel, options: Value | undefined): string | undefined {
  if (model.options === undefined) return undefined;
  if (options === undefined) return 'GET';
  const method = options.kind === 'object' ? memberOf(options, 'method') : undefined;
  if (method?.kind !== 'constant') return undefined;
  if (typeof method.value === 'string') return method.value.toUpperCase();
  return method.value === undefined ? 'GET' : undefined;
}

function bodyIn(options: Value | undefined): Value | undefined {
  if (options?.kind !== 'object') return undefined;
  return ['body', 'data', 'json', 'form']
    .map((name) => options.properties.get(name))
    .find((body) => body !== undefined);
}

function idempotencyKeyOf(path: string, call: CallView): IdempotencyKey | undefined {
  const steps = parsePath(path) ?? [];
  const [first] = steps;
  const last = steps.at(-1);
  if (first?.kind !== 'argument' || last?.kind !== 'member') return undefined;
  const state = keyState(followSteps(steps.slice(0, -1), call), last.name);
  return { state, argument: first.index, option: last.name };
}

/** `new RunTaskCommand({ clientToken })`: the input of a command object is what it was made of. */
function keyState(given: Value | undefined, option: string): IdempotencyKey['state'] {
  const holder = given?.kind === 'computed' && given.operator.startsWith('new:') ? given.operands[0] : given;
  if (holder === undefined || (holder.kind === 'constant' && holder.value === undefined)) return 'missing';
  if (holder.kind !== 'object') return 'unknown';
  if (holder.others.length > 0 && !holder.properties.has(option)) return 'unknown';
  const key = memberOf(holder, option);
  return key.kind === 'constant' && (key.value === undefined || key.value === null) ? 'missing' : 'given';
}

/** `row.tags ?? []`: what is stored, where that is one of two. */
function stored(target: Value | undefined): Value | undefined {
  if (target?.kind !== 'union') return target;
  return target.alternatives.find(({ kind }) => kind === 'result' || kind === 'element') ?? target;
}

function containsWord(value: Value | undefined, word: string, call: CallView): boolean {
  if (value === undefined) return false;
  if (value.kind === 'object') {
    const direct = value.properties.get('NX') ?? value.properties.get('nx');
    if (direct !== undefined && !(direct.kind === 'constant' && direct.value !== true)) return true;
  }
  const isWord = (part: Value): boolean =>
    part.kind === 'constant' && typeof part.value === 'string' && part.value.toLowerCase() === word;
  return call.args.length > 0 && hasPart(value, isWord);
}

function isLocalUrl(url: Value): boolean {
  let text: string | undefined;
  walkValue(url, (part) => {
    if (text === undefined && part.kind === 'constant' && typeof part.value === 'string') text = part.value;
  });
  if (text === undefined) return false;
  return (
    /^(https?:\/\/)?(localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)([:/]|$)/i.test(text) ||
    /^(\/(?!\/)|data:|blob:|file:)/.test(text)
  );
}

function fileFlags(model: FileModel, call: CallView): string[] {
  const options = follow(model.options, call);
  if (options === undefined) return [];
  const flags: string[] = [];
  const add = (value: Value): void => {
    walkValue(value, (part) => {
      if (part.kind === 'constant' && typeof part.value === 'string') flags.push(part.value);
      if (part.kind === 'place') flags.push(...part.path);
    });
  };
  if (options.kind === 'object') {
    for (const [name, value] of options.properties) {
      if (name === 'flag' || name === 'flags') add(value);
      else if (!(value.kind === 'constant' && (value.value === false || value.value === undefined))) flags.push(name);
    }
  } else add(options);
  return flags;
}

export function isolationName(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  let name: string | undefined;
  walkValue(value, (part) => {
    if (name !== undefined) return;
    if (part.kind === 'constant' && typeof part.value === 'string') name = part.value;
    else if (part.kind === 'place' && part.path.length > 0) name = part.path.at(-1);
  });
  const plain = name
    ?.toLowerCase()
    .replaceAll(/[_-]/g, ' ')
    .replace(/^isolation level /, '');
  return plain === undefined ? undefined : plain === 'repeatableread' ? 'repeatable read' : plain;
}

// ---------------------------------------------------------------- databases by API

function databaseEffect(model: DatabaseModel, call: CallView): DatabaseEffect {
  if (model.built === true) {
    const statement = statementOf(call.receiver);
    if (statement !== undefined) {
      const effect = builtEffect(statement, model);
      return effect.table === undefined ? { ...effect, table: tableName(model.table, call) } : effect;
    }
  }
  const data = follow(model.data, call);
  const where = conditionsOf(follow(model.where, call), follow(model.primaryKey, call));
  const relations = relationNames(follow(model.relations, call));
  const lock = follow(model.lock, call);
  const atomic = follow(model.atomic, call);
  const entity = model.action === 'save' || model.action === 'upsert' ? data : undefined;
  const columns = dataColumns(data);
  const relative = [...atomicColumns(atomic), ...(columns === undefined ? [] : atomicEntries(columns))];
  const limit = follow(model.limit, call);
  return {
    kind: 'database',
    action: model.action,
    table: tableName(model.table, call),
    where,
    data: columns,
    relative,
    mutations: entity === undefined ? [] : mutationsOf(entity, call.interpreter),
    returns: model.returns,
    rowLock: lock === undefined || isLeftOpen(lock) ? 'none' : lockMode(lock),
    immediate: isImmediate(lock, call.args),
    ...(lock !== undefined && isLeftOpen(lock) ? { pendingLock: lock } : {}),
    conflictHandled: model.action === 'upsert' || model.conflictHandled === true,
    reportsAffected: model.returns === 'affected' || model.affected !== undefined,
    relations,
    batchesSameTick: model.batchesSameTick === true,
    limited: limit !== undefined,
    orderedBy: [],
    ...(model.returns === 'count' ? { aggregate: 'count' as const } : {}),
    ...(entity === undefined ? {} : { entity }),
    args: call.args,
  };
}

/** `{ a: x, b: y }` as conditions; a bare value is the primary key. Undefined when they cannot be read. */
export function conditionsOf(
  where: Value | undefined,
  primaryKey: Value | undefined,
): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  if (primaryKey !== undefined) conditions.push({ column: '', operator: '=', value: primaryKey });
  if (where === undefined) return primaryKey === undefined ? [] : conditions;
  if (where.kind === 'array') {
    const only = where.elements.length === 1 ? where.elements[0] : undefined;
    return only === undefined ? undefined : conditionsOf(only, primaryKey);
  }
  if (where.kind === 'object') {
    for (const [column, value] of where.properties) {
      if (value.kind === 'object' && value.properties.size > 0) {
        for (const [operator, operand] of value.properties) conditions.push({ column, operator, value: operand });
      } else if (value.kind === 'computed' && /^call:[A-Z]/.test(value.operator)) {
        // `In(ids)`; any other call gives the value to compare with.
        conditions.push({
          column,
          operator: value.operator.slice(5).toLowerCase(),
          value: value.operands.at(-1) ?? UNKNOWN,
        });
        // `{ id: [a, b] }` is one of them.
      } else conditions.push({ column, operator: value.kind === 'array' ? 'in' : '=', value });
    }
    return where.others.length > 0 && conditions.length === 0 ? undefined : conditions;
  }
  if (where.kind === 'computed') return comparisons(where);
  if (where.kind === 'constant' || where.kind === 'place' || where.kind === 'element' || where.kind === 'result') {
    return [...conditions, { column: '', operator: '=', value: where }];
  }
  return undefined;
}

/** Comparisons that are calls of a column: `and(eq(users.id, id), gt(users.credits, 0))`. */
const COMPARISONS: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  inArray: 'in',
  notInArray: 'not in',
  like: 'like',
  ilike: 'ilike',
  between: 'between',
  isNull: 'is null',
  isNotNull: 'is not null',
};

function comparisons({ operator, operands }: ComputedValue): readonly Condition[] | undefined {
  const name = operator.startsWith('call:') ? operator.slice('call:'.length) : '';
  if (name === 'and') {
    const parts = operands
      .filter((part) => !(part.kind === 'constant' && part.value === undefined))
      .map((part) => (part.kind === 'computed' ? comparisons(part) : undefined));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  const comparison = COMPARISONS[name];
  const [column, value] = operands;
  if (comparison === undefined || column?.kind !== 'place' || column.path.length === 0) return undefined;
  return [
    { column: column.path.at(-1) ?? '', operator: comparison, value: value ?? { kind: 'constant', value: null } },
  ];
}

export function dataColumns(data: Value | undefined): ReadonlyMap<string, Value> | undefined {
  if (data === undefined) return undefined;
  if (data.kind === 'object') return plainColumns(data.properties);
  if (data.kind === 'array' && data.elements.length > 0) return dataColumns(data.elements[0]);
  if (data.kind === 'union') return eitherColumns(data.alternatives);
  return undefined;
}

/** An object that got another column on one of the ways: what may be written. */
function eitherColumns(alternatives: readonly Value[]): ReadonlyMap<string, Value> | undefined {
  const found = new Map<string, Value>();
  for (const alternative of alternatives) {
    const columns = dataColumns(alternative);
    if (columns === undefined) return undefined;
    for (const [column, value] of columns) {
      const known = found.get(column);
      found.set(column, known === undefined || sameValue(known, value) ? value : union([known, value]));
    }
  }
  return found;
}

/** MongoDB's `{ $set: { n } }` gives the same as `{ n }`. */
function plainColumns(properties: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const set = properties.get('$set');
  if (set?.kind !== 'object') return properties;
  return new Map([...[...properties].filter(([name]) => name !== '$set'), ...set.properties]);
}

/** Columns named by an atomic operator's argument: `'views'` or `{ views: 1 }`. */
export function atomicColumns(value: Value | undefined): string[] {
  if (value === undefined) return [];
  if (value.kind === 'constant') return typeof value.value === 'string' ? [value.value] : [];
  if (value.kind === 'object') return [...value.properties.keys()];
  if (value.kind === 'array') return value.elements.flatMap(atomicColumns);
  return [];
}

/** `{ n: { increment: 1 } }`, `n: raw('n + 1')`, `n: () => 'n + 1'`, `n: eb('n', '+', 1)`. */
export function atomicEntries(columns: ReadonlyMap<string, Value>): string[] {
  const found: string[] = [];
  for (const [column, value] of columns) {
    if (value.kind === 'closure') found.push(column);
    if (
      value.kind === 'object' &&
      ['increment', 'decrement', 'multiply', 'divide', 'push'].some((name) => value.properties.has(name))
    ) {
      found.push(column);
    }
    if (value.kind === 'computed' && /^(call:(raw|literal|sql|fn)|template)/.test(value.operator)) found.push(column);
    if (isOwnArithmetic(column, value)) found.push(column);
    if (column.startsWith('$')) found.push(column, ...(value.kind === 'object' ? value.properties.keys() : []));
  }
  return found;
}

function isOwnArithmetic(column: string, value: Value): boolean {
  if (value.kind !== 'computed' || !value.operator.startsWith('call:')) return false;
  const [operand, operator] = value.operands.filter(({ kind }) => kind === 'constant');
  const isOwn = operand?.kind === 'constant' && `.${operand.value}`.endsWith(`.${column}`);
  return isOwn && operator?.kind === 'constant' && /^([-+*/]|[|]{2})$/.test(String(operator.value));
}

export function relationNames(value: Value | undefined, prefix = ''): string[] {
  if (value === undefined) return [];
  if (value.kind === 'constant') return typeof value.value === 'string' ? [prefix + value.value] : [];
  if (value.kind === 'array') return value.elements.flatMap((part) => relationNames(part, prefix));
  if (value.kind === 'union') return value.alternatives.flatMap((part) => relationNames(part, prefix));
  if (value.kind === 'object') {
    const names = [...value.properties].flatMap(([name, part]) => [
      prefix + name,
      ...(part.kind === 'object' ? relationNames(part, `${prefix}${name}.`) : []),
    ]);
    return value.others.length > 0 ? [...names, '*'] : names;
  }
  // Given from outside: anything may be loaded.
  return ['*'];
}

/** `{ ...options }`: whether it locks is for the caller to say. */
function isLeftOpen(lock: Value): boolean {
  const parts = lock.kind === 'union' ? lock.alternatives : [lock];
  return parts.every(
    (part) =>
      (part.kind === 'constant' && !part.value) ||
      (part.kind === 'place' && part.root.kind === 'parameter' && !part.path.includes('LOCK')),
  );
}

/** What a lock that the callee left open is at a call. */
export function lockAt(lock: Value): 'none' | 'update' | 'share' {
  return isLeftOpen(lock) ? 'none' : lockMode(lock);
}

export function lockMode(value: Value): 'none' | 'update' | 'share' {
  const name = isolationName(value.kind === 'object' ? (value.properties.get('mode') ?? value) : value);
  if (value.kind === 'constant' && value.value === true) return 'update';
  if (name === undefined) return 'update';
  if (/read|share/.test(name)) return 'share';
  return /optimistic|none/.test(name) ? 'none' : 'update';
}

/** NOWAIT or SKIP LOCKED: in the mode's name (`PESSIMISTIC_WRITE_OR_FAIL`), or by an option in it or beside it. */
export function isImmediate(lock: Value | undefined, args: readonly Value[]): boolean {
  if (lock === undefined) return false;
  const mode = lock.kind === 'object' ? lock.properties.get('mode') : lock;
  if (/partial|or fail|nowait/.test(isolationName(mode) ?? '')) return true;
  return [lock, ...args].some(
    (options) =>
      options.kind === 'object' &&
      ['onLocked', 'skipLocked', 'noWait'].some((name) => {
        const chosen = options.properties.get(name);
        return chosen !== undefined && !(chosen.kind === 'constant' && !chosen.value);
      }),
  );
}

/** What was assigned to the entity since the query that gave it. */
export function mutationsOf(entity: Value, interpreter: Interpreter): Mutation[] {
  const origins = sourcesOf(entity.kind === 'element' ? entity.of : entity);
  const found: Mutation[] = [];
  for (const operation of interpreter.activation.operations) {
    const { effect } = operation;
    if (effect.kind !== 'memory' || effect.value === undefined) continue;
    const { target } = effect;
    if (target.kind !== 'result' && target.kind !== 'element') continue;
    const isAssigned = effect.action === 'add' && effect.key === undefined;
    if (effect.action !== 'write' && !isAssigned) continue;
    const roots = sourcesOf(target);
    if (![...roots].some((root) => origins.has(root))) continue;
    if (!isAssigned) found.push({ path: target.path, value: effect.value, at: operation.at });
    // `Object.assign(user, { name })`, `em.assign(user, { name })`
    else
      for (const [name, value] of assigned(effect.value))
        found.push({ path: [...target.path, name], value, at: operation.at });
  }
  return found;
}

function assigned(value: Value): readonly (readonly [string, Value])[] {
  if (value.kind === 'object') return [...value.properties];
  return value.kind === 'array' ? value.elements.flatMap(assigned) : [];
}

/** The argument that a path leads to, as it is written. */
function expressionAt(path: string | undefined, call: CallView): Expression | undefined {
  const [step, ...rest] = path === undefined ? [] : (parsePath(path) ?? []);
  if (rest.length > 0) return undefined;
  if (step?.kind === 'argument') return call.argExpressions[step.index];
  return step?.kind === 'rest' ? call.argExpressions[step.from] : undefined;
}

/** `known.filter(…)` put back is another list than the one that was found. */
function storedValue(path: string | undefined, call: CallView): Value | undefined {
  const value = follow(path, call);
  const expression = expressionAt(path, call);
  if (value === undefined || expression === undefined) return value;
  const list = value.kind === 'array' ? value.elements[0] : value;
  const isSame = list?.kind === 'result' || list?.kind === 'union';
  return isSame && isOtherList(expression, call.interpreter.file) ? computed('call:filter', [value]) : value;
}

// ---------------------------------------------------------------- databases by SQL text

function sqlEffects(model: SqlModel, call: CallView): Effect | readonly Effect[] | undefined {
  const expression = expressionAt(model.text, call);
  const source = sqlText(expression, follow(model.text, call), call);
  if (source === undefined) return undefined;
  const statements = parseSql(source.text, model.dialect);
  if (statements === undefined) return undefined;
  const given = follow(model.parameters, call);
  const effects = statements.map((statement) => {
    if (statement.kind !== 'set-transaction') return sqlEffect(statement, source, given, call);
    isolate(call, statement.isolation, model.dialect === 'mysql');
    return undefined;
  });
  const known = effects.filter((effect) => effect !== undefined);
  return known.length === 0 ? undefined : known.length === 1 ? known[0] : known;
}

export interface SqlText {
  readonly text: string;
  readonly literal?: Location;
  readonly holes: readonly Value[];
}

/** Before a hole that is the name of a table. */
const NAMES_TABLE = /\b(from|join|into|update|table)\s+["`]?$/i;

/** The text of a query: a literal, a template with holes, or a constant that holds either. */
function sqlText(expression: Expression | undefined, value: Value | undefined, call: CallView): SqlText | undefined {
  if (expression?.kind === 'literal' && typeof expression.value === 'string') {
    return { text: expression.value, literal: call.interpreter.at(expression), holes: [] };
  }
  const literal = expression?.kind === 'template' ? { literal: call.interpreter.at(expression) } : {};
  if (value?.kind === 'constant' && typeof value.value === 'string')
    return { text: value.value, holes: [], ...literal };
  if (value?.kind === 'computed' && value.operator === 'template') {
    const parts: string[] = [];
    const holes: Value[] = [];
    let joins = false;
    value.operands.forEach((operand, index) => {
      const table = index % 2 === 1 && NAMES_TABLE.test(parts.at(-1) ?? '') ? constantText(operand, call) : undefined;
      if (index % 2 === 1 && table === undefined) {
        holes.push(operand);
        return;
      }
      const text = table ?? (operand.kind === 'constant' ? String(operand.value) : '');
      // `FROM ${TABLE} WHERE …` is one part: a constant leaves no hole.
      if (table === undefined && !joins) parts.push(text);
      else parts.push(`${parts.pop() ?? ''}${text}`);
      joins = table !== undefined;
    });
    return { text: sqlWithHoles(parts).text, holes, ...literal };
  }
  // A tag that makes a fragment: Prisma.sql`…`, sql`…`.
  if (value?.kind === 'computed' && /^call:(sql|raw|unsafe)$/.test(value.operator))
    return sqlText(undefined, value.operands.at(-1), call);
  // `parent ? sql\`… = ${parent}\` : sql\`… IS NULL\``: forms of one statement.
  if (value?.kind === 'union') {
    const texts = value.alternatives.map((part) => sqlText(undefined, part, call));
    return texts.includes(undefined) ? undefined : texts[0];
  }
  // `{ text: 'SELECT …', values: […] }`
  if (value?.kind === 'object') {
    const text = value.properties.get('text') ?? value.properties.get('sql');
    return text === undefined ? undefined : sqlText(undefined, text, call);
  }
  // `const find = db.prepare('SELECT …')` of a module or class.
  const constant = value?.kind === 'place' ? constantText(value, call) : undefined;
  return constant === undefined ? undefined : { text: constant, holes: [] };
}

function sqlEffect(
  statement: SqlStatement,
  source: SqlText,
  given: Value | undefined,
  call: CallView,
): Effect | undefined {
  const parameters = new Map<string, Value>();
  const valueIn = (value: SqlValue): Value => {
    const made = sqlValue(value, source, given);
    if (value.kind === 'parameter') parameters.set(value.name, made);
    return made;
  };
  if (statement.kind === 'begin') {
    return {
      kind: 'transaction',
      action: 'begin',
      ...(statement.isolation === undefined ? {} : { isolation: statement.isolation }),
    };
  }
  if (statement.kind === 'commit') return { kind: 'transaction', action: 'commit' };
  if (statement.kind === 'rollback') return { kind: 'transaction', action: 'rollback' };
  if (statement.advisoryLock !== undefined) {
    const key = statement.advisoryLock.key;
    return {
      kind: 'lock',
      action: statement.advisoryLock.release ? 'release' : 'acquire',
      key: key === undefined ? UNKNOWN : valueIn(key),
      reentrant: true,
      distributed: true,
      advisory: statement.advisoryLock.transactionScoped ? 'transaction' : 'session',
    };
  }
  const actions: Partial<Record<SqlStatement['kind'], DatabaseEffect['action']>> = {
    select: 'read',
    insert: 'insert',
    update: 'update',
    delete: 'delete',
    upsert: 'upsert',
    lock: 'lock',
  };
  const action = actions[statement.kind];
  if (action === undefined) return undefined;
  const written = writeAsked(statement);
  if (written !== undefined) return sqlEffect(written, source, given, call);
  const role = action === 'read' ? 'read' : action === 'lock' ? 'lock' : 'write';
  const subject = existenceAsked(statement) ?? statement;
  const named = (subject.tables.find((candidate) => candidate.role === role) ?? subject.tables[0])?.name;
  // `FROM $1:name`, `FROM ${table}`: which table it is, the call says.
  const table = named === undefined || /^[?$:]/.test(named) || named.includes('?hole') ? undefined : named;
  const hole = named === undefined ? undefined : /^\?hole:(\d+)$/.exec(named)?.[1];
  const pending = hole === undefined ? undefined : asPendingTable(source.holes[Number(hole)]);
  const data = new Map<string, Value>();
  const relative: string[] = [];
  for (const assignment of statement.assignments) {
    data.set(assignment.column, valueIn(assignment.value));
    if (assignment.selfRelative) relative.push(assignment.column);
  }
  const where = subject.conditions.map(
    (condition: SqlCondition): Condition => ({
      column: condition.column,
      operator: condition.operator,
      value: valueIn(condition.value),
    }),
  );
  const aggregate = (['count', 'max', 'min', 'sum', 'exists'] as const).find((name) =>
    statement.aggregates.includes(name),
  );
  const sql: SqlSource = {
    statement,
    text: source.text,
    parameters,
    ...(source.literal === undefined ? {} : { literal: source.literal }),
  };
  return {
    kind: 'database',
    action,
    table,
    ...(pending === undefined ? {} : { pendingTable: pending }),
    where,
    data: statement.assignments.length === 0 ? undefined : data,
    relative,
    mutations: [],
    returns:
      action === 'read'
        ? aggregate === undefined
          ? 'rows'
          : 'count'
        : statement.returning.length > 0
          ? 'rows'
          : 'affected',
    rowLock:
      statement.lock === 'none'
        ? 'none'
        : statement.lock === 'share' || statement.lock === 'key-share'
          ? 'share'
          : 'update',
    conflictHandled: statement.onConflict !== undefined || statement.kind === 'upsert',
    reportsAffected: action !== 'read',
    relations: [],
    batchesSameTick: false,
    limited: statement.limit !== undefined,
    orderedBy: statement.orderBy,
    sql,
    ...(aggregate === undefined ? {} : { aggregate }),
    args: call.args,
  };
}

/** `WITH gone AS (DELETE … RETURNING *) SELECT count(*) FROM gone`: the write that the query asks the result of. */
function writeAsked(statement: SqlStatement): SqlStatement | undefined {
  if (statement.kind !== 'select' || statement.tables.some(({ role }) => role === 'read')) return undefined;
  const writes = statement.ctes.filter(({ kind }) => /^(insert|update|delete|upsert)$/.test(kind));
  return writes.length === 1 ? writes[0] : undefined;
}

/** `SELECT EXISTS (SELECT 1 FROM users WHERE …) AS present` asks of its subquery. */
function existenceAsked(statement: SqlStatement): SqlStatement | undefined {
  const value =
    statement.tables.length === 0 && statement.outputs.length === 1 ? statement.outputs[0]?.value : undefined;
  const asked = value?.kind === 'expression' && value.operator === 'exists' ? value.operands[0] : undefined;
  return asked?.kind === 'subquery' ? asked.statement : undefined;
}

/** `SET TRANSACTION ISOLATION LEVEL …` as the first statement of a transaction; in MySQL it stands before its BEGIN. */
function isolate({ interpreter: { activation } }: CallView, isolation: string | undefined, isMySql: boolean): void {
  const { position } = activation;
  const last = position.transactions.at(-1);
  if (isolation === undefined) return;
  if (last === undefined) {
    if (isMySql) activation.position = { ...position, nextIsolation: isolation };
    return;
  }
  activation.position = { ...position, transactions: [...position.transactions.slice(0, -1), { ...last, isolation }] };
}

export function sqlValue(value: SqlValue, source: SqlText, given: Value | undefined): Value {
  switch (value.kind) {
    case 'literal':
      return { kind: 'constant', value: value.value };
    case 'column':
      return computed('column', [{ kind: 'constant', value: value.name }]);
    case 'parameter': {
      if (value.name.startsWith('hole:')) return source.holes[Number(value.name.slice(5))] ?? UNKNOWN;
      if (given === undefined) return UNKNOWN;
      if (/^\d+$/.test(value.name)) {
        if (given.kind === 'object') return memberOf(given, value.name);
        const index = Number(value.name) - 1;
        if (given.kind === 'array') return given.elements[index] ?? (given.open ? UNKNOWN : UNDEFINED);
        return memberOf(given, String(index));
      }
      return memberOf(given, value.name);
    }
    case 'expression':
      return computed(
        value.operator,
        value.operands.map((operand) => sqlValue(operand, source, given)),
      );
    case 'subquery':
      return UNKNOWN;
  }
}
