/**
 * Two writes of which neither makes sense alone, one after the other, outside any transaction: what one account loses
 * and another gets, a row and the rows without which it means nothing, what is deleted to be written anew. Errs
 * towards silence: a transaction that any caller opens, an executor that is handed in, a catch that takes the first
 * write back all excuse it (fixture: excused.ts).
 */
import { areExclusive } from '../../../analysis/decided.ts';
import { type FunctionFacts, type Operation, weakest } from '../../../analysis/fact.ts';
import { soundsLikeTransaction } from '../../../analysis/naming.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  concurrencyOf,
  type DatabaseOperation,
  equalitiesOf,
  isKey,
  isOwnKey,
  isPrecious,
  isRead,
  isWrite,
  plainColumn,
  sameRow,
  sameTable,
} from '../../../analysis/protection.ts';
import { isStartUp } from '../../../analysis/repetition.ts';
import { plainTable } from '../../../analysis/schema.ts';
import { sameCall } from '../../../analysis/trace.ts';
import { type FunctionKey, hasPart, rootsOf, sameValue, sourcesOf, type Value } from '../../../analysis/value.ts';
import type { Confidence } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';

export interface RelatedWrites {
  readonly fn: FunctionFacts;
  readonly first: DatabaseOperation;
  readonly second: DatabaseOperation;
  /** `child`: a row and one that refers to it. `replace`: deleted and written anew. `money`: taken here, given there. */
  readonly form: 'child' | 'replace' | 'money';
  readonly confidence: Confidence;
}

export function relatedWritesOf(fn: FunctionFacts, program: ProgramFacts): RelatedWrites[] {
  if (fn.segments === 0) return [];
  const writes = fn.operations.filter(isWrite).filter(mayStandAlone);
  if (writes.length < 2) return [];
  const found: RelatedWrites[] = [];
  for (const second of writes) {
    for (const first of writes) {
      if (first.order >= second.order) break;
      // Places first: what is written costs more to look at.
      if (sameCall(first, second) || first.segment >= second.segment) continue;
      const judged = formOf(first, second, program);
      if (judged === undefined || areExclusive(first, second) || isTakenBack(fn, first, second, program)) continue;
      if (isHandedExecutor(first) || isHandedExecutor(second)) continue;
      if (isServerAction(first, fn, program) && isServerAction(second, fn, program)) continue;
      if (isSettled(second, program)) continue;
      const coarse = first.coarse || second.coarse ? 'low' : 'high';
      const open = mayBeTransaction(first, program) ? 'low' : 'high';
      const once = isStartUp(fn, program) || MADE_AGAIN.test(fn.fn.path) ? 'low' : 'high';
      const confidence = weakest(judged.confidence, coarse, open, once, concurrencyOf(fn, second, program));
      found.push({ fn, first, second, form: judged.form, confidence });
    }
  }
  return found.length > 0 && isCalledInTransaction(fn, program) ? [] : onePerGroup(found);
}

/** What is set up once is set up again when it fails, and an index is built from what it is an index of. */
const MADE_AGAIN = /(^|\/)(setup|install|bootstrap|seeds?)\.[cm]?[jt]sx?$|(^|\/)search\//i;

const RANK: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

/** Writes that hang together, each on another, lack one transaction: of their pairs the surest, then the first. */
function onePerGroup(found: readonly RelatedWrites[]): RelatedWrites[] {
  const kept: RelatedWrites[] = [];
  const taken = new Set<Operation>();
  for (const pair of [...found].sort((a, b) => RANK[b.confidence] - RANK[a.confidence])) {
    if (taken.has(pair.first) || taken.has(pair.second)) continue;
    kept.push(pair);
    taken.add(pair.first).add(pair.second);
    for (let grown = true; grown; ) {
      const reached = found.filter(({ first, second }) => taken.has(first) !== taken.has(second));
      for (const { first, second } of reached) taken.add(first).add(second);
      grown = reached.length > 0;
    }
  }
  return kept;
}

// ---------------------------------------------------------------- what excuses it

const EXECUTOR =
  /^(tx|trx|t|transaction\w*|session|client|conn|connection|manager|entityManager|em|db|executor|ctx|knex|queryRunner|runner)$/i;

/** In no transaction, and no part of what puts things right after a failure. */
function mayStandAlone({ transactions, tries }: Operation): boolean {
  return transactions.length === 0 && !tries.some((part) => part.in === 'handler');
}

/** Goes through something the caller hands in, which may be a transaction: `trx`, `{ transaction }` of the options. */
function isHandedExecutor({ executor, effect }: DatabaseOperation): boolean {
  return [executor, ...effect.args].some(
    (value) =>
      value !== undefined &&
      (rootsOf(value).some((root) => root.kind === 'parameter' && EXECUTOR.test(root.name)) ||
        hasPart(
          value,
          (part) =>
            part.kind === 'place' &&
            part.root.kind === 'parameter' &&
            /^(tx|trx|transaction)$/.test(part.path.at(-1) ?? ''),
        )),
  );
}

/** Asked for by a component: a request of its own, which shares no transaction with the next (fixture: server-actions/form.tsx). */
function isServerAction(write: Operation, { fn }: FunctionFacts, program: ProgramFacts): boolean {
  const called = write.chain.length === 0 ? undefined : program.info(write.chain[1]?.fn ?? write.fn);
  return called !== undefined && runsOnServer(called.file) && !runsOnServer(fn.file);
}

function runsOnServer({ text }: SourceFile): boolean {
  return /^\s*['"]use server['"]/.test(text);
}

/** `Promise.allSettled` around it, or over what its function starts: that some of them fail is expected. */
function isSettled({ chain, at }: Operation, program: ProgramFacts): boolean {
  return [...chain.map((site) => site.at), at].some((place) => {
    const file = program.file(place.path);
    let info = program.enclosing(place);
    if (file === undefined || info === undefined) return false;
    // A callback is part of the function it stands in.
    for (let around = program.parentOf(info); around !== undefined && around.node.kind !== 'module'; ) {
      info = around;
      around = program.parentOf(around);
    }
    const { start, end } = info.node;
    return file.calls.some(
      ({ callee, start: from }) =>
        start <= from && from < end && callee.kind === 'member' && callee.name === 'allSettled',
    );
  });
}

/** A handler of the second's failure writes to the first's table again. */
function isTakenBack(fn: FunctionFacts, first: DatabaseOperation, second: Operation, program: ProgramFacts): boolean {
  const around = second.tries.filter((part) => part.in === 'block');
  return fn.operations.some(
    (other) =>
      isWrite(other) &&
      other.tries.some((part) => part.in === 'handler' && around.some(({ id }) => id === part.id)) &&
      sameTable(first.effect, other.effect, program),
  );
}

/** Any caller, up to three calls away, that calls it inside a transaction or is marked as one. */
function isCalledInTransaction(fn: FunctionFacts, program: ProgramFacts): boolean {
  const seen = new Set<FunctionKey>([fn.fn.key]);
  let layer: FunctionKey[] = [fn.fn.key];
  for (let depth = 0; depth < 4 && layer.length > 0; depth += 1) {
    const next: FunctionKey[] = [];
    for (const key of layer) {
      const info = program.info(key);
      if (info?.node.decorators.some(({ name }) => /transaction/i.test(name)) === true) return true;
      for (const caller of program.callersOf(key)) {
        if (seen.has(caller)) continue;
        seen.add(caller);
        next.push(caller);
        const operations = program.factsOf(caller)?.operations ?? [];
        const through = operations.filter(
          ({ fn: own, chain }) =>
            chain.length > 0 && (own === fn.fn.key || chain.some((site) => site.fn === fn.fn.key)),
        );
        if (through.some(({ transactions }) => transactions.length > 0)) return true;
      }
    }
    layer = next;
  }
  return false;
}

const handedOut = new WeakMap<ProgramFacts, boolean>();

/**
 * `this.db` of an object that a factory builds: where the project hands the transaction's client to factories,
 * `db.transaction((trx) => run(createService(trx)))`, it may be one (fixture: factories/services.ts).
 */
function mayBeTransaction({ executor }: Operation, program: ProgramFacts): boolean {
  if (executor === undefined || !rootsOf(executor).some((root) => root.kind === 'this')) return false;
  let known = handedOut.get(program);
  if (known === undefined) {
    known = program.functions.some(({ fn }) => fn.node.kind === 'module' && handsOutClient(fn.file));
    handedOut.set(program, known);
  }
  return known;
}

function handsOutClient(file: SourceFile): boolean {
  if (!/ransaction/.test(file.text)) return false;
  return file.calls.some((call) => {
    if (call.nameAt === undefined || !soundsLikeTransaction(file.text.slice(call.nameAt.start, call.nameAt.end)))
      return false;
    const callback = call.args.find((arg) => arg.kind === 'function');
    const node = callback?.kind === 'function' ? file.functions[callback.fn] : undefined;
    const pattern = node?.parameters[0]?.pattern;
    if (node === undefined || pattern?.kind !== 'variable') return false;
    return file.calls.some((inner) => {
      const [first] = inner.args;
      if (inner.start < node.start || inner.end > node.end || inner.callee.kind !== 'identifier') return false;
      return (
        first?.kind === 'identifier' &&
        first.variable === pattern.variable &&
        /^(create|make|build)|factory/i.test(inner.callee.name)
      );
    });
  });
}

// ---------------------------------------------------------------- what belongs together

interface Judged {
  readonly form: RelatedWrites['form'];
  readonly confidence: Confidence;
}

function formOf(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  if (isAside(first.effect.table) || isAside(second.effect.table)) return undefined;
  return moved(first, second, program) ?? replaced(first, second, program) ?? childOf(first, second, program);
}

/** Records about what happened, and what can be made again: nobody misses them. */
function isAside(table: string | undefined): boolean {
  if (table === undefined) return false;
  let known = asides.get(table);
  if (known === undefined) {
    known = ASIDE.test(table);
    asides.set(table, known);
  }
  return known;
}

const asides = new Map<string, boolean>();
const ASIDE =
  /log|audit|event|activit|histor|notif|job|queue|cache|session|token|outbox|visit|metric|stat(istic)?s?$|search|index|webhook|analytic|message|migration|backup|snapshot|draft|subscriber/i;

const LEDGER =
  /transaction|ledger|entr(y|ies)|payment|transfer|movement|booking|posting|order|allocation|reservation|redemption|purchase/i;

/** One balance goes down and another up, or a balance changes and the ledger says so. */
function moved(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  const taken = preciousOf(first);
  const given = preciousOf(second);
  if (taken !== undefined && given !== undefined) {
    if (!sameTable(first.effect, second.effect, program))
      return { form: 'money', confidence: sureOf(first, second, 'medium') };
    return sameRow(first, second) === 'same' ? undefined : { form: 'money', confidence: sureOf(first, second, 'high') };
  }
  if (taken === undefined && given === undefined) return undefined;
  const [other] = taken === undefined ? [first] : [second];
  const isEntry = other !== undefined && isNew(other) && LEDGER.test(other.effect.table ?? '');
  return isEntry ? { form: 'money', confidence: sureOf(first, second, 'high') } : undefined;
}

/** The balance, stock or quota that the write changes by an amount. */
function preciousOf({ effect }: DatabaseOperation): string | undefined {
  if (effect.action === 'insert' || effect.action === 'delete') return undefined;
  return effect.relative.find((column) => isPrecious(column) && !/count(er)?$|usage|limit|used|token/i.test(column));
}

function isNew({ effect }: DatabaseOperation): boolean {
  return effect.action === 'insert' || effect.action === 'save';
}

/** `DELETE … WHERE order_id = $1`, then the rows of that order again. */
function replaced(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  if (first.effect.action !== 'delete' || second.effect.action !== 'insert') return undefined;
  if (!sameTable(first.effect, second.effect, program) || second.effect.conflictHandled) return undefined;
  // All of it: for a while there is nothing, and a second run at once leaves it twice or in parts.
  if (first.effect.where?.length === 0 && isEmptied(first))
    return { form: 'replace', confidence: sureOf(first, second, 'medium') };
  const asked = equalitiesOf(first.effect);
  const hasParent = asked.some(({ column }) => isKey(column) && !isOwnKey(column, first.effect.table));
  if (!hasParent || asked.length !== (first.effect.where ?? []).length) return undefined;
  const data = [...(second.effect.data ?? [])];
  // One link of many is no set that is written anew.
  const isSame = asked.every((key) =>
    data.some(([column, value]) => plainColumn(column) === plainColumn(key.column) && sameValue(value, key.value)),
  );
  if (isSame) return { form: 'replace', confidence: sureOf(first, second, 'high') };
  // Rows that were put together elsewhere: for the same parent, as far as can be seen.
  return asked.length === 1 && data.length === 0
    ? { form: 'replace', confidence: sureOf(first, second, 'medium') }
    : undefined;
}

/** `knex('tree').truncate()`, `DELETE FROM tree`: said to be all, and not because nothing is known of the conditions. */
function isEmptied({ name, effect, loops }: DatabaseOperation): boolean {
  const isSaid =
    /^(truncate|clear|deleteAll|deleteMany|remove|destroy|del|delete)$/.test(name) || effect.sql !== undefined;
  return isSaid && loops.length === 0;
}

const PART =
  /member|role|permission|owner|item|line|detail|entr(y|ies)|password|credential|account|balance|wallet|profile|setting|config|address|recipient|participant|option|variant|price|payment|access|version|assignee|attendee|passenger|ticket|seat/i;

/** A row, and one that refers to it by the key it was given. */
function childOf(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  if (!isNew(first) || !isNew(second)) return undefined;
  const parent = first.effect.table;
  const child = second.effect.table;
  const refers = keysGiven(second).some(
    ({ column, value, sources }) => sources.has(first) || isGivenKey(first, column, value),
  );
  if (!refers) return undefined;
  const isPart =
    child !== undefined &&
    (PART.test(child) || (parent !== undefined && plainTable(child).startsWith(plainTable(parent))));
  const isFelt = isPart && !isLivedWith(first, second, program);
  return { form: 'child', confidence: isFelt ? sureOf(first, second, 'medium') : 'low' };
}

const DEFAULTS = /default|sample|demo(?![a-z])/i;
const ISSUED = /token|(?<![a-z])otp|verification|magic_?link|invit/i;

/**
 * A first row that does no harm alone: what it lacks is issued again, set up by hand, or all that would show it to
 * anybody, who then makes another (fixture: left-behind.ts).
 */
function isLivedWith(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): boolean {
  if (isPrecious(second.effect.table)) return false;
  const calls = second.chain.map(({ name }) => name);
  if (calls.some((name) => DEFAULTS.test(name) || ISSUED.test(name))) return true;
  return isMembership(first, second) && !isRefusedAgain(first, second, program);
}

/** Who belongs to something sees it; what nobody belongs to is seen by nobody. */
function isMembership(first: DatabaseOperation, second: DatabaseOperation): boolean {
  if (!/member/i.test(second.effect.table ?? '')) return false;
  return /organi[sz]ation|workspace|team|group|project|room|channel|tenant|company|board|space/i.test(
    first.effect.table ?? '',
  );
}

/** A second attempt finds the row that was left behind: by a check, or by a name that there can be once. */
function isRefusedAgain(first: DatabaseOperation, second: DatabaseOperation, program: ProgramFacts): boolean {
  const { table, data } = first.effect;
  if (table === undefined) return true;
  const isChecked = [...first.guards, ...second.guards].some(({ test }) =>
    [...sourcesOf(test)].some((read) => isRead(read) && sameTable(read.effect, first.effect, program)),
  );
  if (isChecked) return true;
  const given = new Set([...(data?.keys() ?? [])].filter((column) => !isOwnKey(column, table)).map(plainColumn));
  return program.uniqueOf(table).some((columns) => columns.every((column) => given.has(plainColumn(column))));
}

interface KeyGiven {
  readonly column: string;
  readonly value: Value;
  readonly sources: ReadonlySet<Operation>;
}

const keysOf = new WeakMap<Operation, readonly KeyGiven[]>();

/** Columns that refer to another row, with where their values come from. */
function keysGiven(write: DatabaseOperation): readonly KeyGiven[] {
  const known = keysOf.get(write);
  if (known !== undefined) return known;
  const found = [...(write.effect.data ?? [])]
    .filter(([column]) => /(id|by|parent|owner)$|^(user|order|team|account)$/i.test(column))
    .map(([column, value]) => ({ column, value, sources: sourcesOf(value) }));
  keysOf.set(write, found);
  return found;
}

/** `const team = await teams.save({ name })` gives the object itself, whose key nobody has written down. */
function isGivenKey({ effect }: DatabaseOperation, column: string, value: Value): boolean {
  if (effect.action !== 'save' || effect.table === undefined || effect.entity?.kind !== 'object') return false;
  return (
    value.kind === 'constant' && value.value === undefined && plainColumn(column) === `${plainTable(effect.table)}id`
  );
}

function sureOf(first: Operation, second: Operation, base: Confidence): Confidence {
  const isShape = [first, second].some(
    ({ basis, effect }) => basis === 'shape' && effect.kind === 'database' && effect.sql === undefined,
  );
  return isShape && base === 'high' ? 'medium' : base;
}
