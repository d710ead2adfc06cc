/**
 * The order in which the program takes its locks: rows of tables inside transactions, mutexes, named and distributed
 * locks. One graph per program, an edge for every pair of which one is taken while the other is held, and the shortest
 * cycles in it. Rows of one table in two orders are `row-locks.ts`'s subject. Errs towards silence: rows that are new,
 * tables that are not known, and pairs that a common lock taken before keeps apart are left out.
 */
import type { Confidence } from '../rule.ts';
import { isDropped } from './dropped-promise.ts';
import { type FunctionFacts, type LockContext, type Operation, type TransactionContext, weakest } from './fact.ts';
import { identityOfHeld, identityOfTaken, isAcquisition, type LockIdentity } from './lock-identity.ts';
import type { ProgramFacts } from './program.ts';
import { concurrencyOf, type DatabaseOperation, isDatabaseOperation, isNoTable, lower, runsIn } from './protection.ts';
import { exclude, isDeclared, isOwnRow, locksRows } from './row-locks.ts';
import { plainTable } from './schema.ts';
import { cameWith, countStatements, isKnownToCallee, sameCall } from './trace.ts';
import { keyOf, type Value, walkValue } from './value.ts';

/** What is locked: `table:order`, `lock:…`. */
export interface LockNode {
  readonly key: string;
  readonly kind: 'table' | 'lock';
  readonly label: string;
}

/** One place where `second` is taken while `first` is held. */
export interface LockStep {
  readonly fn: FunctionFacts;
  readonly from: LockNode;
  readonly to: LockNode;
  readonly first: Operation | LockContext;
  readonly second: Operation;
  readonly transaction: TransactionContext | undefined;
  /** The rows of both belong together: found by one value, or one through the other. */
  readonly linked: boolean;
  /** What is held when the first is taken: whoever has it is alone. */
  readonly gates: ReadonlySet<string>;
  readonly confidence: Confidence;
}

export interface Inversion {
  /** Each begins with what the one before ends with. */
  readonly steps: readonly LockStep[];
  readonly confidence: Confidence;
}

/** No cycle longer than this is looked for. */
const MAX_LENGTH = 3;
/** So many places of one pair are compared. */
const MAX_PLACES = 6;

const known = new WeakMap<ProgramFacts, readonly Inversion[]>();

export function inversionsOf(program: ProgramFacts): readonly Inversion[] {
  const answered = known.get(program);
  if (answered !== undefined) return answered;
  const graph = new Map<string, Map<string, LockStep[]>>();
  for (const fn of program.functions) {
    if (program.roleOf(fn.fn.path) === 'source') addSteps(fn, program, graph);
  }
  const found = cyclesOf(graph);
  known.set(program, found);
  return found;
}

// ---------------------------------------------------------------- steps

type Graph = Map<string, Map<string, LockStep[]>>;

interface RowLock {
  readonly operation: DatabaseOperation;
  readonly node: LockNode;
}

interface Opened {
  readonly transaction: TransactionContext;
  /** The first lock of each table. */
  readonly taken: Map<string, RowLock>;
}

function addSteps(fn: FunctionFacts, program: ProgramFacts, graph: Graph): void {
  const opened = new Map<string, Opened>();
  for (const operation of fn.operations) {
    if (operation.locks.length > 0) addHeld(fn, operation, program, graph);
    if (operation.transactions.length === 0 || operation.coarse || operation.deferred) continue;
    const isRow = isDatabaseOperation(operation) && locksRows(operation);
    if (!isRow && !isAcquisition(operation)) continue;
    const node = isRow ? tableNode(operation, program) : undefined;
    if (isRow && node === undefined) continue;
    for (const transaction of operation.transactions) {
      // What a decorator puts into one transaction was put there for no order's sake.
      if (isDeclared(transaction) || cameWith(operation, transaction) || !runsIn(operation, transaction)) continue;
      const key = `${transaction.id}|${transaction.site ?? ''}`;
      const own = opened.get(key) ?? { transaction, taken: new Map<string, RowLock>() };
      opened.set(key, own);
      if (node === undefined) addLockAfterRows(fn, operation, own, graph);
      else if (isRow && !own.taken.has(node.key) && !isOwnRow(operation)) {
        addAfterRows(fn, { operation, node }, own, program, graph);
        own.taken.set(node.key, { operation, node });
      }
    }
  }
}

/** Something is taken while a mutex or a named lock is held. */
function addHeld(fn: FunctionFacts, operation: Operation, program: ProgramFacts, graph: Graph): void {
  if (operation.coarse || operation.deferred || !operation.awaited) return;
  const to = nodeOf(operation, program);
  if (to === undefined || isDropped(operation, program)) return;
  operation.locks.forEach((held, index) => {
    const identity = held.model === 'shape' ? undefined : identityOfHeld(held);
    if (identity === undefined) return;
    if (isKnownToCallee(fn, operation, program, ({ locks }) => locks.some(({ id }) => id === held.id))) return;
    const from = lockNode(identity);
    const outer = operation.locks.slice(0, index).flatMap((lock) => identityOfHeld(lock)?.pattern ?? []);
    add(graph, {
      fn,
      from,
      to,
      first: held,
      second: operation,
      transaction: operation.transactions[0],
      linked: true,
      gates: new Set(outer.map((pattern) => `lock:${pattern}`)),
      confidence: weakest(concurrencyOf(fn, operation, program), identity.varies ? 'medium' : 'high'),
    });
  });
}

function nodeOf(operation: Operation, program: ProgramFacts): LockNode | undefined {
  if (isAcquisition(operation)) {
    const identity = operation.effect.reentrant ? undefined : identityOfTaken(operation);
    return identity === undefined ? undefined : lockNode(identity);
  }
  const isHeldOn = isDatabaseOperation(operation) && operation.transactions.length > 0 && locksRows(operation);
  return isHeldOn && !isOwnRow(operation) ? tableNode(operation, program) : undefined;
}

function lockNode({ pattern, label }: LockIdentity): LockNode {
  return { key: `lock:${pattern}`, kind: 'lock', label };
}

function tableNode({ effect }: DatabaseOperation, program: ProgramFacts): LockNode | undefined {
  if (effect.table === undefined || isNoTable(effect.table) || effect.table.length < 2) return undefined;
  const name = plainTable(program.entity(effect.table)?.table ?? effect.table);
  return { key: `table:${name}`, kind: 'table', label: effect.table };
}

/** Rows of other tables that the transaction has locked by now. */
function addAfterRows(
  fn: FunctionFacts,
  { operation: second, node: to }: RowLock,
  { transaction, taken }: Opened,
  program: ProgramFacts,
  graph: Graph,
): void {
  const gates = new Set<string>();
  for (const { operation: first, node: from } of taken.values()) {
    for (const gate of locksAround(first, second)) gates.add(gate);
    if (!sameCall(first, second) && !exclude(first, second)) {
      const isSure = second.basis !== 'shape' || second.effect.sql !== undefined;
      add(graph, {
        fn,
        from,
        to,
        first,
        second,
        transaction,
        linked: areLinked(first, second),
        gates: new Set(gates),
        confidence: weakest(concurrencyOf(fn, second, program), isSure ? 'high' : 'medium'),
      });
    }
    gates.add(from.key);
  }
}

/** Mutexes and advisory locks held from before the first to after the second, named by constants or by what finds the rows. */
function locksAround(first: DatabaseOperation, second: DatabaseOperation): string[] {
  return first.locks.flatMap((lock) => {
    if (!second.locks.some(({ id }) => id === lock.id)) return [];
    const identity = identityOfHeld(lock);
    if (identity?.varies === false) return [`lock:${identity.pattern}`];
    const rows = partsOf(second);
    if (![...partsOfValue(lock.key)].some((part) => rows.has(part))) return [];
    const fixed: string[] = [];
    walkValue(lock.key, (part) => {
      if (part.kind === 'constant') fixed.push(String(part.value));
    });
    return [`lock:${lock.model.split('#')[0] ?? ''}|${fixed.join('*')}*`];
  });
}

/** A lock outside the database is asked for while rows are locked. */
function addLockAfterRows(fn: FunctionFacts, second: Operation, { transaction, taken }: Opened, graph: Graph): void {
  const identity = isAcquisition(second) && !second.effect.reentrant ? identityOfTaken(second) : undefined;
  if (identity === undefined) return;
  for (const { operation: first, node: from } of taken.values()) {
    if (sameCall(first, second) || exclude(first, second)) continue;
    add(graph, {
      fn,
      from,
      to: lockNode(identity),
      first,
      second,
      transaction,
      linked: true,
      gates: new Set(),
      confidence: identity.varies ? 'medium' : 'high',
    });
  }
}

function add(graph: Graph, step: LockStep): void {
  if (step.from.key === step.to.key) return;
  const ends = graph.get(step.from.key) ?? new Map<string, LockStep[]>();
  graph.set(step.from.key, ends);
  const steps = ends.get(step.to.key) ?? [];
  ends.set(step.to.key, steps);
  const isKnown = steps.some(
    ({ second }) => second.at.start === step.second.at.start && second.at.path === step.second.at.path,
  );
  if (!isKnown && steps.length < MAX_PLACES) steps.push(step);
}

// ---------------------------------------------------------------- rows

/** Found by one value, or one through the other. */
function areLinked(a: DatabaseOperation, b: DatabaseOperation): boolean {
  const [one, other] = [partsOf(a), partsOf(b)];
  return [...one].some((part) => other.has(part));
}

/** The values that say which rows: themselves, what they were read by, and the queries they come from. */
function partsOf({ effect }: DatabaseOperation): Set<string> {
  const values = (effect.where ?? []).map(({ value }) => value);
  if (effect.entity !== undefined) values.push(effect.entity);
  return new Set(values.flatMap((value) => [...partsOfValue(value)]));
}

function partsOfValue(value: Value): Set<string> {
  const found = new Set<string>();
  const note = (whole: Value, depth: number): void => {
    walkValue(whole, (part) => {
      if (part.kind === 'place') found.add(keyOf(part));
      if (part.kind === 'element') found.add(keyOf(part.of));
      if (part.kind !== 'result') return;
      found.add(`op:${part.operation.id}`);
      const read = part.operation.effect;
      if (read.kind === 'database' && depth < 2) for (const { value: by } of read.where ?? []) note(by, depth + 1);
    });
  };
  note(value, 0);
  return found;
}

// ---------------------------------------------------------------- cycles

function cyclesOf(graph: Graph): Inversion[] {
  const found: Inversion[] = [];
  const told = new Set<string>();
  const inPairs = new Set<string>();
  for (const length of Array.from({ length: MAX_LENGTH - 1 }, (_, index) => index + 2)) {
    for (const start of [...graph.keys()].sort()) {
      for (const nodes of pathsFrom(start, graph, length)) {
        const key = [...nodes].sort().join(' ');
        // A cycle through nodes that are a cycle by themselves adds nothing.
        if (
          told.has(key) ||
          (length > 2 &&
            nodes.some((node, index) => inPairs.has([node, nodes[(index + 1) % length] ?? ''].sort().join(' '))))
        )
          continue;
        const inversion = inversionOf(nodes, graph);
        if (inversion === undefined) continue;
        told.add(key);
        if (length === 2) inPairs.add(key);
        found.push(inversion);
      }
    }
  }
  return found;
}

/** Ways of this length that come back to where they began; each is given once, beginning with its smallest node. */
function pathsFrom(start: string, graph: Graph, length: number): string[][] {
  const found: string[][] = [];
  const extend = (nodes: string[]): void => {
    for (const next of graph.get(nodes.at(-1) ?? '')?.keys() ?? []) {
      if (next === start && nodes.length === length) found.push(nodes);
      if (next > start && nodes.length < length && !nodes.includes(next)) extend([...nodes, next]);
    }
  };
  extend([start]);
  return found;
}

function inversionOf(nodes: readonly string[], graph: Graph): Inversion | undefined {
  const choices = nodes.map((node, index) => graph.get(node)?.get(nodes[(index + 1) % nodes.length] ?? '') ?? []);
  let best: Inversion | undefined;
  const choose = (steps: readonly LockStep[]): void => {
    const index = steps.length;
    if (index === choices.length) {
      const confidence = judge(steps);
      if (confidence !== undefined && (best === undefined || rank(confidence) > rank(best.confidence)))
        best = { steps, confidence };
      return;
    }
    for (const step of choices[index] ?? []) choose([...steps, step]);
  };
  choose([]);
  return best;
}

function rank(confidence: Confidence): number {
  return { high: 2, medium: 1, low: 0 }[confidence];
}

/** Undefined when the ways never meet: one transaction, or a lock that all of them take first. */
function judge(steps: readonly LockStep[]): Confidence | undefined {
  const [one, ...others] = steps;
  if (one === undefined) return undefined;
  if ([...one.gates].some((gate) => others.every(({ gates }) => gates.has(gate)))) return undefined;
  if (countStatements(steps.map(({ second }) => second)) < steps.length) return undefined;
  const linked = steps.filter((step) => step.linked).length;
  const base = weakest(...steps.map(({ confidence }) => confidence));
  // Two services may have tables of one name in two databases.
  if (new Set(steps.map(({ fn }) => unitOf(fn.fn.path))).size > 1) return 'low';
  // What is done to one account once in its life meets hardly anything.
  if (steps.some(({ fn, from }) => from.kind === 'table' && IS_RARE.test(fn.fn.qualifiedName))) return 'low';
  // Three tables in a row meet far less often than two.
  if (linked === 0 || (steps.length > 2 && steps.some(({ from }) => from.kind === 'table'))) return 'low';
  const sure = linked === steps.length && steps.length === 2 ? base : lower(base);
  // Rows that may be others meet in a narrow coincidence only, and the database lets one of the two go on.
  return sure === 'medium' && steps.some(({ from }) => from.kind === 'table') ? 'low' : sure;
}

const IS_RARE =
  /password|(disable|ban|suspend|anonymi[sz]e|erase|purge|deactivate)[A-Z]|delete(User|Account|Team|Tenant|Organi[sz]ation|Workspace)|permanent/i;

/** The part of a monorepo a file belongs to. */
function unitOf(path: string): string {
  return /^.*\/(packages|apps|services|libs|examples)\/[^/]+\//.exec(path)?.[0] ?? '';
}
