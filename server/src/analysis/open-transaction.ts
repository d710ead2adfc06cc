/**
 * Whether an effect outside the database happens while a transaction is open, and which function opened it. A
 * transaction is opened by a call, declared by a decorator, or carried in by the caller (`ctx.state.transaction`).
 * Errs towards "not open": an effect that is given the transaction is part of it, and what a hook runs comes later.
 */
import type { Location } from '../rule.ts';
import { areExclusive } from './decided.ts';
import type { FunctionFacts, Operation, TransactionContext } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import { type DatabaseOperation, isWrite, runsIn } from './protection.ts';
import { isInside } from './repetition.ts';
import { sameCall } from './trace.ts';
import { keyOf, type PlaceValue, type Value, walkValue } from './value.ts';

export interface OpenTransaction {
  readonly form: 'opened' | 'declared' | 'carried';
  /** The call that opens it, the decorator, or the write that shows that it is open. */
  readonly at: Location;
  readonly context?: TransactionContext;
  /** Where the caller left it. */
  readonly carrier?: PlaceValue;
  /** What a rollback would undo. */
  readonly writes: readonly DatabaseOperation[];
}

/** The transaction of this function that is open where the effect happens; what another function opens is told there. */
export function openTransactionAround(
  fn: FunctionFacts,
  effect: Operation,
  program: ProgramFacts,
): OpenTransaction | undefined {
  if (effect.deferred) return undefined;
  return opened(fn, effect, program) ?? carried(fn, effect);
}

function opened(fn: FunctionFacts, effect: Operation, program: ProgramFacts): OpenTransaction | undefined {
  const context =
    effect.transactions.findLast((own) => isOwn(own, fn, program)) ?? wrapped(fn, effect.transactions, program);
  if (context === undefined || isGiven(effect, context)) return undefined;
  const form = isDeclared(context) ? 'declared' : 'opened';
  return { form, at: context.at, context, writes: writesIn(fn, context) };
}

interface Known {
  readonly own: Map<TransactionContext['at'], boolean>;
  readonly writes: Map<string, readonly DatabaseOperation[]>;
  carried?: readonly { readonly write: DatabaseOperation; readonly place: PlaceValue }[];
}

const known = new WeakMap<FunctionFacts, Known>();

function knownOf(fn: FunctionFacts): Known {
  let found = known.get(fn);
  if (found === undefined) {
    found = { own: new Map(), writes: new Map() };
    known.set(fn, found);
  }
  return found;
}

function isOwn({ at }: TransactionContext, fn: FunctionFacts, program: ProgramFacts): boolean {
  const { own } = knownOf(fn);
  let answer = own.get(at);
  if (answer === undefined) {
    answer = isInside(at, fn, program);
    own.set(at, answer);
  }
  return answer;
}

/** `inTransaction((client) => …)`: a function of the project begins it, and the callback that it is given stands here. */
function wrapped(
  fn: FunctionFacts,
  transactions: readonly TransactionContext[],
  program: ProgramFacts,
): TransactionContext | undefined {
  for (const context of transactions.toReversed()) {
    const start = Number(context.site?.split('/')[0]);
    const call = Number.isNaN(start) ? undefined : fn.fn.file.calls.find(({ nameAt }) => nameAt?.start === start);
    if (call?.nameAt === undefined || !call.args.some(({ kind }) => kind === 'function')) continue;
    const at = { path: fn.fn.path, start, end: call.nameAt.end };
    if (!isInside(at, fn, program)) continue;
    return { ...context, at, model: `project#${fn.fn.file.text.slice(start, call.nameAt.end)}` };
  }
  return undefined;
}

/** Of very many writes the last say what a rollback undoes. */
const ENOUGH = 12;

function writesIn(fn: FunctionFacts, context: TransactionContext): readonly DatabaseOperation[] {
  const { writes } = knownOf(fn);
  let found = writes.get(context.id);
  if (found === undefined) {
    const last: DatabaseOperation[] = [];
    for (let index = fn.operations.length - 1; index >= 0 && last.length < ENOUGH; index -= 1) {
      const other = fn.operations[index];
      if (other === undefined || !isWrite(other)) continue;
      if (other.transactions.some((own) => own.id === context.id && runsIn(other, own))) last.unshift(other);
    }
    found = last;
    writes.set(context.id, found);
  }
  return found;
}

/** `@Transactional()` around the whole method. */
function isDeclared({ model }: TransactionContext): boolean {
  return model.includes('#@');
}

/** `boss.send(name, data, { db })`: the job is a row of the same transaction. */
function isGiven(effect: Operation, { executor }: TransactionContext): boolean {
  // An adapter made for the call: what else would it go through.
  if (effect.model.startsWith('pg-boss#') && effect.executor?.kind === 'object') return true;
  // What sends mail and requests belongs to the service that was made for the transaction, and takes no part in it.
  if (effect.effect.kind === 'request' || (effect.effect.kind === 'publish' && effect.effect.medium === 'mail'))
    return false;
  if (executor === undefined || effect.executor === undefined || executor.kind === 'unknown') return false;
  return keyOf(effect.executor).includes(keyOf(executor));
}

// ---------------------------------------------------------------- carried in

/** A middleware opened it and left it in the context; nobody else in the project can tell of it. */
function carried(fn: FunctionFacts, effect: Operation): OpenTransaction | undefined {
  if (effect.transactions.length > 0) return undefined;
  const found = carriedWrites(fn).filter(
    ({ write }) => write.order < effect.order && !sameCall(write, effect) && !areExclusive(write, effect),
  );
  const [first] = found;
  if (first === undefined || isConditional(effect, first.place)) return undefined;
  const at = first.write.chain[0]?.at ?? first.write.at;
  return { form: 'carried', at, carrier: first.place, writes: found.map(({ write }) => write) };
}

function carriedWrites(fn: FunctionFacts): NonNullable<Known['carried']> {
  const own = knownOf(fn);
  own.carried ??= fn.operations.flatMap((write) => {
    const place = isWrite(write) ? carriedIn(write.executor) : undefined;
    return place === undefined || !isWrite(write) ? [] : [{ write, place }];
  });
  return own.carried;
}

function carriedIn(executor: Value | undefined): PlaceValue | undefined {
  let found: PlaceValue | undefined;
  if (executor === undefined) return undefined;
  walkValue(executor, (part) => {
    if (part.kind !== 'place' || part.root.kind !== 'parameter' || part.path.length < 2) return false;
    if (/^(transaction|trx|tx)$/.test(part.path.at(-1) ?? '')) found ??= part;
    return found !== undefined;
  });
  return found;
}

/** `if (!ctx.state.transaction) await queue.add(…)`. */
function isConditional(effect: Operation, place: PlaceValue): boolean {
  const key = keyOf(place);
  return effect.guards.some((guard) => keyOf(guard.test).includes(key));
}

/** For messages: `that 'transaction' begins`. */
export function openedPhrase({ form, context }: OpenTransaction): string {
  switch (form) {
    case 'opened':
      return context === undefined
        ? 'it begins'
        : `that '${context.model.slice(context.model.lastIndexOf('.') + 1).replace(/^.*[#:]/, '')}' begins`;
    case 'declared':
      return 'of the whole method';
    case 'carried':
      return 'that the caller handed in';
  }
}
