/**
 * Puts a read and the write that relies on it into one transaction, with the row locked or the transaction isolated:
 * around the statements from the one to the other, or, where those wait for something else or leave in their middle,
 * with the check made once more beside the write.
 */
import type { FunctionFacts, Guard, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation, isRead, isWrite, sharedTransactions } from '../analysis/protection.ts';
import { sourcesOf } from '../analysis/value.ts';
import type { Edit, Fix } from '../rule.ts';
import type { AwaitExpression, Expression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { placesOf } from './column-change.ts';
import { BLOCK_DIFFERENCES, type Isolation, siteOf, type TransactionBlock } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { exitLines, guardOn, ifOf, isSpan, leaves } from './guard-text.ts';
import { isTransactionRepeatable } from './repeatable.ts';
import { retryOnConflict } from './retry-conflict.ts';
import { variablesOfRead } from './row-names.ts';
import {
  callAt,
  childExpressions,
  dedented,
  distinct,
  edit,
  enclosingStatements,
  functionAround,
  indentationAt,
  indentUnit,
  insert,
  layout,
  linesWithGap,
  newlineOf,
  partsOf,
  reindented,
  type StatementPlace,
  scopedName,
  semicolonOf,
  startWithComments,
  statementAround,
  textOf,
} from './source-edit.ts';
import { blockFor, type Step, stepOf } from './step.ts';

const TITLES: Readonly<Record<TransactionBlock['kind'], string>> = {
  'lock-row': 'Read and write in one transaction that locks the row',
  'lock-parent': 'Check and write in one transaction that locks the row they belong to',
  'serializable-transaction': 'Check and write in one serializable transaction, tried again after a conflict',
};

export interface Pair {
  readonly file: SourceFile;
  readonly fn: FunctionFacts;
  readonly read: Operation;
  readonly write: Operation;
  readonly program: ProgramFacts;
}

function titleOf({ kind }: TransactionBlock, { effect }: Operation): string {
  const isSeveral = effect.kind === 'database' && effect.returns !== 'row' && kind === 'lock-row';
  return isSeveral ? 'Check and write in one transaction that locks the rows' : TITLES[kind];
}

interface Steps {
  readonly read: Step;
  readonly write: Step;
}

export function inTransaction(pair: Pair, isolation: Isolation): Fix[] {
  const { file, read, write, program } = pair;
  if (read.transactions.length > 0 || write.transactions.length > 0) return [];
  const steps = { read: stepOf(file, read, program), write: stepOf(file, write, program) };
  if (steps.read === undefined || steps.write === undefined) return [];
  const pairOfSteps: Steps = { read: steps.read, write: steps.write };
  const home = functionAround(file, steps.write.call);
  if (home?.async !== true || functionAround(file, steps.read.call)?.index !== home.index) return [];
  const plain = blockFor(file, pair.fn, pairOfSteps, isolation);
  if (plain === undefined) return [];
  const isRetried = plain.kind === 'serializable-transaction';
  // Who catches the conflict leaves nothing to try again.
  if (isRetried && [pairOfSteps.read, pairOfSteps.write].some(isSwallowed)) return [];
  const block = isRetried ? retried(file, plain) : plain;
  const beside = (): Edit[] | undefined => checkedAgain(pair, pairOfSteps, block);
  const isLong = linesBetween(file, steps.read.call, steps.write.call) > MOST_LINES;
  const around = (isLong ? beside() : undefined) === undefined ? wrapped(pair, pairOfSteps, block) : undefined;
  const edits = around ?? beside();
  if (edits === undefined) return [];
  return [
    {
      id: block.kind,
      title: titleOf(block, read),
      applicability: 'changes-behaviour',
      difference: BLOCK_DIFFERENCES[block.kind],
      edits: distinct([...edits, ...block.imports]),
      ...(block.untyped === undefined ? {} : { untyped: block.untyped }),
    },
  ];
}

/** The database aborts one of two serializable transactions that conflict: the whole runs again. */
export function retried(file: SourceFile, block: TransactionBlock): TransactionBlock {
  const { name, edits } = retryOnConflict(file);
  return {
    ...block,
    open: `${name}(() => ${block.open}`,
    close: `${block.close})`,
    imports: [...block.imports, ...edits],
  };
}

/** More than this is not put into a transaction whole, when the check alone can go to the write. */
const MOST_LINES = 40;

function linesBetween(file: SourceFile, read: Span, write: Span): number {
  return file.text.slice(read.end, write.start).split('\n').length;
}

/** A helper's own `catch` that goes on. */
function isSwallowed({ isHere, site: { operation } }: Step): boolean {
  return (
    !isHere && operation.tries.some(({ in: part, handler }) => part === 'block' && !/^(none|rethrows)$/.test(handler))
  );
}

/** For a read and a write that share a transaction already: the row is locked when it is read, or the whole is isolated. */
export function inOwnTransaction(pair: Pair, isolation: Isolation): Fix[] {
  const { file, read, write, program } = pair;
  const site = siteOf(file, read, program);
  const [shared] = sharedTransactions(read, write);
  const dialect = dialectOf(read);
  if (shared === undefined || dialect === undefined) return [];
  const locked = isolation === 'row-lock' && site !== undefined ? dialect.lock?.(site) : undefined;
  if (locked !== undefined) {
    return [
      {
        id: 'lock-row',
        title: 'Lock the row when it is read',
        applicability: 'changes-behaviour',
        difference: 'Other transactions wait for this one before they read the row for update.',
        edits: locked,
      },
    ];
  }
  const opening = shared.at.path === file.path ? callAt(file, shared.at) : undefined;
  const isolated = opening === undefined ? undefined : dialect.isolate?.(file, opening);
  const callback = opening?.args.find(({ kind }) => kind === 'function');
  if (opening === undefined || isolated === undefined || callback === undefined) return [];
  if (!isTransactionRepeatable(shared, callback, program)) return [];
  const retry = retryOnConflict(file);
  return [
    {
      id: 'serializable-transaction',
      title: 'Make the transaction serializable, and try it again after a conflict',
      applicability: 'changes-behaviour',
      difference: 'What the transaction does besides its statements happens once per attempt.',
      edits: [
        insert(file, opening.start, `${retry.name}(() => `),
        ...isolated,
        insert(file, opening.end, ')'),
        ...retry.edits,
      ],
    },
  ];
}

// ---------------------------------------------------------------- around the statements

function wrapped({ file, fn, program }: Pair, { read, write }: Steps, block: TransactionBlock): Edit[] | undefined {
  const range = rangeOf(file, read.call, write.call);
  if (range === undefined) return undefined;
  const { siblings, first, last, home } = range;
  const isWhole = siblings === home.body || /^(return|throw)$/.test(siblings.at(-1)?.kind ?? '');
  const hasReturn = leaves(siblings.slice(first, last + 1));
  // What follows may come along when the function ends there and it waits for nothing.
  const end = hasReturn ? siblings.length - 1 : last;
  if (hasReturn && (!isWhole || siblings.slice(first, end + 1).some(hasJump))) return undefined;
  // What is called for its effect comes after the commit, unless it is a query as well.
  const later = siblings.slice(last + 1, end + 1).filter(({ kind }) => kind === 'expression');
  if (later.some((statement) => !isQuery(file, fn, statement))) return undefined;
  const statements = siblings.slice(first, end + 1);
  const [head] = statements;
  const span = { start: head === undefined ? 0 : startWithComments(file, head), end: statements.at(-1)?.end ?? 0 };
  const sent = sentThrough(file, fn, span, { read, write }, block, program);
  if (sent === undefined || assignsOuter(file, statements, span)) return undefined;
  const used = hasReturn ? [] : declaredAndUsedAfter(file, statements, span, home);
  const result = resultOf(file, statements, used, write.call, hasReturn);
  if (result === undefined) return undefined;
  const indent = indentationAt(file, span.start);
  const newline = newlineOf(file);
  const unit = indentUnit(file);
  const locks = block.first.map((line) => `${newline}${indent}${unit}${line}`).join('');
  return [
    insert(file, span.start, `${result.before}${block.open}${locks}${newline}${indent}${unit}`),
    ...indented(file, span),
    ...sent,
    ...result.edits,
    insert(file, span.end, `${result.last}${newline}${indent}${block.close}${semicolonOf(file)}`),
  ];
}

interface Range {
  readonly siblings: readonly Statement[];
  readonly first: number;
  readonly last: number;
  readonly home: StatementPlace['fn'];
}

/** `await prisma.user.update(…);` */
function isQuery(file: SourceFile, fn: FunctionFacts, { start, end }: Statement): boolean {
  return fn.operations.some(
    (operation) =>
      isDatabaseOperation(operation) &&
      operation.chain.length === 0 &&
      operation.awaited &&
      operation.at.path === file.path &&
      start <= operation.span.start &&
      operation.span.end <= end,
  );
}

/** The innermost list that holds both, from the read's statement to the write's. */
function rangeOf(file: SourceFile, read: Span, write: Span): Range | undefined {
  const places = enclosingStatements(file, write);
  for (const { siblings, index, fn } of enclosingStatements(file, read)) {
    const other = places.find((place) => place.siblings === siblings);
    if (other !== undefined) return { siblings, first: index, last: other.index, home: fn };
  }
  return undefined;
}

function hasJump(statement: Statement): boolean {
  if (statement.kind === 'break' || statement.kind === 'continue') return true;
  return statement.kind === 'loop' ? false : partsOf(statement).lists.some((list) => list.some(hasJump));
}

/**
 * Edits that send all statements of the range through the transaction. Undefined when one goes elsewhere, or when the
 * range waits for something that has no place inside: a request, a message, a call that nothing is known about.
 */
function sentThrough(
  file: SourceFile,
  fn: FunctionFacts,
  span: Span,
  { read, write }: Steps,
  block: TransactionBlock,
  program: ProgramFacts,
): Edit[] | undefined {
  const edits: Edit[] = [];
  const known: Span[] = [];
  for (const operation of fn.operations) {
    const at = operation.chain[0]?.at ?? operation.span;
    if (at.path !== file.path || at.start < span.start || at.end > span.end) continue;
    if (isDatabaseOperation(operation)) {
      const step = stepOf(file, operation, program);
      const isOther = step !== undefined && !step.isHere && ![read, write].some(({ call }) => call === step.call);
      // Whole trees of queries have no place in it.
      if (isOther && (operation.loops.length > 0 || operation.chain.length > 1)) return undefined;
      const sent = step?.send(block);
      if (sent === undefined || step === undefined) return undefined;
      edits.push(...deeper(file, span, sent));
      known.push(step.call);
    } else if (/^(request|publish|lock|cache|wait|transaction|file|resource)$/.test(operation.effect.kind))
      return undefined;
  }
  // `User.query().findById(id).throwIfNotFound()` is the query and more.
  const isKnown = (operand: Span): boolean =>
    known.some(({ start, end }) => start === operand.start && end <= operand.end);
  const waits = awaitsIn(file, span).filter(({ operand }) => !isKnown(operand));
  // A lock is not held for what may take long; a snapshot may.
  return waits.length > 0 && block.kind !== 'serializable-transaction'
    ? undefined
    : waits.some(isOutside)
      ? undefined
      : distinct(edits);
}

/** A call of a service, a client: it may wait for anything. Of a plain function it is likely a computation. */
function isOutside({ operand }: AwaitExpression): boolean {
  return operand.kind !== 'call' || operand.callee.kind !== 'identifier';
}

/** Also those of nested functions: they run inside. */
function awaitsIn(file: SourceFile, span: Span): AwaitExpression[] {
  const found: AwaitExpression[] = [];
  const inExpression = (expression: Expression): void => {
    if (expression.kind === 'await' && span.start <= expression.start && expression.end <= span.end)
      found.push(expression);
    for (const child of childExpressions(expression)) inExpression(child);
  };
  const inList = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.end < span.start || statement.start > span.end) continue;
      const { expressions, lists } = partsOf(statement);
      expressions.forEach(inExpression);
      lists.forEach(inList);
    }
  };
  for (const { body } of file.functions) inList(body);
  return found;
}

/** A variable from outside that is assigned inside: the compiler no longer follows it through a callback. */
function assignsOuter(file: SourceFile, statements: readonly Statement[], span: Span): boolean {
  let found = false;
  const inExpression = (expression: Expression): void => {
    if (expression.kind === 'assign' && expression.target.kind === 'identifier') {
      const { variable } = expression.target;
      const at = variable === undefined ? undefined : file.variables[variable]?.at;
      if (at === undefined || at.start < span.start || at.end > span.end) found = true;
    }
    for (const child of childExpressions(expression)) inExpression(child);
  };
  const inList = (list: readonly Statement[]): void => {
    for (const statement of list) {
      const { expressions, lists } = partsOf(statement);
      expressions.forEach(inExpression);
      lists.forEach(inList);
    }
  };
  inList(statements);
  return found;
}

/** Names that statements declare at their own level and that the rest of the function reads. */
function declaredAndUsedAfter(
  file: SourceFile,
  statements: readonly Statement[],
  span: Span,
  home: StatementPlace['fn'],
): string[] {
  return file.variables.flatMap((variable, index) => {
    const { at, name } = variable;
    if (at.start < span.start || at.end > span.end || variable.kind === 'parameter') return [];
    const declares = statements.some(
      (statement) => statement.kind === 'variable' && statement.start <= at.start && at.end <= statement.end,
    );
    const isUsed = placesOf(file, index).some(({ start, end }) => start >= span.end && end <= home.end);
    return declares && isUsed ? [name] : [];
  });
}

/** How the transaction gives what is used after it. */
function resultOf(
  file: SourceFile,
  statements: readonly Statement[],
  used: readonly string[],
  write: Span,
  hasReturn: boolean,
): { before: string; edits: readonly Edit[]; last: string } | undefined {
  if (hasReturn) return { before: givesValue(statements) ? 'return ' : 'await ', edits: [], last: '' };
  if (used.length === 0) return { before: 'await ', edits: [], last: '' };
  const final = statements.at(-1);
  const [only, ...others] = used;
  if (only !== undefined && others.length === 0 && final?.kind === 'variable' && final.declarations.length === 1) {
    const [declaration] = final.declarations;
    const value = declaration?.initializer;
    const isIt =
      declaration?.pattern.kind === 'variable' && file.variables[declaration.pattern.variable]?.name === only;
    // `const row = await create(…)` at the end is what the transaction gives.
    if (isIt && value?.kind === 'await' && isSpan(value.operand, write)) {
      const prefix = file.text.slice(final.start, value.start);
      return {
        before: `${prefix}await `,
        edits: [edit(file, { start: final.start, end: value.operand.start }, 'return ')],
        last: '',
      };
    }
  }
  const names = others.length === 0 ? (only ?? '') : `{ ${used.join(', ')} }`;
  const indent = indentationAt(file, statements[0]?.start ?? 0) + indentUnit(file);
  return {
    before: `const ${names} = await `,
    edits: [],
    last: `${newlineOf(file)}${indent}return ${names}${semicolonOf(file)}`,
  };
}

export function givesValue(list: readonly Statement[]): boolean {
  return list.some(
    (statement) =>
      (statement.kind === 'return' && statement.value !== undefined) || partsOf(statement).lists.some(givesValue),
  );
}

/** Lines that edits bring inside stand as deep as those around them. */
export function deeper(file: SourceFile, { start, end }: Span, edits: readonly Edit[]): Edit[] {
  return edits.map((one) =>
    one.path === file.path && start <= one.start && one.end <= end
      ? { ...one, text: one.text.replaceAll('\n', `\n${indentUnit(file)}`) }
      : one,
  );
}

/** One level more at each line but the first; lines inside a template literal are its text. */
export function indented(file: SourceFile, { start, end }: Span): Edit[] {
  const edits: Edit[] = [];
  for (let at = file.text.indexOf('\n', start); at >= 0 && at < end; at = file.text.indexOf('\n', at + 1)) {
    const isInTemplate = (file.text.slice(start, at).split('`').length - 1) % 2 === 1;
    if (!isInTemplate && !/[\r\n]/.test(file.text.charAt(at + 1))) edits.push(insert(file, at + 1, indentUnit(file)));
  }
  return edits;
}

// ---------------------------------------------------------------- the check beside the write

/**
 * `const created = await client.transaction(async (tx) => { const count = await …; if (count >= limit) return undefined;
 * return tx.create(…); }); if (created === undefined) …`. The first check stays where something slow or final comes
 * between, else it moves.
 */
function checkedAgain(pair: Pair, steps: Steps, block: TransactionBlock): Edit[] | undefined {
  const { file, read, write } = pair;
  const at = steps.write.call;
  const check = checkOf(file, steps.read.call, read, write, at);
  const use = useOf(file, at);
  if (check === undefined || use === undefined || isChanged(file, check.statement, at)) return undefined;
  const sentRead = steps.read.send(block);
  const sentWrite = steps.write.send(block);
  if (sentRead === undefined || sentWrite === undefined) return undefined;
  if (block.kind === 'lock-row' && block.first.length === 0 && dialectOf(read)?.lock === undefined) return undefined;
  const { statement, exit, outer } = check;
  const isThrown = exit.at(-1) !== undefined && exit.some((line) => line.startsWith('throw '));
  const commented = { start: startWithComments(file, statement), end: statement.end };
  const readText = applyWithin(file, commented, sentRead);
  const reading = reindented(file, commented, readText.text);
  const writing = applyWithin(file, at, sentWrite);
  const name = use.name ?? scopedName(file, at, nameOfDone(write));
  const isUnused = use.kind === 'expression';
  const inner = isThrown ? dedented(file, check.around) : leaving(file, check.around, isUnused ? 'false' : 'undefined');
  const written = reindented(file, at, writing.text);
  const again = outer === undefined ? [...reading, ...inner] : within(file, outer, [...reading, ...inner]);
  const end = semicolonOf(file);
  const body = [
    ...block.first,
    ...again,
    ...(isUnused
      ? [...prefixed('await ', written, end), ...(isThrown ? [] : [`return true${end}`])]
      : prefixed('return ', written, end)),
  ];
  const opening =
    isThrown && isUnused
      ? 'await '
      : isThrown
        ? use.prefix
        : use.kind === 'return' || isUnused
          ? `const ${name} = await `
          : use.prefix;
  const lines = [
    `${opening}${block.open}`,
    ...body.map((line) => `  ${line}`),
    `${block.close}${end}`,
    ...(isThrown ? [] : exitBlock(isUnused ? `!${name}` : `${name} === undefined`, exit)),
    ...(use.kind === 'return' && !isThrown ? [`return ${name}${end}`] : []),
  ];
  const indent = indentationAt(file, use.statement.start);
  const text = layout(file, indent, lines).slice(indent.length);
  const removed = !isMovable(pair, check, use.statement)
    ? []
    : outer !== undefined
      ? [edit(file, linesWithGap(file, { start: startWithComments(file, outer), end: outer.end }), '')]
      : removals(file, commented, { start: startWithComments(file, check.around), end: check.around.end });
  return distinct([...removed, edit(file, use.statement, text), ...readText.others, ...writing.others]);
}

function nameOfDone({ effect }: Operation): [string, ...string[]] {
  const action = effect.kind === 'database' ? effect.action : undefined;
  const name = action === 'delete' ? 'removed' : action === 'update' ? 'changed' : 'stored';
  return [name, 'result', 'done'];
}

/** `if (isGlobal) { … }` around the check, once more. */
function within(file: SourceFile, outer: Statement & { kind: 'if' }, lines: readonly string[]): string[] {
  const head = { start: outer.start, end: outer.thenSpan.start };
  const written = reindented(file, head, textOf(file, head).trimEnd());
  return [...written.slice(0, -1), `${written.at(-1) ?? ''} {`, ...lines.map((line) => `  ${line}`), '}'];
}

/** `row.tags = []` since it was read: a second read would not have that. */
function isChanged(file: SourceFile, statement: Statement, at: Span): boolean {
  const between = file.text.slice(statement.end, at.start);
  const names = file.variables.filter(
    (variable) => statement.start <= variable.at.start && variable.at.end <= statement.end,
  );
  return names.some(({ name }) =>
    new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(\\.[\\w$]+)+\\s*([-+*/%|&?]*=(?![=>])|\\+\\+|--)`).test(
      between,
    ),
  );
}

function removals(file: SourceFile, statement: Span, around: Span): Edit[] {
  const first = linesWithGap(file, statement);
  const second = linesWithGap(file, around);
  const isNext = second.start <= first.end;
  return isNext
    ? [edit(file, { start: first.start, end: second.end }, '')]
    : [edit(file, first, ''), edit(file, second, '')];
}

interface Check {
  readonly guard: Guard;
  /** `const count = await …` */
  readonly statement: Statement;
  readonly around: Statement & { kind: 'if' };
  readonly exit: readonly string[];
  /** A condition under which it is checked at all. */
  readonly outer: (Statement & { kind: 'if' }) | undefined;
}

/** `if (!isNone(existing)) return …`: under a condition of its own it may be told either way, and the way on is past it. */
function pastExit(file: SourceFile, guard: Guard): Guard {
  const around = ifOf(file, guard);
  const isExit = /^(return|throw)$/.test(around?.then.at(-1)?.kind ?? '') && around?.else.length === 0;
  return isExit ? { ...guard, holds: false } : guard;
}

/** A read into a name of its own, and an `if` right in the same function that leaves when it says so. */
function checkOf(file: SourceFile, readAt: Span, read: Operation, write: Operation, at: Span): Check | undefined {
  const place = statementAround(file, readAt);
  const asked =
    guardOn(read, write, file, 'amount', 'absent') ??
    guardOn(read, write, file, 'column', 'other') ??
    // `if (!isNone(existing))`: whatever it asks.
    write.guards.find(({ at: where, test }) => where.path === file.path && sourcesOf(test).has(read));
  const guard = asked === undefined ? undefined : pastExit(file, asked);
  const around = guard === undefined ? undefined : ifOf(file, guard);
  if (place?.statement.kind !== 'variable' || place.statement.declarations.length !== 1) return undefined;
  const value = place.statement.declarations[0]?.initializer;
  if (value?.kind !== 'await' || !isSpan(value.operand, readAt)) return undefined;
  if (guard === undefined || around === undefined || guard.holds || !guard.earlyExit || around.else.length > 0)
    return undefined;
  const exit = exitLines(file, guard);
  // What was computed from the first answer would not be computed from the second.
  const declared = variablesOfRead(file, read) ?? new Set<number>();
  const own = place.statement.declarations[0]?.pattern;
  const isDirect = file.variables.every(
    (_, index) =>
      !declared.has(index) ||
      (own !== undefined &&
        own.start <= (file.variables[index]?.at.start ?? 0) &&
        (file.variables[index]?.at.end ?? 0) <= own.end) ||
      !placesOf(file, index).some(({ start, end }) => around.test.start <= start && end <= around.test.end),
  );
  const isMentioned = [...declared].some((index) =>
    placesOf(file, index).some(({ start, end }) => around.test.start <= start && end <= around.test.end),
  );
  if (!isDirect || !isMentioned) return undefined;
  if (exit.length === 0 || functionAround(file, guard.at)?.index !== functionAround(file, at)?.index) return undefined;
  const outer = conditionAround(file, place.statement, around, at);
  return outer === 'other' ? undefined : { guard, statement: place.statement, around, exit, outer };
}

/** Of a check that stands beside the write there is none; of one in an `if` of its own it is that `if`. */
function conditionAround(
  file: SourceFile,
  statement: Statement,
  around: Statement,
  at: Span,
): Check['outer'] | 'other' {
  const lists = enclosingStatements(file, at).map(({ siblings }) => siblings);
  const [own, outer] = enclosingStatements(file, around);
  if (own === undefined || lists.includes(own.siblings)) return undefined;
  const condition = outer?.statement;
  const isAll = own.siblings.length === 2 && own.siblings.includes(statement);
  const isBeside = outer !== undefined && lists.includes(outer.siblings);
  return condition?.kind === 'if' && condition.else.length === 0 && isAll && isBeside ? condition : 'other';
}

interface Use {
  readonly kind: 'expression' | 'variable' | 'return';
  readonly statement: Statement;
  /** The variable that gets the result. */
  readonly name: string | undefined;
  /** `const link = await `, `return `. */
  readonly prefix: string;
}

/** A write that is a statement of its own, or gives the one variable that a statement declares, or what is returned. */
function useOf(file: SourceFile, write: Span): Use | undefined {
  const statement = statementAround(file, write)?.statement;
  if (statement?.kind === 'expression') {
    const { expression } = statement;
    return expression.kind === 'await' && isSpan(expression.operand, write)
      ? { kind: 'expression', statement, name: undefined, prefix: 'await ' }
      : undefined;
  }
  if (statement?.kind === 'return' && file.text.startsWith('return', statement.start)) {
    const value = statement.value?.kind === 'await' ? statement.value.operand : statement.value;
    return value !== undefined && isSpan(value, write)
      ? { kind: 'return', statement, name: undefined, prefix: 'return ' }
      : undefined;
  }
  if (statement?.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  const value = declaration?.initializer;
  if (declaration?.pattern.kind !== 'variable' || value?.kind !== 'await' || !isSpan(value.operand, write))
    return undefined;
  return {
    kind: 'variable',
    statement,
    name: file.variables[declaration.pattern.variable]?.name,
    prefix: file.text.slice(statement.start, value.operand.start),
  };
}

/** The `if` with its test as it is written, and nothing but the way out. */
function leaving(file: SourceFile, around: Statement & { kind: 'if' }, value: string): string[] {
  const head = { start: around.start, end: around.thenSpan.start };
  const lines = reindented(file, head, textOf(file, head).trimEnd());
  return lines.map((line, index) =>
    index === lines.length - 1 ? `${line} return ${value}${semicolonOf(file)}` : line,
  );
}

function exitBlock(test: string, exit: readonly string[]): string[] {
  const [only, ...others] = exit;
  if (only !== undefined && others.length === 0) return [`if (${test}) ${only}`];
  return [`if (${test}) {`, ...exit.map((line) => `  ${line}`), '}'];
}

function prefixed(prefix: string, [first = '', ...others]: readonly string[], end: string): string[] {
  const lines = [prefix + first, ...others];
  return lines.map((line, index) => (index === lines.length - 1 ? line + end : line));
}

/** Nothing slow or final stands between, and nobody else looks at what was read. */
function isMovable(
  { file, fn, read, write }: Pair,
  { statement, around, guard, outer }: Check,
  at: Statement,
): boolean {
  const place = statementAround(file, outer ?? around);
  const target = enclosingStatements(file, at).find(({ siblings }) => siblings === place?.siblings);
  if (place === undefined || target === undefined) return false;
  const span = { start: (outer ?? around).end, end: at.start };
  const between = fn.operations.some((operation) => {
    const own = operation.chain[0]?.at ?? operation.at;
    if (own.path !== file.path || own.start < span.start || own.end > span.end) return false;
    return (
      isWrite(operation) || /^(request|publish|lock|cache|wait|transaction|file|resource)$/.test(operation.effect.kind)
    );
  });
  const known = fn.operations.filter(isRead).map((operation) => operation.span);
  const waits = awaitsIn(file, span).some(({ operand }) => !known.some((one) => isSpan(one, operand)));
  if (between || waits || write.order < read.order) return false;
  return (
    file.variables.every((variable, index) => {
      if (variable.at.start < statement.start || variable.at.end > statement.end) return true;
      return placesOf(file, index).every(
        ({ start, end }) =>
          (around.test.start <= start && end <= around.test.end) || (at.start <= start && end <= at.end),
      );
    }) && guard.earlyExit
  );
}
