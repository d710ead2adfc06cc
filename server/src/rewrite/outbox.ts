/**
 * Replaces an effect by a row of an outbox table, written in the transaction of the write that the effect must follow.
 * The table and the relay that sends its rows are the project's to add: the fix is a sketch that compiles. Refuses
 * where what is sent is not known yet when the row is written.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit, Fix } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { propertyValue } from './object-edit.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  functionAround,
  indentationAt,
  indentUnit,
  insertAfter,
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

const OUTBOX = {
  id: 'outbox',
  title: 'Write it to an outbox table in the same transaction',
  applicability: 'sketch',
  difference: 'The table, and a relay that sends its rows and then deletes them, are still to be written.',
} as const;

/** What is sent, as the source says it. */
interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** The effect stands inside the transaction already: its row takes its place. */
export function outboxInside(
  file: SourceFile,
  effect: Operation,
  context: TransactionContext | undefined,
): Fix | undefined {
  const place = statementOf(file, effect);
  const message = messageOf(file, effect);
  const client = context === undefined ? undefined : clientIn(file, context, placeOf(effect));
  if (place === undefined || message === undefined || client === undefined || context === undefined) return undefined;
  const insertion = insertionOf(file, context.model, client, message);
  if (insertion === undefined) return undefined;
  return {
    ...OUTBOX,
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
  return { ...OUTBOX, edits: [...edits, removal], ...untypedIn(write), ...leaves };
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

/** `queue.add('welcome', { userId })`: the first text names it, what follows is sent. */
function messageOf(file: SourceFile, effect: Operation): Message | undefined {
  const call = callAt(file, placeOf(effect));
  if (call === undefined || call.args.some(({ kind }) => kind === 'function' || kind === 'spread-expression'))
    return undefined;
  const quote = quoteOf(file);
  const [first, ...rest] = call.args;
  if (first === undefined) return undefined;
  const job = rest.length === 0 ? jobIn(first) : undefined;
  if (job !== undefined) return { topic: textOf(file, job.name), payload: onOneLine(dataText(file, job.payload)) };
  const isNamed = first.kind === 'literal' && typeof first.value === 'string';
  const sent = isNamed ? rest : call.args;
  // A topic or client of the module cannot be stored.
  if (sent.some((arg) => isHandle(file, arg))) return undefined;
  const [only] = sent;
  const payload =
    sent.length === 1 && only !== undefined
      ? dataText(file, only)
      : `[${sent.map((arg) => dataText(file, arg)).join(', ')}]`;
  const topic = isNamed ? textOf(file, first) : `${quote}${topicOf(call)}${quote}`;
  return { topic, payload: onOneLine(payload) };
}

/** `{ name: 'send-receipt', payload: { … } }`. */
function jobIn(given: Expression): { name: Expression; payload: Expression } | undefined {
  if (given.kind !== 'object' || given.properties.length !== 2) return undefined;
  const name = propertyValue(given, 'name');
  const payload = propertyValue(given, 'payload') ?? propertyValue(given, 'data');
  const isText = name?.kind === 'literal' && typeof name.value === 'string';
  return name !== undefined && isText && payload !== undefined ? { name, payload } : undefined;
}

function onOneLine(payload: string): string {
  // A line break inside a template is text, and the end of a comment.
  if (/`|\/\//.test(payload)) return payload;
  return payload.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/,\s*}/g, ' }');
}

function isHandle(file: SourceFile, arg: Expression): boolean {
  const variable = arg.kind === 'identifier' && arg.variable !== undefined ? file.variables[arg.variable] : undefined;
  return variable?.fn === 0 && variable.initializer?.kind === 'call';
}

/** `new SendMessageCommand({ … })`, `Buffer.from(JSON.stringify(order))`: what is in them. */
function dataText(file: SourceFile, arg: Expression): string {
  const inner = arg.kind === 'call' ? arg.args[0] : undefined;
  if (arg.kind !== 'call' || inner === undefined) return textOf(file, arg);
  const isWrapping = arg.isNew || /^(Buffer\.from|JSON\.stringify)$/.test(textOf(file, arg.callee));
  return isWrapping ? dataText(file, inner) : textOf(file, arg);
}

/** `mailQueue.add` is about `mailQueue`, `sendReceipt(order)` about itself. */
function topicOf(call: CallExpression): string {
  const { callee } = call;
  if (callee.kind !== 'member') return callee.kind === 'identifier' ? callee.name : 'message';
  const owner = callee.object.kind === 'member' || callee.object.kind === 'identifier' ? callee.object.name : '';
  return /^(add|send|publish|emit|enqueue|schedule|trigger|push|index|save)(Bulk|Batch|All)?$/.test(callee.name) &&
    owner !== ''
    ? owner
    : callee.name;
}

// ---------------------------------------------------------------- one row, in each library's way

interface Insertion {
  readonly text: string;
  /** What it needs imported. */
  readonly edits: readonly Edit[];
}

function insertionOf(file: SourceFile, model: string, client: string, message: Message): Insertion | undefined {
  const { topic, payload } = message;
  const literal = /^(['"])([\w/.: -]+)\1$/.exec(topic)?.[2];
  const named = literal === undefined ? `\${${topic}}` : `'${literal}'`;
  const template = `INSERT INTO outbox (topic, payload) VALUES (${named}, \${JSON.stringify(${payload})})`;
  const builder = /^(drizzle-orm|kysely)(?=[#./])/.exec(model)?.[0];
  if (builder !== undefined) {
    const { name, edits } = ensureImport(file, builder, 'sql', 'sql');
    const tagged = `${name}\`${template}\``;
    return { text: builder === 'kysely' ? `${tagged}.execute(${client})` : `${client}.execute(${tagged})`, edits };
  }
  const text = statementFor(file, model, client, message);
  return text === undefined ? undefined : { text, edits: [] };
}

function statementFor(
  file: SourceFile,
  model: string,
  client: string,
  { topic, payload }: Message,
): string | undefined {
  const quote = quoteOf(file);
  const json = `JSON.stringify(${payload})`;
  const sql = `${quote}INSERT INTO outbox (topic, payload) VALUES ($1, $2)${quote}`;
  if (/^(pg|pg-pool|typeorm)[#.]/.test(model)) return `${client}.query(${sql}, [${topic}, ${json}])`;
  if (/^mysql2?(\/promise)?[#.]/.test(model))
    return `${client}.query(${sql.replace('$1, $2', '?, ?')}, [${topic}, ${json}])`;
  if (/^knex[#.]/.test(model)) return `${client}(${quote}outbox${quote}).insert({ topic: ${topic}, payload: ${json} })`;
  if (/prisma|^shape:\$transaction/.test(model))
    return `${client}.$executeRaw\`INSERT INTO outbox (topic, payload) VALUES (\${${topic}}, \${${json}}::jsonb)\``;
  return undefined;
}

/** What queries inside go through: the callback's parameter, or what was told to begin. */
function clientIn(file: SourceFile, context: TransactionContext, inside: Span): string | undefined {
  if (context.at.path !== file.path) return undefined;
  const call = callAt(file, context.at);
  for (const arg of call?.args ?? []) {
    const node = arg.kind === 'function' ? file.functions[arg.fn] : undefined;
    if (node === undefined || node.bodySpan.start > inside.start || node.bodySpan.end < inside.end) continue;
    const [first] = node.parameters;
    return first?.pattern.kind === 'variable' ? file.variables[first.pattern.variable]?.name : undefined;
  }
  const { callee } = call ?? {};
  return callee?.kind === 'member' ? textOf(file, callee.object) : undefined;
}

// ---------------------------------------------------------------- beside the write

/** Behind the write, in its transaction. */
function besideInside(
  file: SourceFile,
  write: Operation,
  context: TransactionContext,
  sending: Sending,
): Edit[] | undefined {
  const client = clientIn(file, context, write.at);
  const [place] = enclosingStatements(file, write.at);
  if (client === undefined || place === undefined || place.statement.kind === 'return') return undefined;
  if (!isKnownAt(file, sending, place)) return undefined;
  const insertion = insertionOf(file, context.model, client, sending.message);
  return insertion === undefined
    ? undefined
    : [...insertion.edits, insertAfter(file, place.statement, rowLines(file, sending, insertion.text))];
}

interface Wrapping {
  readonly open: (name: string) => string;
  readonly name: string;
  /** The call's text with the client replaced. */
  readonly inside: (name: string) => string;
  readonly model: string;
}

/** The write gets a transaction of its own, with the row beside it. */
function besideAlone(file: SourceFile, write: Operation, sending: Sending): Edit[] | undefined {
  const [place] = enclosingStatements(file, write.at);
  const call = callAt(file, write.span);
  const wrapping = call === undefined ? undefined : wrappingOf(file, write, call);
  if (place === undefined || call === undefined || wrapping === undefined || !place.fn.async) return undefined;
  if (!isKnownAt(file, sending, place)) return undefined;
  const result = resultOf(file, place, call);
  if (result === undefined || sending.statement.start < place.statement.end) return undefined;
  const name = wrapping.name;
  const insertion = insertionOf(file, wrapping.model, name, sending.message);
  if (insertion === undefined || new RegExp(`\\b${name}\\b`).test(textOf(file, place.fn))) return undefined;
  const end = semicolonOf(file);
  const newline = newlineOf(file);
  const indent = indentationAt(file, place.statement.start);
  const inner = indent + indentUnit(file);
  const deeper = (text: string): string => text.replaceAll(newline, newline + indentUnit(file));
  const own = result.name === undefined ? '' : `const ${result.name} = `;
  const outer = result.declared === undefined ? '' : `const ${result.declared}`;
  const lines = [
    `${outer}await ${wrapping.open(name)}`,
    `${inner}${own}await ${deeper(wrapping.inside(name))}${end}`,
    ...layout(file, inner, rowLines(file, sending, insertion.text)).split(newline),
    ...(result.name === undefined ? [] : [`${inner}return ${result.name}${end}`]),
    `${indent}})${end}`,
  ];
  return [...insertion.edits, edit(file, place.statement, lines.join(newline))];
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

function wrappingOf(file: SourceFile, write: Operation, call: CallExpression): Wrapping | undefined {
  const { model } = write;
  const { callee } = call;
  if (callee.kind !== 'member') return undefined;
  const replaced =
    (span: Span, text: (name: string) => string): Wrapping['inside'] =>
    (name) =>
      file.text.slice(call.start, span.start) + text(name) + file.text.slice(span.end, call.end);
  if (/prisma/i.test(model) || (/^shape:/.test(model) && /prisma/i.test(textOf(file, callee.object)))) {
    if (callee.object.kind !== 'member') return undefined;
    const client = callee.object.object;
    const text = textOf(file, client);
    return {
      open: (name) => `${text}.$transaction(async (${name}) => {`,
      name: 'tx',
      inside: replaced(client, (name) => name),
      model: 'prisma',
    };
  }
  if (/^typeorm#(Repository|TreeRepository)/.test(model)) {
    const repository = textOf(file, callee.object);
    return {
      open: (name) => `${repository}.manager.transaction(async (${name}) => {`,
      name: 'manager',
      inside: replaced(callee.object, (name) => `${name}.withRepository(${repository})`),
      model: 'typeorm#',
    };
  }
  const builder = /^(knex|drizzle-orm|kysely)(?=[#./])/.exec(model)?.[0];
  const client = builder === undefined ? undefined : builtFrom(call, builder);
  if (builder === undefined || client === undefined || !/^(identifier|member)$/.test(client.kind)) return undefined;
  const text = textOf(file, client);
  const begin = builder === 'kysely' ? 'transaction().execute' : 'transaction';
  return {
    open: (name) => `${text}.${begin}(async (${name}) => {`,
    name: builder === 'drizzle-orm' ? 'tx' : 'trx',
    inside: replaced(client, (name) => name),
    model: `${builder}#`,
  };
}

/** `knex` of `knex('users').insert(…)`, `db` of `db.insert(users).values(…)`. */
function builtFrom(call: CallExpression, builder: string): Expression | undefined {
  let base: Expression = call;
  while (base.kind === 'call' && base.callee.kind === 'member' && base.callee.object.kind === 'call')
    base = base.callee.object;
  if (base.kind !== 'call') return undefined;
  if (builder === 'knex') return base.callee;
  return base.callee.kind === 'member' ? base.callee.object : undefined;
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
