/**
 * Judgements about a read of stored data and a write that relies on it: whether they are about the same table and row,
 * what keeps another transaction from coming between them, how likely two of them run at once. Knows no rule.
 * Errs towards "protected": what looks like a lock, a version or a condition is believed to be one.
 */
import type { Confidence } from '../rule.ts';
import type { Condition, DatabaseEffect, FunctionFacts, LockContext, Operation, TransactionContext } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import { type ColumnSchema, type EntitySchema, plainTable } from './schema.ts';
import { involves, joins } from './transaction.ts';
import { type ElementValue, memberOf, rootKey, rootsOf, sameValue, sourcesOf, type Value, walkValue } from './value.ts';
import { releasesMark, takesMark } from './wrapper-lock.ts';

export interface DatabaseOperation extends Operation {
  readonly effect: DatabaseEffect;
}

export function isDatabaseOperation(operation: Operation): operation is DatabaseOperation {
  return operation.effect.kind === 'database';
}

/** A read that gives data, not one that only takes a lock. */
export function isRead(operation: Operation): operation is DatabaseOperation {
  return isDatabaseOperation(operation) && operation.effect.action === 'read';
}

export function isWrite(operation: Operation): operation is DatabaseOperation {
  return isDatabaseOperation(operation) && operation.effect.action !== 'read' && operation.effect.action !== 'lock';
}

// ---------------------------------------------------------------- tables, columns, rows

/** The name of a type parameter or a base class: any table. */
export function isNoTable(name: string): boolean {
  return (
    !/[a-z]/i.test(name) || /^(T|E|M|K|T[A-Z]\w*|Model|Entity|BaseEntity|ObjectLiteral|Record|unknown)$/.test(name)
  );
}

export function sameTable(a: DatabaseEffect, b: DatabaseEffect, program: ProgramFacts): boolean {
  if (a.table === undefined || b.table === undefined || isNoTable(a.table)) return false;
  if (plainTable(a.table) === plainTable(b.table)) return true;
  const tableOf = (name: string): string => plainTable(program.entity(name)?.table ?? name);
  return tableOf(a.table) === tableOf(b.table);
}

export function schemaOf(effect: DatabaseEffect, program: ProgramFacts): EntitySchema | undefined {
  return effect.table === undefined ? undefined : program.entity(effect.table);
}

/** What the schema says of a column of the statement's table. */
export function columnSchemaOf(
  { table }: DatabaseEffect,
  column: string,
  program: ProgramFacts,
): ColumnSchema | undefined {
  return table === undefined ? undefined : program.column(table, column);
}

/** By the column's name as the client or the database writes it. */
export function columnIn(
  columns: ReadonlyMap<string, ColumnSchema> | undefined,
  name: string,
): ColumnSchema | undefined {
  if (columns === undefined) return undefined;
  const plain = plainColumn(name);
  return columns.get(name) ?? [...columns].find(([other]) => plainColumn(other) === plain)?.[1];
}

/** `member_count` and `memberCount` are one column. */
export function plainColumn(name: string): string {
  return name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[^a-z0-9]/gi, '')
    .toLowerCase();
}

/** The table's own key, not one of a row it refers to: `id`, `account_id` of `accounts`. */
export function isOwnKey(column: string, table: string | undefined): boolean {
  if (/^(_?id|uid|uuid|pk|)$/i.test(column)) return true;
  if (table === undefined || !/(id|key)$/i.test(column)) return false;
  const plain = plainColumn(column);
  const own = plainTable(table);
  return plain.startsWith(own) && /^(id|uid|uuid|key)$/.test(plain.slice(own.length));
}

/** Operators of the libraries' own condition forms that compare something other than equality. */
const COMPARISONS = new Set([
  'gt',
  'gte',
  'lt',
  'lte',
  'not',
  'in',
  'notin',
  'contains',
  'startswith',
  'endswith',
  'some',
  'every',
  'none',
  'is',
  'isnot',
  'morethan',
  'morethanorequal',
  'lessthan',
  'lessthanorequal',
  'between',
  'like',
  'ilike',
  'isnull',
  'raw',
  'any',
  'mode',
  'has',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$ne',
  '$in',
  '$nin',
  '$exists',
  '>',
  '>=',
  '<',
  '<=',
  '!=',
  '<>',
  'not in',
  'is null',
  'is not null',
  'or',
  'expression',
  'exists',
  'not exists',
  'all',
  'is true',
  'is false',
  'overlap',
  'search',
  'path',
  'isempty',
  'not between',
]); // prettier-ignore

/** The equalities of a WHERE. Prisma's composite key `{ team_user: { team, user } }` is one for each part. */
export function equalitiesOf(effect: DatabaseEffect): Condition[] {
  return (effect.where ?? []).flatMap((condition): Condition[] => {
    const operator = condition.operator.toLowerCase();
    if (['=', '==', '===', 'equals', 'equal', 'eq', '$eq', ''].includes(operator)) return [condition];
    if (COMPARISONS.has(operator)) return [];
    // `{ variant: { id } }` is a condition on the row's own `variantId`.
    const isRelation = /^_?id$/i.test(operator) && !condition.column.split('_').includes(condition.operator);
    const column = isRelation ? `${condition.column}Id` : condition.operator;
    return [{ column, operator: '=', value: condition.value }];
  });
}

/** The column of the read's row that a part of its result is; undefined for the row or list itself: `rows[0]`, `[]`. */
export function columnOf(path: readonly string[]): string | undefined {
  return path.find((name, index) => {
    if (/^(\d+|\[\])$/.test(name)) return false;
    if (index > 0) return true;
    if (/^(rows|results?)$/.test(name)) return false;
    return !(/^(data|items|row)$/.test(name) && /^(\d+|\[\]|length)$/.test(path[1] ?? ''));
  });
}

/** Parts of the read's result that the value is made of, as paths from the row. */
export function partsRead(value: Value, read: Operation): (readonly string[])[] {
  const found: (readonly string[])[] = [];
  walkValue(value, (part) => {
    if (part.kind === 'result' && part.operation === read) found.push(part.path);
    if (part.kind === 'element' && sourcesOf(part.of).has(read)) {
      found.push(pathFromRow(part));
      return true;
    }
    return false;
  });
  return found;
}

/** `order.lines[n].items` from `element of order.lines`: the column of the row is the list. */
export function pathFromRow({ of, path }: ElementValue): readonly string[] {
  return of.kind === 'result' ? [...of.path, '[]', ...path] : path;
}

export function columnsRead(value: Value, read: Operation): string[] {
  return partsRead(value, read).flatMap((path) => columnOf(path) ?? []);
}

/** Whether the write is of the row that was read. `unknown`: of a row of the same kind that may be the same. */
export function sameRow(read: DatabaseOperation, write: DatabaseOperation): 'same' | 'unknown' | 'different' {
  const { entity, where } = write.effect;
  if (entity !== undefined && sourcesOf(entity).has(read) && isRowOf(entity, read)) return 'same';
  if (write.executor !== undefined && isRowOf(write.executor, read)) return 'same';
  if (entity !== undefined && (where ?? []).length === 0) return sameIdentity(read, memberOf(entity, 'id'));
  const reads = equalitiesOf(read.effect);
  const writes = equalitiesOf(write.effect);
  if (writes.some((condition) => sourcesOf(condition.value).has(read))) return 'same';
  const matches = (a: Condition, b: Condition): boolean =>
    sameColumn(a.column, b.column) && sameValue(a.value, b.value);
  const matched = writes.filter((b) => reads.some((a) => matches(a, b)));
  if (matched.some(({ column }) => isOwnKey(column, write.effect.table))) return 'same';
  // `{ team, user }` on both sides is one row, `{ team }` on one of them many.
  const isWhole =
    matched.length === writes.length && reads.every((a) => !isKey(a.column) || matched.some((b) => matches(a, b)));
  if (matched.length > 0 && isWhole) return 'same';
  const shared = writes.filter((b) => reads.some((a) => sameColumn(a.column, b.column)));
  if (where?.length === 0 && read.effect.where?.length === 0) return 'same';
  return shared.length > 0 && shared.every((condition) => isKey(condition.column)) ? 'different' : 'unknown';
}

function sameIdentity(read: DatabaseOperation, id: Value): 'same' | 'unknown' {
  return equalitiesOf(read.effect).some((condition) => isKey(condition.column) && sameValue(condition.value, id))
    ? 'same'
    : 'unknown';
}

/** Words that end as keys do. */
const NO_KEY = /([Pp]aid|[Vv]alid|[Vv]oid|[Gg]rid|[Hh]ybrid|[Bb]raid|PAID|VALID|VOID|(^|_)bid|Bid)$/;

export function isKey(column: string): boolean {
  if (NO_KEY.test(column)) return false;
  return column === '' || /^_?(id|uid|uuid|pk|key)$/i.test(column) || /(id|uid|uuid)$/i.test(column);
}

/** The key of the user whom rows belong to: nobody but this one changes them. */
export function isUserKey(column: string): boolean {
  return /^(user|owner|author|creator|createdby)(id|uid|uuid)?$/.test(plainColumn(column));
}

function sameColumn(a: string, b: string): boolean {
  if (plainColumn(a) === plainColumn(b)) return true;
  return (a === '' && isKey(b)) || (b === '' && isKey(a));
}

/** The row itself or an element of the rows, not something computed from it. */
export function isRowOf(value: Value, read: Operation): boolean {
  switch (value.kind) {
    case 'result':
      return value.operation === read && columnOf(value.path) === undefined;
    case 'element':
      return value.path.length === 0 && sourcesOf(value.of).has(read);
    case 'union':
      return value.alternatives.some((part) => isRowOf(part, read));
    case 'array':
      return value.elements.some((part) => isRowOf(part, read));
    default:
      return false;
  }
}

// ---------------------------------------------------------------- protection

/** What makes read and write one step for others; undefined when nothing does. A lock of the row that was looked for and not found (`absent`) is no lock. */
export function protectionOf(
  fn: FunctionFacts,
  read: Operation,
  write: Operation,
  absent: boolean,
): string | undefined {
  if (read.segment === write.segment && read.awaited) return 'no suspension point between them';
  if (read.locks.some((lock) => write.locks.some((other) => isOne(other, lock)))) return 'a lock spans both';
  if (lockTakenBefore(fn, read, write)) return 'a lock is taken before the read';
  const shared = sharedTransactions(read, write);
  if (shared.some((transaction) => /serializable/.test(transaction.isolation ?? '')))
    return 'the transaction is serializable';
  // Two that write one row conflict; two that each add a row that was not there do not.
  if (!absent && shared.some((transaction) => /snapshot/.test(transaction.isolation ?? '')))
    return 'the transaction is a snapshot';
  if (shared.some((transaction) => /repeatable read/.test(transaction.isolation ?? '')))
    return 'the transaction is repeatable read';
  if (shared.length > 0 && rowLockedBefore(fn, read, shared, absent)) return 'the row is locked before the write';
  if (shared.length === 0 && lockedByCaller(fn, read, write, absent)) return 'the row is locked before the write';
  return undefined;
}

/** `lock: tx.LOCK.UPDATE` through a transaction that was handed in, also of a row they belong to: whoever opened it is not in sight. */
function lockedByCaller(fn: FunctionFacts, read: Operation, write: Operation, absent: boolean): boolean {
  return fn.operations.some((operation) => {
    if (!isDatabaseOperation(operation) || operation.order > read.order || (absent && operation === read)) return false;
    if (operation.effect.action !== 'lock' && operation.effect.rowLock !== 'update') return false;
    return isOneGiven(operation.executor, read.executor) && isOneGiven(operation.executor, write.executor);
  });
}

/** Whether both run in one transaction, opened here or handed in by the caller. */
export function shareTransaction(a: Operation, b: Operation): boolean {
  if (sharedTransactions(a, b).length > 0) return true;
  return a.transactions.length + b.transactions.length === 0 && isOneGiven(a.executor, b.executor);
}

/** A parameter, or `ctx.state.transaction` and `ctx.context.transaction` of one: what a caller has begun. A pool is none. */
function isOneGiven(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.kind !== 'place' || b.kind !== 'place')
    return sameValue(a, b) && rootsOf(a).some(({ kind }) => kind === 'parameter');
  if (a.root.kind !== 'parameter' || /pool$/i.test(a.path.at(-1) ?? a.root.name)) return false;
  const isNamed = a.path.at(-1) === 'transaction' && b.path.at(-1) === 'transaction';
  return sameValue(a, b) || (isNamed && rootKey(a.root) === rootKey(b.root));
}

/** Transactions that both run in, each through its executor. */
export function sharedTransactions(a: Operation, b: Operation): TransactionContext[] {
  return a.transactions.filter(
    (transaction) =>
      runsIn(a, transaction) && b.transactions.some((other) => isOne(other, transaction) && runsIn(b, other)),
  );
}

/** One transaction or lock, not two that two calls of one wrapper open. */
export function isOne(a: TransactionContext | LockContext, b: TransactionContext | LockContext): boolean {
  return a.id === b.id && a.site === b.site;
}

/** Whether the operation's executor is the transaction's, or everything is inside it. */
export function runsIn(operation: Operation, transaction: TransactionContext): boolean {
  let known = running.get(operation);
  if (known === undefined) {
    known = new Map();
    running.set(operation, known);
  }
  let answer = known.get(transaction);
  if (answer === undefined) {
    answer = goesThrough(operation, transaction);
    known.set(transaction, answer);
  }
  return answer;
}

/** Rules about transactions ask for every pair of a function's operations. */
const running = new WeakMap<Operation, Map<TransactionContext, boolean>>();

function goesThrough(operation: Operation, transaction: TransactionContext): boolean {
  const { executor, client, carriers = [] } = transaction;
  const own = operation.executor;
  if (!joins(own, executor ?? client)) return false;
  if (executor === undefined || own === undefined) return true;
  let known = true;
  walkValue(own, (part) => {
    if (part.kind === 'unknown') known = false;
    return !known;
  });
  return !known || involves(own, executor) || carriers.some((carrier) => involves(own, carrier));
}

/**
 * `SELECT pg_advisory_xact_lock(…)`, `await lock.acquire()`, a key set when it is absent, also inside a helper; and no
 * release before the write. A lock that ends with its transaction counts for what is in the same one.
 */
function lockTakenBefore(fn: FunctionFacts, read: Operation, write: Operation): boolean {
  const held: Operation[] = [];
  for (const operation of fn.operations) {
    if (operation.order >= write.order) break;
    const { effect } = operation;
    if (effect.kind === 'lock' && effect.action === 'release') held.pop();
    else if (
      operation.order < read.order &&
      (takesLock(operation, read, write) || takesMark(operation, write) || watches(operation, read))
    )
      held.push(operation);
    else if (effect.kind === 'cache') {
      const released = held.findIndex((mark) => releasesMark(operation, mark));
      if (released >= 0) held.splice(released, 1);
    }
  }
  return held.length > 0;
}

/** `WATCH key` before it is read: what is sent with `EXEC` after a change is not done. */
function watches({ effect }: Operation, read: Operation): boolean {
  return (
    effect.kind === 'cache' &&
    effect.action === 'watch' &&
    read.effect.kind === 'cache' &&
    sameValue(effect.key, read.effect.key)
  );
}

function takesLock(operation: Operation, read: Operation, write: Operation): boolean {
  const { effect } = operation;
  if (effect.kind !== 'lock' || effect.action !== 'acquire') return false;
  return (
    effect.advisory !== 'transaction' ||
    operation.transactions.length === 0 ||
    operation.transactions.some((own) =>
      [read, write].every((one) => one.transactions.some((other) => isOne(own, other))),
    )
  );
}

/**
 * Any row lock taken by the read or before it in the same transaction counts: a lock of a parent row is a common way to
 * guard its children. A lock of a row found by a condition that nothing matches protects nothing; that is not seen.
 */
function rowLockedBefore(
  fn: FunctionFacts,
  read: Operation,
  transactions: readonly TransactionContext[],
  absent: boolean,
): boolean {
  return fn.operations.some((operation) => {
    if (!isDatabaseOperation(operation) || operation.order > read.order || (absent && operation === read)) return false;
    const locks = operation.effect.action === 'lock' || operation.effect.rowLock === 'update' || isNamedLock(operation);
    return (
      locks &&
      operation.transactions.some((own) => transactions.some((other) => isOne(other, own)) && runsIn(operation, own))
    );
  });
}

/** A helper whose name says what its unreadable SQL does. */
function isNamedLock(operation: Operation): boolean {
  return operation.chain.some((site) => /lock(?!ed)/i.test(site.name) && !/unlock|block|clock/i.test(site.name));
}

/**
 * Whether the write's WHERE repeats what the read found: one of the columns the decision rests on, a version, or any
 * value taken from the row other than its key. Whether anyone looks at the outcome is another rule's question.
 */
export function isConditional(read: Operation, write: DatabaseOperation, columns: readonly string[]): boolean {
  const wanted = new Set(columns.map(plainColumn));
  return (write.effect.where ?? []).some((condition) => {
    const column = plainColumn(condition.column);
    const operator = plainColumn(condition.operator);
    if (wanted.has(column) || (operator !== '' && wanted.has(operator))) return true;
    if (/^(version|revision|rev|etag|lockversion|optlock)$/.test(column)) return true;
    if (isKey(condition.column)) return false;
    return sourcesOf(condition.value).has(read);
  });
}

// ---------------------------------------------------------------- confidence

/** Whether two runs at once are to be expected; a function run at start, by hand or by nobody is not worth a warning. */
export function concurrencyOf(fn: FunctionFacts, operation: Operation, program: ProgramFacts): Confidence {
  const names = [
    fn.fn.qualifiedName,
    ...operation.chain.map((site) => site.name),
    program.info(operation.fn)?.qualifiedName ?? '',
  ];
  if (names.some((name) => runsOnce(name.slice(name.lastIndexOf('.') + 1)) || LOADER.test(name))) return 'low';
  if (fn.entries.some((entry) => entry.kind !== 'exported')) return 'high';
  const callers = program.callersOf(fn.fn.key);
  if (callers.length > 0 && callers.every((key) => isStartUp(key, program, 0))) return 'low';
  return fn.entries.length > 0 || callers.length > 0 ? 'high' : 'medium';
}

/** Fills the database from files, by hand and now and then. */
export const LOADER = /(^|\.)\w*(Importer|Seeder|Populator|Migrator)\./;

/** A function that only start-up code calls runs once as well. */
function isStartUp(key: string, program: ProgramFacts, depth: number): boolean {
  const info = program.info(key);
  if (info === undefined) return false;
  if (runsOnce(info.node.name)) return true;
  const callers = program.callersOf(key);
  return depth < 3 && callers.length > 0 && callers.every((caller) => isStartUp(caller, program, depth + 1));
}

/** A thing of the user's can be started, too: `startExport(workspaceId)`. */
const STARTS_PROGRAM =
  /^(?:do|run)?start(?:$|_|up|Up|App|Server|Service|Http|Api|Worker|Cron|Scheduler|Listen|Polling|Bot|All)/;

function runsOnce(name: string): boolean {
  return (
    STARTS_PROGRAM.test(name) ||
    /^(?:perform|do|run)?(?:[iI]nit|[iI]nitiali[sz](?:e|ation)|bootstrap|onModuleInit|onApplicationBootstrap|seed|migrate|setup|populate|boot|install|up|down|main|import|backfill|ensureDefault|createDefault|constructor|<module>|on?AfterCreate|afterInsert)($|[A-Z_])/.test(
      name,
    )
  );
}

/** Money and limits: where a lost write is a loss. */
export function isPrecious(...names: readonly (string | undefined)[]): boolean {
  return names.some(
    (name) =>
      name !== undefined &&
      /balance|stock|inventor|quota|credit|usage|seat|limit|amount|wallet|coupon|voucher|redeem|invite|token|ticket|reserv|quantity|available(?!_?(code|currenc|language|locale|option|type|method|plan|feature))|remaining|spent|points|counter|used/i.test(
        name,
      ),
  );
}

export function lower(confidence: Confidence): Confidence {
  return confidence === 'high' ? 'medium' : 'low';
}
