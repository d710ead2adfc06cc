/**
 * Puts a read and the write that relies on it into one transaction, with the row locked or the transaction isolated:
 * around the statements from the one to the other, or, where those wait for something else or leave in their middle,
 * with the check made once more beside the write.
 */
import type { FunctionFacts, Guard, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation, isRead, isWrite, sharedTransactions } from '../analysis/protection.ts';
import type { Edit, Fix } from '../rule.ts';
import type { AwaitExpression, Expression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { placesOf } from './column-change.ts';
import { BLOCK_DIFFERENCES, type Isolation, type Site, siteOf, type TransactionBlock } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { exitLines, guardOn, ifOf, isSpan, leaves } from './guard-text.ts';
import { retryOnConflict } from './retry-conflict.ts';
import { variablesOfRead } from './row-names.ts';
import {
  callAt,
  childExpressions,
  dedented,
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

export function inTransaction(pair: Pair, isolation: Isolation): Fix[] {
  const { file, read, write, program } = pair;
  if (read.transactions.length > 0 || write.transactions.length > 0) return [];
  const readSite = siteOf(file, read, program);
  const writeSite = siteOf(file, write, program);
  const dialect = dialectOf(read);
  if (readSite === undefined || writeSite === undefined || dialect === undefined || dialect !== dialectOf(write))
    return [];
  const home = functionAround(file, write.span);
  if (home?.async !== true || functionAround(file, read.span)?.index !== home.index) return [];
  const plain = dialect.transaction?.(readSite, writeSite, isolation);
  if (plain === undefined) return [];
  const block = plain.kind === 'serializable-transaction' ? retried(file, plain) : plain;
  const beside = (): Edit[] | undefined => checkedAgain(pair, readSite, writeSite, block);
  const isLong = linesBetween(file, read, write) > MOST_LINES;
  const around = (isLong ? beside() : undefined) === undefined ? wrapped(pair, block) : undefined;
  const edits = around ?? beside();
  if (edits === undefined) return [];
  return [
    {
      id: block.kind,
      title: TITLES[block.kind],
      applicability: 'changes-behaviour',
      difference: BLOCK_DIFFERENCES[block.kind],
      edits: [...edits, ...block.imports],
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

function linesBetween(file: SourceFile, read: Operation, write: Operation): number {
  return file.text.slice(read.span.end, write.span.start).split('\n').length;
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
  if (opening === undefined || isolated === undefined) return [];
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

function wrapped({ file, fn, read, write, program }: Pair, block: TransactionBlock): Edit[] | undefined {
  const range = rangeOf(file, read, write);
  if (range === undefined) return undefined;
  const { siblings, first, last, home } = range;
  const isWhole = siblings === home.body;
  const hasReturn = leaves(siblings.slice(first, last + 1));
  // What follows may come along when the function ends there and it waits for nothing.
  const end = hasReturn ? siblings.length - 1 : last;
  if (hasReturn && (!isWhole || siblings.slice(first, end + 1).some(hasJump))) return undefined;
  // What is called for its effect comes after the commit.
  if (siblings.slice(last + 1, end + 1).some(({ kind }) => kind === 'expression')) return undefined;
  const statements = siblings.slice(first, end + 1);
  const span = { start: statements[0]?.start ?? 0, end: statements.at(-1)?.end ?? 0 };
  const sent = sentThrough(file, fn, span, block, program);
  if (sent === undefined || assignsOuter(file, statements, span)) return undefined;
  const used = hasReturn ? [] : declaredAndUsedAfter(file, statements, span, home);
  const result = resultOf(file, statements, used, write, hasReturn);
  if (result === undefined) return undefined;
  const indent = indentationAt(file, span.start);
  const newline = newlineOf(file);
  const unit = indentUnit(file);
  const head = block.first.map((line) => `${newline}${indent}${unit}${line}`).join('');
  return [
    insert(file, span.start, `${result.before}${block.open}${head}${newline}${indent}${unit}`),
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

/** The innermost list that holds both, from the read's statement to the write's. */
function rangeOf(file: SourceFile, read: Operation, write: Operation): Range | undefined {
  const places = enclosingStatements(file, write.span);
  for (const { siblings, index, fn } of enclosingStatements(file, read.span)) {
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
  block: TransactionBlock,
  program: ProgramFacts,
): Edit[] | undefined {
  const edits: Edit[] = [];
  const known: Span[] = [];
  for (const operation of fn.operations) {
    const at = operation.chain[0]?.at ?? operation.span;
    if (at.path !== file.path || at.start < span.start || at.end > span.end) continue;
    if (isDatabaseOperation(operation)) {
      const site = siteOf(file, operation, program);
      const sent = site === undefined ? undefined : block.send(site);
      if (sent === undefined || site === undefined) return undefined;
      edits.push(...sent);
      known.push(site.call);
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
      : edits;
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
  write: Operation,
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
    if (isIt && value?.kind === 'await' && isSpan(value.operand, write.span)) {
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
function checkedAgain(pair: Pair, readSite: Site, writeSite: Site, block: TransactionBlock): Edit[] | undefined {
  const { file, read, write } = pair;
  const check = checkOf(file, read, write);
  const use = useOf(file, write);
  if (check === undefined || use === undefined) return undefined;
  const sentRead = block.send(readSite);
  const sentWrite = block.send(writeSite);
  if (sentRead === undefined || sentWrite === undefined) return undefined;
  if (block.kind === 'lock-row' && block.first.length === 0 && dialectOf(read)?.lock === undefined) return undefined;
  const { statement, exit } = check;
  const isThrown = exit.at(-1) !== undefined && exit.some((line) => line.startsWith('throw '));
  const commented = { start: startWithComments(file, statement), end: statement.end };
  const reading = reindented(file, commented, applyWithin(file, commented, sentRead).text);
  const writing = applyWithin(file, writeSite.call, sentWrite);
  const name = use.name ?? scopedName(file, write.span, ['stored', 'result', 'done']);
  const isUnused = use.kind === 'expression';
  const inner = isThrown ? dedented(file, check.around) : leaving(file, check.around, isUnused ? 'false' : 'undefined');
  const written = reindented(file, writeSite.call, writing.text);
  const end = semicolonOf(file);
  const body = [
    ...block.first,
    ...reading,
    ...inner,
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
  const removed = isMovable(pair, check, use.statement)
    ? removals(file, commented, { start: startWithComments(file, check.around), end: check.around.end })
    : [];
  return [...removed, edit(file, use.statement, text), ...writing.others];
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
}

/** A read into a name of its own, and an `if` right in the same function that leaves when it says so. */
function checkOf(file: SourceFile, read: Operation, write: Operation): Check | undefined {
  const place = statementAround(file, read.span);
  const guard = guardOn(read, write, file, 'amount', 'absent') ?? guardOn(read, write, file, 'column', 'other');
  const around = guard === undefined ? undefined : ifOf(file, guard);
  if (place?.statement.kind !== 'variable' || place.statement.declarations.length !== 1) return undefined;
  const value = place.statement.declarations[0]?.initializer;
  if (value?.kind !== 'await' || !isSpan(value.operand, read.span)) return undefined;
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
  if (exit.length === 0 || functionAround(file, guard.at)?.index !== functionAround(file, write.span)?.index)
    return undefined;
  return { guard, statement: place.statement, around, exit };
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
function useOf(file: SourceFile, write: Operation): Use | undefined {
  const statement = statementAround(file, write.span)?.statement;
  if (statement?.kind === 'expression') {
    const { expression } = statement;
    return expression.kind === 'await' && isSpan(expression.operand, write.span)
      ? { kind: 'expression', statement, name: undefined, prefix: 'await ' }
      : undefined;
  }
  if (statement?.kind === 'return' && file.text.startsWith('return', statement.start)) {
    const value = statement.value?.kind === 'await' ? statement.value.operand : statement.value;
    return value !== undefined && isSpan(value, write.span)
      ? { kind: 'return', statement, name: undefined, prefix: 'return ' }
      : undefined;
  }
  if (statement?.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  const value = declaration?.initializer;
  if (declaration?.pattern.kind !== 'variable' || value?.kind !== 'await' || !isSpan(value.operand, write.span))
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
function isMovable({ file, fn, read, write }: Pair, { statement, around, guard }: Check, at: Statement): boolean {
  const place = statementAround(file, around);
  const target = enclosingStatements(file, at).find(({ siblings }) => siblings === place?.siblings);
  if (place === undefined || target === undefined) return false;
  const span = { start: around.end, end: at.start };
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
