/**
 * Replaces an effect by a row of an outbox table, written in the transaction of the write that the effect must follow.
 * The table and the relay that sends its rows are the project's to add: the fix is a sketch that compiles. Refuses
 * where what is sent is not known yet when the row is written.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import type { OpenTransaction } from '../analysis/open-transaction.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit, Fix } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { deeper, indented } from './in-transaction.ts';
import { isMentioned } from './mention.ts';
import { type Insertion, insertionOf, type Message, messageOf, openedIn } from './outbox-row.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  freshName,
  functionAround,
  indentationAt,
  indentUnit,
  insert,
  insertAfter,
  isWithin,
  layout,
  linesOf,
  linesWithGap,
  newlineOf,
  quoteOf,
  reindented,
  type StatementPlace,
  semicolonOf,
  startWithComments,
  statementAround,
  textOf,
} from './source-edit.ts';
import { ownUse, type TransactionUse } from './transaction-use.ts';

const OUTBOX = {
  id: 'outbox',
  title: 'Write it to an outbox table in the same transaction',
  applicability: 'sketch',
  difference: 'The table, and a relay that sends its rows and then deletes them, are still to be written.',
} as const;

const IN_DOCUMENTS =
  'A relay that sends what the collection holds and then deletes it is still to be written; the server has to be part of a replica set.';

/** The effect stands inside the transaction already: its row takes its place. */
export function outboxInside(
  file: SourceFile,
  effect: Operation,
  { context, writes }: OpenTransaction,
): Fix | undefined {
  const place = statementOf(file, effect);
  const message = messageOf(file, effect);
  const opened = context === undefined ? undefined : openedIn(file, context, placeOf(effect), writes);
  if (place === undefined || message === undefined || opened === undefined || context === undefined) return undefined;
  const insertion = insertionOf(file, opened, message);
  if (insertion === undefined) return undefined;
  return {
    ...OUTBOX,
    ...(/^mongo/.test(context.model) ? { difference: IN_DOCUMENTS } : {}),
    edits: [...insertion.edits, edit(file, place.statement, `await ${insertion.text}${semicolonOf(file)}`)],
    ...(/^shape|prisma/.test(context.model) ? { untyped: ['$executeRaw'] } : {}),
  };
}

/** The effect follows the transaction that holds the write, or a write that gets a transaction of its own. */
export function outboxBeside(file: SourceFile, write: Operation, effect: Operation): Fix | undefined {
  const place = statementOf(file, effect);
  const message = messageOf(file, effect);
  if (place === undefined || message === undefined || write.chain.length > 0 || write.at.path !== file.path)
    return undefined;
  const outer = wholeOf(file, place).statement;
  const around = emptied(file, place);
  const isWhole = around === undefined && outer !== place.statement;
  const whole = isWhole ? { start: startWithComments(file, outer), end: outer.end } : place.statement;
  const sending: Sending = { message, statement: place.statement, whole };
  const removal = edit(file, (isWhole ? linesWithGap : linesOf)(file, around ?? whole), '');
  const context = write.transactions.at(-1);
  const edits = context === undefined ? besideAlone(file, write, sending) : besideInside(file, write, context, sending);
  if (edits === undefined) return undefined;
  // One row for each: one statement could write them all.
  const leaves = isWhole ? { leaves: ['n-plus-one/query-in-loop'] as const } : {};
  const differs = /^mongo/.test(write.model) ? { difference: IN_DOCUMENTS } : {};
  return { ...OUTBOX, ...differs, edits: [...edits, removal], ...untypedIn(write), ...leaves };
}

interface Sending {
  readonly message: Message;
  readonly statement: Statement;
  /** With the condition and the loop it stands in, where these hold nothing else. */
  readonly whole: Span;
}

function wholeOf(file: SourceFile, place: StatementPlace): StatementPlace {
  const around = enclosingStatements(file, place.statement)[1];
  const { statement } = around ?? {};
  if (around === undefined || place.siblings.length !== 1 || around.fn !== place.fn) return place;
  const isCondition = statement?.kind === 'if' && statement.then === place.siblings && statement.else.length === 0;
  const isLoop = statement?.kind === 'loop' && statement.form === 'for-of' && statement.body === place.siblings;
  return isCondition || isLoop ? wholeOf(file, around) : place;
}

/** The row in place of what is sent, under the same condition. */
function rowLines(file: SourceFile, { statement, whole }: Sending, insertion: string): string[] {
  const row = edit(file, statement, `await ${insertion}${semicolonOf(file)}`);
  return reindented(file, whole, applyWithin(file, whole, [row]).text);
}

/** The `try` that would be left without anything to try. */
function emptied(file: SourceFile, { statement, siblings }: StatementPlace): Statement | undefined {
  if (siblings.length !== 1) return undefined;
  const around = enclosingStatements(file, statement)[1]?.statement;
  return around?.kind === 'try' && around.block === siblings && around.finalizer === undefined ? around : undefined;
}

/** A client that was never generated says nothing of what is passed to its callback. */
function untypedIn({ basis }: Operation): { untyped: readonly string[] } | undefined {
  return basis === 'shape' ? { untyped: ['tx', '$transaction', '$executeRaw'] } : undefined;
}

/** `await send(…);`, alone. */
function statementOf(file: SourceFile, effect: Operation): StatementPlace | undefined {
  const [place] = enclosingStatements(file, placeOf(effect));
  if (place?.statement.kind !== 'expression') return undefined;
  const { expression } = place.statement;
  const inner = expression.kind === 'await' || expression.kind === 'unary' ? expression.operand : expression;
  const call = callAt(file, placeOf(effect));
  return inner === call ? place : undefined;
}

// ---------------------------------------------------------------- beside the write

/** Behind the write, in its transaction. */
function besideInside(
  file: SourceFile,
  write: Operation,
  context: TransactionContext,
  sending: Sending,
): Edit[] | undefined {
  const opened = openedIn(file, context, write.at, [write]);
  const [place] = enclosingStatements(file, write.at);
  if (opened === undefined || place === undefined || place.statement.kind === 'return') return undefined;
  if (!isKnownAt(file, sending, place)) return undefined;
  const insertion = insertionOf(file, opened, sending.message);
  return insertion === undefined
    ? undefined
    : [...insertion.edits, insertAfter(file, place.statement, rowLines(file, sending, insertion.text))];
}

/** The write gets a transaction of its own, with the row beside it. */
function besideAlone(file: SourceFile, write: Operation, sending: Sending): Edit[] | undefined {
  const [place] = enclosingStatements(file, write.at);
  const call = callAt(file, write.span);
  if (place === undefined || call === undefined || !place.fn.async || !isKnownAt(file, sending, place))
    return undefined;
  if (sending.statement.start < place.statement.end || !isSentWhenever(file, place, sending)) return undefined;
  const alone: Alone = { place, call, sending };
  if (/^mongoose\W/.test(write.model) && write.name === 'create') return constructed(file, write, alone);
  const use = isUnitOfWork(write) ? undefined : ownUse(file, write);
  if (use === undefined) return undefined;
  const { form, client } = use;
  const name = isMentioned(textOf(file, place.fn), form.name) ? freshName(file, form.name) : form.name;
  const model = form.connection === undefined && /^shape/.test(write.model) ? 'prisma' : write.model;
  const insertion = insertionOf(file, { model, client: name, owner: client }, sending.message);
  if (insertion === undefined) return undefined;
  const edits =
    form.connection === undefined
      ? inCallback(file, alone, { ...use, name }, insertion)
      : inStatements(file, alone, { ...use, name }, insertion);
  return edits === undefined ? undefined : [...insertion.edits, ...edits];
}

interface Alone {
  readonly place: StatementPlace;
  readonly call: CallExpression;
  readonly sending: Sending;
}

interface NamedUse extends TransactionUse {
  /** Of what the queries inside go through. */
  readonly name: string;
}

/** What `flush` writes was changed in another entity manager than the transaction's. */
function isUnitOfWork({ model, name }: Operation): boolean {
  return (
    /^@?mikro-orm\W/.test(model) &&
    !/^(insert|insertMany|upsert|nativeUpdate|nativeDelete|persistAndFlush|removeAndFlush)$/.test(name)
  );
}

/** `const order = await db.transaction(async (tx) => { const order = await tx…; await tx…outbox; return order; })`. */
function inCallback(
  file: SourceFile,
  { place, call, sending }: Alone,
  { form, client, name, inside }: NamedUse,
  insertion: Insertion,
): Edit[] | undefined {
  const written = applyWithin(file, call, inside(name));
  const result = resultOf(file, place, call);
  const opening = form.open?.(client, name);
  if (result === undefined || opening === undefined || written.others.length > 0) return undefined;
  if (form.givesNothing === true && result.name !== undefined) return undefined;
  const end = semicolonOf(file);
  const newline = newlineOf(file);
  const indent = indentationAt(file, place.statement.start);
  const inner = indent + indentUnit(file);
  const lower = (text: string): string => text.replaceAll(newline, newline + indentUnit(file));
  const own = result.name === undefined ? '' : `const ${result.name} = `;
  const outer = result.declared === undefined ? '' : `const ${result.declared}`;
  const lines = [
    `${outer}await ${opening}`,
    `${inner}${own}await ${lower(written.text)}${end}`,
    ...layout(file, inner, rowLines(file, sending, insertion.text)).split(newline),
    ...(result.name === undefined ? [] : [`${inner}return ${result.name}${end}`]),
    `${indent}${form.close ?? '})'}${end}`,
  ];
  return [edit(file, place.statement, lines.join(newline))];
}

/** `BEGIN`, the write, the row and `COMMIT`, on a client that is taken for them. */
function inStatements(
  file: SourceFile,
  { place, sending }: Alone,
  { form, client, name, inside }: NamedUse,
  insertion: Insertion,
): Edit[] | undefined {
  const { connection } = form;
  const handedBack = handedBackBy(file, place, sending);
  if (connection === undefined || handedBack === 'other') return undefined;
  const { statement } = place;
  const end = semicolonOf(file);
  const indent = indentationAt(file, statement.start);
  const newline = newlineOf(file);
  const step = (text: string): string => `  await ${name}.${text.replaceAll('#', quoteOf(file))}${end}`;
  const isTaken = isMentioned(textOf(file, statement) + insertion.text, 'error');
  const error = isTaken ? freshName(file, 'error') : 'error';
  const before = [`const ${name} = await ${client}.${connection.connect}${end}`, 'try {', step(connection.begin)];
  const after = [
    ...deeperLines(rowLines(file, sending, insertion.text)),
    step(connection.commit),
    ...(handedBack === undefined ? [] : deeperLines(reindented(file, handedBack, textOf(file, handedBack)))),
    `} catch (${error}) {`,
    step(connection.rollback),
    `  throw ${error}${end}`,
    '} finally {',
    `  ${name}.release()${end}`,
    '}',
  ];
  const head = layout(file, indent, before).slice(indent.length);
  return [
    insert(file, statement.start, `${head}${newline}${indent}${indentUnit(file)}`),
    ...indented(file, statement),
    ...deeper(file, statement, inside(name)),
    insert(file, statement.end, `${newline}${layout(file, indent, after)}`),
    ...(handedBack === undefined ? [] : [edit(file, linesWithGap(file, handedBack), '')]),
  ];
}

function deeperLines(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** The `return` that names what the write gave, where nothing else follows; `other` where something else needs it. */
function handedBackBy(
  file: SourceFile,
  { statement, siblings, index }: StatementPlace,
  { statement: sent, whole }: Sending,
): Statement | 'other' | undefined {
  const [place] = enclosingStatements(file, sent);
  const removed = (place === undefined ? undefined : emptied(file, place)) ?? whole;
  const rest = siblings.slice(index + 1).filter(({ start, end }) => start < removed.start || removed.end < end);
  const names = file.variables.filter(({ at }) => isWithin(at, statement));
  // What is sent is known in time, and goes along.
  const textLeft = (later: Statement): string =>
    isWithin(whole, later)
      ? file.text.slice(later.start, whole.start) + file.text.slice(whole.end, later.end)
      : textOf(file, later);
  const [first] = rest.filter((later) => names.some(({ name }) => isMentioned(textLeft(later), name)));
  if (first === undefined) return undefined;
  const isPlain = first.kind === 'return' && rest.length === 1 && !/\bawait\b|\(/.test(textOf(file, first));
  return isPlain ? first : 'other';
}

/** Whoever gets past the write gets to what is sent, or its condition goes along. */
function isSentWhenever(file: SourceFile, { siblings }: StatementPlace, { whole }: Sending): boolean {
  let inner: readonly Statement[] | undefined;
  for (const place of enclosingStatements(file, whole)) {
    const { statement } = place;
    if (inner !== undefined && !(statement.kind === 'try' && statement.block === inner)) return false;
    if (place.siblings === siblings) return true;
    inner = place.siblings;
  }
  return false;
}

/** `const order = new Order({ … })`, saved in the transaction: what the callback gives is lost in some versions. */
function constructed(file: SourceFile, write: Operation, { place, call, sending }: Alone): Edit[] | undefined {
  const result = resultOf(file, place, call);
  const [row, another] = call.args;
  if (result === undefined || call.callee.kind !== 'member' || row?.kind !== 'object' || another !== undefined)
    return undefined;
  const model = textOf(file, call.callee.object);
  const session = 'session';
  const name = result.name ?? 'document';
  const taken = result.name === undefined ? [session, name] : [session];
  if (taken.some((one) => isMentioned(textOf(file, place.fn), one)) || result.declared?.includes('[') === true)
    return undefined;
  const owner = `${model}.db`;
  const insertion = insertionOf(file, { model: write.model, client: session, owner }, sending.message);
  if (insertion === undefined) return undefined;
  const end = semicolonOf(file);
  const [first = '', ...others] = reindented(file, row, textOf(file, row));
  const lines = [
    ...[`const ${result.declared ?? `${name} = `}new ${model}(${first}`, ...others].map((line, at, all) =>
      at === all.length - 1 ? `${line})${end}` : line,
    ),
    `await ${owner}.transaction(async (${session}) => {`,
    `  await ${name}.save({ ${session} })${end}`,
    ...deeperLines(rowLines(file, sending, insertion.text)),
    `})${end}`,
  ];
  const indent = indentationAt(file, place.statement.start);
  return [...insertion.edits, edit(file, place.statement, layout(file, indent, lines).slice(indent.length))];
}

interface Result {
  readonly name: string | undefined;
  /** `order: Order = `, as it was declared. */
  readonly declared?: string;
}

/** `const order = await write` or `await write`; anything else keeps its shape. */
function resultOf(file: SourceFile, { statement }: StatementPlace, call: CallExpression): Result | undefined {
  const isCall = (value: Expression | undefined): boolean => value?.kind === 'await' && value.operand === call;
  if (statement.kind === 'expression') return isCall(statement.expression) ? { name: undefined } : undefined;
  const [declaration, another] = statement.kind === 'variable' ? statement.declarations : [];
  if (declaration?.initializer === undefined || another !== undefined || !isCall(declaration.initializer))
    return undefined;
  const { pattern, initializer } = declaration;
  const text = textOf(file, pattern);
  // `[row]` of a `RETURNING` is declared again as it was.
  const isFirst = pattern.kind === 'array-pattern' && /^\[[\w$]+\]$/.test(text);
  const name = pattern.kind === 'variable' ? file.variables[pattern.variable]?.name : isFirst ? text : undefined;
  if (name === undefined || !textOf(file, statement).startsWith('const')) return undefined;
  return { name, declared: file.text.slice(pattern.start, initializer.start) };
}

/** Everything that is sent, and asked before, is declared before the end of the statement. */
function isKnownAt(file: SourceFile, { message, statement, whole }: Sending, place: StatementPlace): boolean {
  const fn = functionAround(file, place.statement);
  const head = file.text.slice(whole.start, statement.start);
  const text = `${head} ${message.topic} ${message.payload}`;
  const names = new Set(text.match(/(?<![.\w$'"`])[A-Za-z_$][\w$]*/g) ?? []);
  const own = new Set(
    file.variables.filter(({ at }) => whole.start <= at.start && at.end <= statement.start).map(({ name }) => name),
  );
  return ![...names].some(
    (name) =>
      !own.has(name) &&
      (isDeclaredLater(file, fn, name, place.statement.end) || isDeclaredAround(file, name, place.statement)),
  );
}

/** `const order = await source.transaction(…)`: inside it there is no `order` yet. */
function isDeclaredAround(file: SourceFile, name: string, inside: Span): boolean {
  return file.variables.some((variable) => {
    const statement = variable.name === name ? statementAround(file, variable.at)?.statement : undefined;
    if (statement?.kind !== 'variable' || statement.start >= inside.start || inside.end >= statement.end) return false;
    // A parameter of the function that the statement names is another matter.
    return statement.declarations.some(
      ({ pattern }) => pattern.start <= variable.at.start && variable.at.end <= pattern.end,
    );
  });
}

function isDeclaredLater(file: SourceFile, fn: FunctionNode | undefined, name: string, end: number): boolean {
  const inside = file.variables.filter((variable) => variable.name === name && variable.fn === fn?.index);
  if (inside.length === 0 || fn === undefined) return false;
  const declared = new RegExp(`\\b(const|let|var)\\b[^=;]*\\b${name.replaceAll('$', '\\$')}\\b`).exec(
    file.text.slice(fn.bodySpan.start, fn.bodySpan.end),
  );
  return declared !== null && fn.bodySpan.start + declared.index >= end;
}
