/**
 * Replaces an effect by a row of an outbox table, written in the transaction of the write that the effect must follow.
 * The table and the relay that sends its rows are the project's to add: the fix is a sketch that compiles. Refuses
 * where what is sent is not known yet when the row is written.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit, Fix } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  functionAround,
  indentationAt,
  indentUnit,
  insertAfter,
  linesOf,
  newlineOf,
  quoteOf,
  type StatementPlace,
  semicolonOf,
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
    edits: [edit(file, place.statement, `await ${insertion}${semicolonOf(file)}`)],
    ...(/^shape|prisma/.test(context.model) ? { untyped: ['$executeRaw'] } : {}),
  };
}

/** The effect follows the transaction that holds the write, or a write that gets a transaction of its own. */
export function outboxBeside(file: SourceFile, write: Operation, effect: Operation): Fix | undefined {
  const place = statementOf(file, effect);
  const message = messageOf(file, effect);
  if (place === undefined || message === undefined || write.chain.length > 0 || write.at.path !== file.path)
    return undefined;
  const removal = edit(file, linesOf(file, emptied(file, place) ?? place.statement), '');
  const context = write.transactions.at(-1);
  const edits =
    context === undefined ? besideAlone(file, write, effect, message) : besideInside(file, write, context, message);
  return edits === undefined ? undefined : { ...OUTBOX, edits: [...edits, removal], ...untypedIn(write) };
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
  // A line break inside a template is text.
  if (payload.includes('`')) return { topic, payload };
  return { topic, payload: payload.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/,\s*}/g, ' }') };
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
  return /^(add|send|publish|emit|enqueue|schedule|trigger|push|index|save)$/.test(callee.name) && owner !== ''
    ? owner
    : callee.name;
}

// ---------------------------------------------------------------- one row, in each library's way

function insertionOf(file: SourceFile, model: string, client: string, { topic, payload }: Message): string | undefined {
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
  message: Message,
): Edit[] | undefined {
  const client = clientIn(file, context, write.at);
  const [place] = enclosingStatements(file, write.at);
  if (client === undefined || place === undefined || place.statement.kind === 'return') return undefined;
  if (!isKnownAt(file, `${message.topic} ${message.payload}`, place)) return undefined;
  const insertion = insertionOf(file, context.model, client, message);
  return insertion === undefined
    ? undefined
    : [insertAfter(file, place.statement, [`await ${insertion}${semicolonOf(file)}`])];
}

interface Wrapping {
  readonly open: (name: string) => string;
  readonly name: string;
  /** The call's text with the client replaced. */
  readonly inside: (name: string) => string;
  readonly model: string;
}

/** The write gets a transaction of its own, with the row beside it. */
function besideAlone(file: SourceFile, write: Operation, effect: Operation, message: Message): Edit[] | undefined {
  const [place] = enclosingStatements(file, write.at);
  const call = callAt(file, write.span);
  const wrapping = call === undefined ? undefined : wrappingOf(file, write, call);
  if (place === undefined || call === undefined || wrapping === undefined || !place.fn.async) return undefined;
  if (!isKnownAt(file, `${message.topic} ${message.payload}`, place)) return undefined;
  const result = resultOf(file, place, call);
  if (result === undefined || placeOf(effect).start < place.statement.end) return undefined;
  const name = wrapping.name;
  const insertion = insertionOf(file, wrapping.model, name, message);
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
    `${inner}await ${insertion}${end}`,
    ...(result.name === undefined ? [] : [`${inner}return ${result.name}${end}`]),
    `${indent}})${end}`,
  ];
  return [edit(file, place.statement, lines.join(newline))];
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
  const name = pattern.kind === 'variable' ? file.variables[pattern.variable]?.name : undefined;
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
  if (/^knex#/.test(model)) {
    let base: Expression = call;
    while (base.kind === 'call' && base.callee.kind === 'member' && base.callee.object.kind === 'call')
      base = base.callee.object;
    const client = base.kind === 'call' ? base.callee : undefined;
    if (client === undefined || !/^(identifier|member)$/.test(client.kind)) return undefined;
    const text = textOf(file, client);
    return {
      open: (name) => `${text}.transaction(async (${name}) => {`,
      name: 'trx',
      inside: replaced(client, (name) => name),
      model: 'knex#',
    };
  }
  return undefined;
}

/** Everything the text mentions is declared before the end of the statement. */
function isKnownAt(file: SourceFile, text: string, place: StatementPlace): boolean {
  const fn = functionAround(file, place.statement);
  const names = new Set(text.match(/(?<![.\w$'"`])[A-Za-z_$][\w$]*/g) ?? []);
  return ![...names].some(
    (name) => isDeclaredLater(file, fn, name, place.statement.end) || isDeclaredAround(file, name, place.statement),
  );
}

/** `const order = await source.transaction(…)`: inside it there is no `order` yet. */
function isDeclaredAround(file: SourceFile, name: string, inside: Span): boolean {
  return file.variables.some((variable) => {
    const statement = variable.name === name ? statementAround(file, variable.at)?.statement : undefined;
    return statement?.kind === 'variable' && statement.start < inside.start && inside.end < statement.end;
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
