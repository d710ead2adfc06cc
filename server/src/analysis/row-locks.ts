/**
 * The order in which a transaction locks rows of one table: which statements lock which row, in which transaction, and
 * whether the order is the same for everyone. Rows found by other means than a key, and inserts, lock nothing shared.
 */
import type { Confidence } from '../rule.ts';
import {
  type DatabaseEffect,
  type FunctionFacts,
  type Loop,
  type Operation,
  type TransactionContext,
  weakest,
} from './fact.ts';
import { dependsOnElement, isElementOf, isInLoop } from './loop-kind.ts';
import type { ProgramFacts } from './program.ts';
import {
  concurrencyOf,
  type DatabaseOperation,
  equalitiesOf,
  isDatabaseOperation,
  isKey,
  isNoTable,
  isOne,
  isOwnKey,
  runsIn,
  sameTable,
  sharedTransactions,
} from './protection.ts';
import { sameCall } from './trace.ts';
import { rootsOf, sameValue, sourcesOf, type Value, walkValue } from './value.ts';

export interface UnorderedLocks {
  readonly fn: FunctionFacts;
  /** `pair`: two keys given from outside; `loop`: one row per element; `bulk`: one statement over rows in arrival order. */
  readonly form: 'pair' | 'loop' | 'bulk';
  readonly first: DatabaseOperation;
  /** The operation reported: the later of a pair. */
  readonly second: DatabaseOperation;
  readonly loop?: Loop;
  readonly keys: readonly Value[];
  readonly confidence: Confidence;
}

export function unorderedLocksOf(fn: FunctionFacts, program: ProgramFacts): UnorderedLocks[] {
  const found: UnorderedLocks[] = [];
  const lockers: DatabaseOperation[] = [];
  for (const operation of fn.operations) {
    if (!isDatabaseOperation(operation) || !locksRows(operation) || isOwnRow(operation)) continue;
    // Outside a transaction only one statement over many rows holds several.
    if (operation.transactions.length > 0 || operation.chain.length === 0) lockers.push(operation);
  }
  for (const second of lockers) {
    const inTransaction = second.transactions.length > 0;
    const judged =
      (inTransaction ? (inLoop(fn, second, program) ?? inPair(fn, second, lockers, program)) : undefined) ??
      inBulk(fn, second);
    if (
      judged === undefined ||
      found.some((known) => known.first === judged.first && known.form === judged.form && judged.form === 'pair')
    )
      continue;
    const confidence = weakest(judged.confidence, second.coarse ? 'low' : 'high', concurrencyOf(fn, second, program));
    found.push({ ...judged, confidence });
  }
  return found;
}

/** Statements that take a row lock held to the end of the transaction. */
export function locksRows({ effect, model }: DatabaseOperation): boolean {
  // Of two transactions that write one document the second fails at once: nobody waits.
  if (/^(mongoose|mongodb)#/.test(model)) return false;
  if (takesOnlyFree(effect)) return false;
  switch (effect.action) {
    case 'read':
      return effect.rowLock !== 'none';
    case 'update':
    case 'delete':
    case 'upsert':
      return true;
    case 'save':
      return effect.entity !== undefined;
    default:
      return false;
  }
}

/** NOWAIT, SKIP LOCKED: it never waits, and what it has taken is not waited for again. */
export function takesOnlyFree({ immediate, sql }: DatabaseEffect): boolean {
  return immediate === true || sql?.statement.skipLocked === true || sql?.statement.noWait === true;
}

/** A row that this transaction has made, or has taken while nobody held it: it waits for no one. */
export function isOwnRow({ effect }: DatabaseOperation): boolean {
  const isMade = (value: Value): boolean => {
    if (value.kind === 'computed' && value.operator.startsWith('new:')) return true;
    const sources = [...sourcesOf(value)];
    if (sources.length > 0)
      return sources.every(
        ({ effect: made }) => made.kind === 'database' && (made.action === 'insert' || takesOnlyFree(made)),
      );
    return (
      value.kind === 'object' ||
      (value.kind === 'computed' && /^(new:|call:(create|build|make|merge))/.test(value.operator))
    );
  };
  if (effect.entity !== undefined) return effect.action === 'save' && isMade(effect.entity);
  const values = (effect.where ?? []).map(({ value }) => value).filter((value) => sourcesOf(value).size > 0);
  return values.length > 0 && values.every(isMade);
}

// ---------------------------------------------------------------- keys

/** What says which row a statement locks; undefined when it is not one row by its key. */
export function keyOfRow(operation: DatabaseOperation): Value | undefined {
  let known = rowKeys.get(operation);
  if (known === undefined) {
    known = { key: keyIn(operation) };
    rowKeys.set(operation, known);
  }
  return known.key;
}

/** Every pair of statements asks for both. */
const rowKeys = new WeakMap<DatabaseOperation, { readonly key: Value | undefined }>();

function keyIn({ effect }: DatabaseOperation): Value | undefined {
  if (effect.entity !== undefined) return originKey(effect.entity);
  // A key of a parent (`team_id = $1`) finds many rows, in an order the database chooses.
  const key = equalitiesOf(effect).find((condition) => isOwnKey(condition.column, effect.table));
  return key === undefined ? undefined : originKey(key.value);
}

/** A row read by its key stands for the key it was read by. */
function originKey(value: Value): Value {
  if (value.kind !== 'result' && value.kind !== 'element') return value;
  if (value.kind === 'element') return value;
  const { operation } = value;
  const isIdentity = value.path.every((name) => /^(\d+|rows|row|id|_id)$/.test(name));
  if (
    !isIdentity ||
    !isDatabaseOperation(operation) ||
    (operation.effect.returns === 'rows' && !value.path.includes('0'))
  )
    return value;
  const [key] = equalitiesOf(operation.effect).filter((condition) => isKey(condition.column));
  return key === undefined ? value : key.value;
}

function isSorted(value: Value): boolean {
  let sorted = false;
  walkValue(value, (part) => {
    if (
      part.kind === 'computed' &&
      /^(call|member):(sort|toSorted|sortBy|orderBy|sorted|compare\w*|min|max)$/.test(part.operator)
    )
      sorted = true;
    if (part.kind === 'result' && part.operation.effect.kind === 'database') {
      const { orderedBy, rowLock } = part.operation.effect;
      if (orderedBy.length > 0 || rowLock !== 'none') sorted = true;
    }
    return sorted;
  });
  return sorted;
}

function isGiven(value: Value): boolean {
  return (
    rootsOf(value).some((root) => root.kind === 'parameter' || root.kind === 'captured') || sourcesOf(value).size > 0
  );
}

/** The statement among these that holds the row another one is going to lock: same table, same key. */
export function heldRow(
  wanted: DatabaseOperation,
  held: readonly DatabaseOperation[],
  program: ProgramFacts,
): DatabaseOperation | undefined {
  const key = locksRows(wanted) ? keyOfRow(wanted) : undefined;
  if (key === undefined) return undefined;
  return held.find((other) => {
    if (other.order > wanted.order || !locksRows(other) || !sameTable(other.effect, wanted.effect, program))
      return false;
    const own = keyOfRow(other);
    return own !== undefined && sameValue(own, key);
  });
}

// ---------------------------------------------------------------- two rows

function inPair(
  fn: FunctionFacts,
  second: DatabaseOperation,
  lockers: readonly DatabaseOperation[],
  program: ProgramFacts,
): UnorderedLocks | undefined {
  if (second.transactions.length === 0) return undefined;
  const key = keyOfRow(second);
  if (key === undefined || !isGiven(key) || isSorted(key)) return undefined;
  for (const first of lockers) {
    if (first.order >= second.order || sameCall(first, second) || !sameTable(first.effect, second.effect, program))
      continue;
    const shared = sharedTransactions(first, second);
    const other = keyOfRow(first);
    if (shared.length === 0 || other === undefined || !isGiven(other) || isSorted(other) || sameValue(key, other))
      continue;
    if (
      isSelection(key, other) ||
      isHierarchy(key, other) ||
      exclude(first, second) ||
      comparesKeys(second, key, other)
    )
      continue;
    if (lockedBefore(fn, first, shared, program)) continue;
    return {
      fn,
      form: 'pair',
      first,
      second,
      keys: [other, key],
      confidence:
        bothInputs(key, other) &&
        !shared.every(isDeclared) &&
        !shared.some(abortsAnyway) &&
        !differInKind(fn, second, key, other)
          ? 'high'
          : 'low',
    };
  }
  return undefined;
}

/** Two that write the same rows end in one error and one success, whatever their order. */
function abortsAnyway({ isolation }: TransactionContext): boolean {
  return isolation !== undefined && /serializable|snapshot|repeatable/i.test(isolation);
}

/** What is asked of the one row before is not asked of the other: exchanged, the two would be refused. */
function differInKind(fn: FunctionFacts, second: DatabaseOperation, a: Value, b: Value): boolean {
  const asked = (key: Value): Set<string> => {
    const reads = fn.operations.filter(
      (other) =>
        isDatabaseOperation(other) &&
        other.effect.action === 'read' &&
        other.order < second.order &&
        equalitiesOf(other.effect).some(({ value }) => sameValue(value, key)),
    );
    const guards = second.guards.filter(
      ({ test, earlyExit }) => earlyExit && [...sourcesOf(test)].some((source) => reads.includes(source)),
    );
    return new Set(guards.map(({ test, holds }) => `${holds}:${shapeOf(test)}`));
  };
  const [one, other] = [asked(a), asked(b)];
  const isSame = one.size === other.size && [...one].every((condition) => other.has(condition));
  return !isSame && one.size > 0 && other.size > 0;
}

/** The condition without what it is asked of: columns, operators and constants. */
function shapeOf(test: Value): string {
  switch (test.kind) {
    case 'computed':
      return `${test.operator}(${test.operands.map(shapeOf).join(',')})`;
    case 'result':
    case 'place':
    case 'element':
      return test.path.join('.');
    case 'constant':
      return String(test.value);
    default:
      return test.kind;
  }
}

/** Each is one or the other of the same two, `a < b ? [a, b] : [b, a]`: whoever wrote that thought of the order. */
function isSelection(a: Value, b: Value): boolean {
  return (
    a.kind === 'union' &&
    b.kind === 'union' &&
    a.alternatives.every((part) => b.alternatives.some((other) => sameValue(part, other)))
  );
}

/** One key was found through the row of the other (parent, owner): everyone goes the same way. */
function isHierarchy(a: Value, b: Value): boolean {
  const through = (value: Value, key: Value): boolean =>
    [...sourcesOf(value)].some(
      (operation) =>
        isDatabaseOperation(operation) &&
        equalitiesOf(operation.effect).some((condition) => sameValue(condition.value, key)),
    );
  if (through(a, b) || through(b, a)) return true;
  const shared = [...sourcesOf(a)].filter((operation) => sourcesOf(b).has(operation));
  if (shared.length > 0) return true;
  // `row.id` and `row.parentId` of one object.
  return (
    a.kind === 'place' &&
    b.kind === 'place' &&
    a.path.length > 0 &&
    b.path.length > 0 &&
    parentOf(a) === parentOf(b) &&
    isOwnId(a) !== isOwnId(b)
  );
}

function parentOf(value: Value & { kind: 'place' }): string {
  return JSON.stringify([value.root, value.path.slice(0, -1)]);
}

function isOwnId(value: Value & { kind: 'place' }): boolean {
  return /^_?id$/.test(value.path.at(-1) ?? '');
}

function bothInputs(a: Value, b: Value): boolean {
  return a.kind === 'place' && b.kind === 'place';
}

/** They stand in opposite branches of one test. */
export function exclude(a: Operation, b: Operation): boolean {
  return a.guards.some((guard) =>
    b.guards.some(
      (other) => other.at.start === guard.at.start && other.at.path === guard.at.path && other.holds !== guard.holds,
    ),
  );
}

/** `if (a < b) { lock(a); lock(b) } else …` */
function comparesKeys(operation: Operation, a: Value, b: Value): boolean {
  return operation.guards.some(({ test }) => {
    let ordered = false;
    walkValue(test, (part) => {
      if (part.kind === 'computed' && /^(<|<=|>|>=|call:(localeCompare|compare\w*))$/.test(part.operator)) {
        const mentions = (wanted: Value): boolean =>
          part.operands.some(
            (operand) =>
              sameValue(operand, wanted) || JSON.stringify(rootsOf(operand)) === JSON.stringify(rootsOf(wanted)),
          );
        if (mentions(a) && mentions(b)) ordered = true;
      }
      return ordered;
    });
    return ordered;
  });
}

/** Rows of the table locked earlier in the transaction by one ordered statement, in sorted order, or a lock over it all. */
function lockedBefore(
  fn: FunctionFacts,
  first: DatabaseOperation,
  transactions: readonly TransactionContext[],
  program: ProgramFacts,
): boolean {
  return fn.operations.some((operation) => {
    if (
      operation.order >= first.order ||
      !operation.transactions.some((own) => transactions.some((other) => isOne(other, own)) && runsIn(operation, own))
    )
      return false;
    if (operation.effect.kind === 'lock') return operation.effect.action === 'acquire';
    if (!isDatabaseOperation(operation)) return false;
    if (operation.effect.action === 'lock') return true;
    if (operation.effect.rowLock === 'none') return /lock/i.test(operation.chain.map((site) => site.name).join(' '));
    if (!sameTable(operation.effect, first.effect, program)) return true;
    const key = keyOfRow(operation);
    return key === undefined || isSorted(key) || operation.effect.orderedBy.length > 0 || key.kind === 'constant';
  });
}

// ---------------------------------------------------------------- rows in a loop

function inLoop(fn: FunctionFacts, operation: DatabaseOperation, program: ProgramFacts): UnorderedLocks | undefined {
  if (operation.effect.action === 'upsert' || operation.loops.length === 0 || operation.transactions.length === 0)
    return undefined;
  const own = keyOfRow(operation);
  for (const loop of operation.loops) {
    const key = own ?? elementKey(operation, loop);
    if (key === undefined || loop.repeats !== 'elements' || loop.over === undefined || !dependsOn(key, loop)) continue;
    const transaction = operation.transactions.find(
      (candidate) => runsIn(operation, candidate) && isOutside(fn, candidate, loop),
    );
    if (transaction === undefined || isOrdered(loop)) continue;
    if (!isOwnEvidence(fn, transaction, loop, operation)) continue;
    // A transaction around a whole request holds everything together: only a loop of its own says something.
    if (isDeclared(transaction) && operation.chain.length > 1) continue;
    if (operation.locks.length > 0 || lockedBefore(fn, operation, [transaction], program)) return undefined;
    const fromRows = sourcesOf(loop.over).size > 0;
    const isOwned = guardedByParent(fn, operation, transaction);
    return {
      fn,
      form: 'loop',
      first: operation,
      second: operation,
      loop,
      keys: [key],
      // A base class updates rows of whatever table: the statement that locks may never run for this one. Else one of
      // two is aborted, and nothing is lost when it is done again.
      confidence:
        fromRows || isOwned || isAnyTable(operation) || isDeclared(transaction) || abortsAnyway(transaction)
          ? 'low'
          : 'medium',
    };
  }
  return undefined;
}

/** A decorator puts the whole request into it: that these rows are held together was nobody's choice, nor their order. */
export function isDeclared({ model }: TransactionContext): boolean {
  return model.includes('#@');
}

function isAnyTable({ effect }: DatabaseOperation): boolean {
  return effect.table !== undefined && isNoTable(effect.table);
}

/** A part of a composite key, `{ feature: name, environment }`, or a parent: other rows for each element. */
function elementKey({ effect }: DatabaseOperation, loop: Loop): Value | undefined {
  return equalitiesOf(effect).find(({ value }) => isElementOf(value, loop))?.value;
}

function dependsOn(key: Value, loop: Loop): boolean {
  if (dependsOnElement(key, loop)) return true;
  // A row read by the element's id in the same iteration.
  return [...sourcesOf(key)].some((source) => isInLoop(source, loop));
}

function isOrdered(loop: Loop): boolean {
  return loop.over === undefined || isSorted(loop.over);
}

/** The transaction was opened around the loop, not once per element. */
function isOutside(fn: FunctionFacts, transaction: TransactionContext, loop: Loop): boolean {
  const [txFn, txSerial] = splitId(transaction.id);
  const [loopFn, loopSerial] = splitId(loop.id);
  if (txFn === loopFn) return txSerial < loopSerial;
  if (txFn === ordinalOf(fn)) return true;
  return loopFn !== ordinalOf(fn) || isInWrapper(fn, transaction, loop);
}

/** The loop stands in the callback of the wrapper that opened the transaction: `withTransaction((client) => { for … })`. */
function isInWrapper({ fn }: FunctionFacts, { site }: TransactionContext, { at }: Loop): boolean {
  const start = Number(site?.split('/')[0]);
  const call = fn.file.calls.find(({ nameAt }) => nameAt?.start === start);
  return call !== undefined && at.path === fn.path && call.start <= at.start && at.end <= call.end;
}

/** What identities given out in the function begin with. */
function ordinalOf(fn: FunctionFacts): string {
  return fn.fn.ordinal;
}

function splitId(id: string): [fn: string, serial: number] {
  const colon = id.lastIndexOf(':');
  return [id.slice(0, colon), Number(id.slice(colon + 1))];
}

/** Reported where transaction and loop meet: not again by a caller that only calls that function. */
function isOwnEvidence(fn: FunctionFacts, transaction: TransactionContext, loop: Loop, operation: Operation): boolean {
  if (operation.chain.length === 0) return true;
  return splitId(transaction.id)[0] === ordinalOf(fn) || splitId(loop.id)[0] === ordinalOf(fn);
}

/** An earlier row lock or update by a key that does not change with the loop lets only one of them in at a time. */
function guardedByParent(fn: FunctionFacts, operation: DatabaseOperation, transaction: TransactionContext): boolean {
  return fn.operations.some(
    (other) =>
      isDatabaseOperation(other) &&
      other.order < operation.order &&
      other.loops.length === 0 &&
      ['update', 'delete', 'save'].includes(other.effect.action) &&
      other.transactions.some((own) => isOne(own, transaction)),
  );
}

// ---------------------------------------------------------------- rows of one statement

function inBulk(fn: FunctionFacts, operation: DatabaseOperation): UnorderedLocks | undefined {
  const { effect } = operation;
  const isUpsert =
    effect.action === 'upsert' || (effect.action === 'insert' && effect.sql?.statement.onConflict?.action === 'update');
  // An ORM saves a list row by row, in one transaction of its own where none is open.
  const isSave = effect.action === 'save';
  if ((!isUpsert && !isSave) || operation.chain.length > 0) return undefined;
  const rows = [effect.entity, ...effect.args].find((value) => value !== undefined && isListOf(value));
  if (rows === undefined || isSorted(rows) || !isGiven(rows)) return undefined;
  if (isSave && !hasKey(rows)) return undefined;
  return { fn, form: 'bulk', first: operation, second: operation, keys: [rows], confidence: 'low' };
}

/** Rows that say which they are: others are new, and locked by nobody else. */
function hasKey(rows: Value): boolean {
  const made = rows.kind === 'computed' ? rows.operands.at(-1) : undefined;
  return made?.kind === 'object' && [...made.properties.keys()].some((name) => isOwnKey(name, undefined));
}

/** `items.map(…)`: one row per element of something given. */
function isListOf(value: Value): boolean {
  return value.kind === 'computed' && /^call:(map|flatMap|filter|values|from)$/.test(value.operator);
}
