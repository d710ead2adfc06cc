/**
 * `Promise.all` over writes that go through one transaction. The first failure rejects, the transaction is rolled back
 * and its connection handed on, and the branches that are still under way send their next statement all the same.
 * A branch of one statement has none to send any more: it is reported at low confidence (fixture: one-statement.ts).
 */
import { areExclusive } from '../../../analysis/decided.ts';
import type { FunctionFacts, Operation, TransactionContext } from '../../../analysis/fact.ts';
import { soundsLikeTransaction } from '../../../analysis/naming.ts';
import { branchAround, type ParallelRun, parallelRunsOf } from '../../../analysis/parallel-run.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  type DatabaseOperation,
  isDatabaseOperation,
  isWrite,
  runsIn,
  schemaOf,
} from '../../../analysis/protection.ts';
import { isSameAt } from '../../../analysis/trace.ts';
import { type FunctionKey, hasSource, sourcesOf } from '../../../analysis/value.ts';
import type { Confidence, Location } from '../../../rule.ts';

export interface ParallelWrites {
  readonly run: ParallelRun;
  readonly transaction: TransactionContext;
  /** One that all or several branches do. */
  readonly write: DatabaseOperation;
  /** What the branch calls for it. */
  readonly name: string;
  readonly place: Location;
  /** Whether a branch sends another statement after it has waited for one. */
  readonly steps: 'one' | 'several';
  readonly confidence: Confidence;
}

interface Found {
  readonly run: ParallelRun;
  readonly transaction: TransactionContext;
  /** Statements under the run in one function's facts. */
  readonly operations: DatabaseOperation[];
}

const indexes = new WeakMap<ProgramFacts, ReadonlyMap<FunctionKey, readonly ParallelWrites[]>>();

/** Reported where `Promise.all` stands, whoever opened the transaction: once for all callers. */
export function parallelWritesIn(fn: FunctionFacts, program: ProgramFacts): readonly ParallelWrites[] {
  let index = indexes.get(program);
  if (index === undefined) {
    index = indexOf(program);
    indexes.set(program, index);
  }
  return index.get(fn.fn.key) ?? [];
}

function indexOf(program: ProgramFacts): ReadonlyMap<FunctionKey, readonly ParallelWrites[]> {
  const found = new Map<ParallelRun, Found>();
  const asked = new Map<string, boolean>();
  for (const fn of program.functions) {
    for (const [run, own] of runsOf(fn, program, asked)) {
      // The function that sees most of it.
      if ((found.get(run)?.operations.length ?? 0) < own.operations.length) found.set(run, own);
    }
  }
  const index = new Map<FunctionKey, ParallelWrites[]>();
  for (const each of found.values()) {
    const evidence = evidenceOf(each, program);
    const key = evidence === undefined ? undefined : unitAround(each.run, program);
    if (evidence === undefined || key === undefined) continue;
    const list = index.get(key);
    if (list === undefined) index.set(key, [evidence]);
    else list.push(evidence);
  }
  return index;
}

function runsOf(fn: FunctionFacts, program: ProgramFacts, asked: Map<string, boolean>): Map<ParallelRun, Found> {
  const found = new Map<ParallelRun, Found>();
  for (const operation of fn.operations) {
    if (operation.transactions.length === 0 || !isDatabaseOperation(operation)) continue;
    const hit = runAround(operation, program, asked);
    if (hit === undefined) continue;
    const known = found.get(hit.run);
    if (known === undefined) found.set(hit.run, { ...hit, operations: [operation] });
    else known.operations.push(operation);
  }
  return found;
}

/** The outermost `Promise.all` on the way to the operation that a transaction was open around. */
function runAround(
  operation: DatabaseOperation,
  program: ProgramFacts,
  asked: Map<string, boolean>,
): { run: ParallelRun; transaction: TransactionContext } | undefined {
  for (const at of [...operation.chain.map((site) => site.at), operation.at]) {
    const file = program.file(at.path);
    if (file === undefined) continue;
    for (const run of parallelRunsOf(file)) {
      if (branchAround(run, at) === undefined) continue;
      const transaction = operation.transactions.find((candidate) =>
        isUnder(run, candidate, operation, program, asked),
      );
      if (transaction !== undefined) return { run, transaction };
    }
  }
  return undefined;
}

/** Whether the statement runs in a transaction that is open around the whole; the same places come back in every caller. */
function isUnder(
  run: ParallelRun,
  transaction: TransactionContext,
  operation: Operation,
  program: ProgramFacts,
  asked: Map<string, boolean>,
): boolean {
  const key = [
    run.file.path,
    run.call.start,
    transaction.at.path,
    transaction.at.start,
    operation.at.path,
    operation.at.start,
  ].join('|');
  let answer = asked.get(key);
  if (answer === undefined) {
    answer = isOpenAround(run, transaction, operation, program) && runsIn(operation, transaction);
    asked.set(key, answer);
  }
  return answer;
}

/** Whether the transaction is open before `Promise.all` starts, rather than opened by each branch. */
function isOpenAround(
  run: ParallelRun,
  transaction: TransactionContext,
  operation: Operation,
  program: ProgramFacts,
): boolean {
  if (branchAround(run, transaction.at) !== undefined) return false;
  const unit = unitAround(run, program);
  const own = unit === undefined ? undefined : program.factsOf(unit);
  const seen = own?.operations.some(
    ({ at, transactions }) =>
      isSameAt(at, operation.at) && transactions.some((known) => isSameAt(known.at, transaction.at)),
  );
  // The function itself sees no transaction: a caller has opened it.
  if (seen !== true) return true;
  if (transaction.at.path === run.file.path && unitOf(transaction.at, program) === unit) return true;
  // A helper of the project opens it: around the whole, or in each branch?
  return run.file.calls.some(
    (call) =>
      call.start < run.call.start &&
      call.end >= run.call.end &&
      call.nameAt !== undefined &&
      soundsLikeTransaction(run.file.text.slice(call.nameAt.start, call.nameAt.end)),
  );
}

function unitAround({ file, call }: ParallelRun, program: ProgramFacts): FunctionKey | undefined {
  return unitOf({ path: file.path, start: call.start, end: call.end }, program);
}

/** The function with facts of its own that runs what stands at the place. */
function unitOf(at: Location, program: ProgramFacts): FunctionKey | undefined {
  for (let info = program.enclosing(at); info !== undefined; info = program.parentOf(info))
    if (program.factsOf(info.key) !== undefined) return info.key;
  return undefined;
}

// ---------------------------------------------------------------- how bad it is

function evidenceOf({ run, transaction, operations }: Found, program: ProgramFacts): ParallelWrites | undefined {
  const writes = operations.filter(isWrite);
  const [write] = writes;
  const branches = new Set(writes.map((operation) => branchOf(run, operation)));
  if (write === undefined || (!run.isList && branches.size < 2)) return undefined;
  const steps = writes.some((later) => followsAnother(run, later, operations)) ? 'several' : 'one';
  const site = write.chain.find(({ at }) => branchAround(run, at) !== undefined);
  const { name, at: place } = site ?? write;
  return {
    run,
    transaction,
    write,
    name,
    place,
    steps,
    confidence: confidenceOf(write, steps, writes, () => slipsThrough(run, operations, program)),
  };
}

function branchOf(run: ParallelRun, operation: Operation): number | undefined {
  for (const at of [...operation.chain.map((site) => site.at), operation.at]) {
    const branch = branchAround(run, at);
    if (branch !== undefined) return branch.start;
  }
  return undefined;
}

/** Sent by the same branch after it has waited for an earlier statement. */
function followsAnother(run: ParallelRun, later: DatabaseOperation, operations: readonly DatabaseOperation[]): boolean {
  if (isSeveral(later)) return true;
  return operations.some(
    (earlier) =>
      earlier.order < later.order &&
      earlier.segment < later.segment &&
      branchOf(run, earlier) === branchOf(run, later) &&
      !areExclusive(earlier, later),
  );
}

/** Looks a row up and then writes it, and its relations. */
function isSeveral({ model, effect }: DatabaseOperation): boolean {
  return /^(typeorm|mikro-orm)\W/.test(model) && effect.action === 'save';
}

/**
 * Whether one element's failure lets another's write through. The branches go in step over one connection: when one
 * throws after its k-th answer, the rollback is queued behind the others' next statement, and the statement after that
 * behind the rollback. What they would send later finds the connection given back (fixture: in-step.ts).
 */
function slipsThrough(run: ParallelRun, operations: readonly DatabaseOperation[], program: ProgramFacts): boolean {
  // Rows that were read just before are there.
  const isRead = operations.some(({ loops }) => loops.some(({ over }) => over !== undefined && hasSource(over)));
  if (isRead) return false;
  const writes = operations.filter((operation) => isWrite(operation) && !isSwallowed(run, operation, program));
  return operations.some((read) => {
    const later = writes.filter((write) => write.order > read.order && !areExclusive(write, read));
    if (later.length === 0 || !mayFail(read, program)) return false;
    // A row that is not there takes one statement.
    const [fewest, most] = statementsBefore(read, operations, program);
    return later.some((write) => {
      const [least, last] = statementsBefore(write, operations, program);
      const own = statementsOf(write, program)[0];
      return least + own <= most + 3 && last + own >= fewest + 3;
    });
  });
}

/** The branch goes on as if nothing were wrong when the connection refuses the write: it fails for itself alone. */
function isSwallowed(run: ParallelRun, { tries, chain, fn }: DatabaseOperation, program: ProgramFacts): boolean {
  const start = chain.findIndex(({ at }) => branchAround(run, at) !== undefined);
  const called = start < 0 ? [] : [...chain.slice(start + 1).map((site) => site.fn), fn];
  return tries.some(
    ({ in: part, handler, at }) =>
      part === 'block' &&
      (handler === 'returns' || handler === 'continues') &&
      (branchAround(run, at) !== undefined || called.includes(unitOf(at, program) ?? '')),
  );
}

/** Its row may not be there, and then it, or a function it is asked by, throws. */
function mayFail(read: DatabaseOperation, program: ProgramFacts): boolean {
  if (read.effect.action !== 'read') return false;
  if ([read.name, ...read.chain.map(({ name }) => name)].some((name) => /(OrFail|OrThrow)$/.test(name))) return true;
  const around = new Set([...read.chain.map((site) => site.fn), read.fn]);
  return [...around].some((key) =>
    program
      .factsOf(key)
      ?.operations.some(
        ({ effect, chain, guards }) =>
          effect.kind === 'throw' &&
          chain.length === 0 &&
          guards.some(({ test }) => [...sourcesOf(test)].some((source) => isSameAt(source.at, read.at))),
      ),
  );
}

/** How many statements the branch has sent by then, at least and at most: of ways that exclude each other, the first. */
function statementsBefore(
  operation: Operation,
  operations: readonly DatabaseOperation[],
  program: ProgramFacts,
): [least: number, most: number] {
  const sent: DatabaseOperation[] = [];
  for (const other of operations) {
    if (other.order >= operation.order || areExclusive(other, operation)) continue;
    if (!sent.some((before) => areExclusive(before, other))) sent.push(other);
  }
  const counts = sent.map((one) => statementsOf(one, program));
  return [counts.reduce((sum, [least]) => sum + least, 0), counts.reduce((sum, [, most]) => sum + most, 0)];
}

/** TypeORM looks the row of an entity up before it writes it, and one with relations by its key before it loads it. */
function statementsOf(
  { model, effect, name }: DatabaseOperation,
  program: ProgramFacts,
): [least: number, most: number] {
  if (!/^typeorm\W/.test(model)) return [1, 1];
  if (effect.action === 'save') return [2, 2];
  if (effect.action === 'delete' && name === 'remove') {
    // The keys of each relation that has a table of its own are read as well.
    const relations = [...(schemaOf(effect, program)?.relations.values() ?? [])];
    const count = 2 + relations.filter(({ kind }) => kind === 'many-to-many').length;
    return [count, count];
  }
  if (effect.action !== 'read' || effect.returns !== 'row' || effect.relations.length === 0) return [1, 1];
  return effect.relations.includes('*') ? [1, 2] : [2, 2];
}

/** Clients that refuse a statement once their transaction is over lose only the error; the others write it outside. */
function confidenceOf(
  write: DatabaseOperation,
  steps: ParallelWrites['steps'],
  writes: readonly DatabaseOperation[],
  isThrough: () => boolean,
): Confidence {
  if (writes.every(({ coarse }) => coarse)) return 'low';
  if (/^(mongoose|mongodb)\W/.test(write.model) && write.basis !== 'shape')
    return steps === 'several' ? 'high' : 'medium';
  if (steps === 'one') return 'low';
  const refuses = /^(knex|objection|sequelize|shape)\W|prisma/i.test(write.model) && write.effect.sql === undefined;
  if (refuses) return 'low';
  // An element that throws of itself, while the next query of another is a write: both are needed.
  return isThrough() ? 'medium' : 'low';
}
