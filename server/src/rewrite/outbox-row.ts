/**
 * The row that an outbox gets in place of what is sent: what is sent, as the source says it, and the statement that
 * stores it in each library's way, in the transaction that the library has open.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, SourceFile, Span } from '../typescript/syntax.ts';
import { propertyValue } from './object-edit.ts';
import { callAt, enclosingStatements, ensureImport, functionAround, isWithin, quoteOf, textOf } from './source-edit.ts';

/** What is sent, as the source says it. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** `queue.add('welcome', { userId })`: the first text names it, what follows is sent. */
export function messageOf(file: SourceFile, effect: Operation): Message | undefined {
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
  const isWrapping = arg.isNew || /^(Buffer\.from|JSON\.stringify|\w+\.encode)$/.test(textOf(file, arg.callee));
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

// ---------------------------------------------------------------- the transaction it is stored in

export interface Opened {
  readonly model: string;
  /** What queries inside go through or are given: `tx`, `client`, `session`. */
  readonly client: string;
  /** What it was opened with: `sequelize`, `mongoose.connection`. */
  readonly owner: string;
}

/** The callback's parameter, the variable that it was put into, or what was told to begin. */
export function openedIn(
  file: SourceFile,
  context: TransactionContext,
  inside: Span,
  writes: readonly Operation[],
): Opened | undefined {
  const { model, at } = context;
  const call = at.path === file.path ? callAt(file, at) : undefined;
  if (call === undefined) return undefined;
  const isProject = model.startsWith('project#');
  const owner = call.callee.kind === 'member' ? textOf(file, call.callee.object) : '';
  const callback = call.args
    .map((arg) => (arg.kind === 'function' ? file.functions[arg.fn] : undefined))
    .find((node) => node !== undefined && isWithin(inside, node.bodySpan));
  if (callback !== undefined && !isProject) {
    const [first] = callback.parameters;
    const client = first?.pattern.kind === 'variable' ? file.variables[first.pattern.variable]?.name : undefined;
    return client === undefined ? undefined : { model, client, owner };
  }
  const isHere = functionAround(file, at)?.index === functionAround(file, inside)?.index;
  if (isProject || !isHere) return openedForWrite(file, inside, writes);
  const client = heldIn(file, at) ?? owner;
  return client === '' ? undefined : { model, client, owner };
}

/** `const transaction = await sequelize.transaction()` */
function heldIn(file: SourceFile, at: Span): string | undefined {
  const place = enclosingStatements(file, at)[0]?.statement;
  const pattern = place?.kind === 'variable' ? place.declarations[0]?.pattern : undefined;
  return pattern?.kind === 'variable' ? file.variables[pattern.variable]?.name : undefined;
}

/** A wrapper of the project's began it: what another statement of the same function goes through. */
function openedForWrite(file: SourceFile, inside: Span, writes: readonly Operation[]): Opened | undefined {
  const own = writes.find(
    ({ model, span }) =>
      /^(pg|mysql2?)\W/.test(model) &&
      span.path === file.path &&
      functionAround(file, span)?.index === functionAround(file, inside)?.index,
  );
  const callee = own === undefined ? undefined : callAt(file, own.span)?.callee;
  if (own === undefined || callee?.kind !== 'member') return undefined;
  const client = textOf(file, callee.object);
  return { model: own.model, client, owner: client };
}

// ---------------------------------------------------------------- one row, in each library's way

export interface Insertion {
  readonly text: string;
  /** What it needs imported. */
  readonly edits: readonly Edit[];
}

export function insertionOf(file: SourceFile, opened: Opened, message: Message): Insertion | undefined {
  const { model, client } = opened;
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
  if (/^postgres\W/.test(model)) return { text: `${client}\`${template}\``, edits: [] };
  const text = statementFor(file, opened, message);
  return text === undefined ? undefined : { text, edits: [] };
}

function statementFor(
  file: SourceFile,
  { model, client, owner }: Opened,
  { topic, payload }: Message,
): string | undefined {
  const quote = quoteOf(file);
  const json = `JSON.stringify(${payload})`;
  const sql = `${quote}INSERT INTO outbox (topic, payload) VALUES ($1, $2)${quote}`;
  const asked = sql.replace('$1, $2', '?, ?');
  if (/^(pg|pg-pool|typeorm)[#.]/.test(model)) return `${client}.query(${sql}, [${topic}, ${json}])`;
  if (/^mysql2?(\/promise)?[#.]/.test(model)) return `${client}.query(${asked}, [${topic}, ${json}])`;
  if (/^(sequelize|sequelize-typescript|@sequelize\/core)\W/.test(model)) {
    const option = client === 'transaction' ? client : `transaction: ${client}`;
    return `${owner}.query(${asked}, { replacements: [${topic}, ${json}], ${option} })`;
  }
  if (/^mongoose\W/.test(model)) {
    const option = client === 'session' ? client : `session: ${client}`;
    return `${owner}.collection(${quote}outbox${quote}).insertOne({ topic: ${topic}, payload: ${json} }, { ${option} })`;
  }
  if (/^@?mikro-orm\W/.test(model))
    return `${client}.getConnection().execute(${asked}, [${topic}, ${json}], ${quote}run${quote}, ${client}.getTransactionContext())`;
  if (/^(knex|objection)[#.]/.test(model))
    return `${client}(${quote}outbox${quote}).insert({ topic: ${topic}, payload: ${json} })`;
  if (/prisma|^shape:\$transaction/.test(model))
    return `${client}.$executeRaw\`INSERT INTO outbox (topic, payload) VALUES (\${${topic}}, \${${json}}::jsonb)\``;
  return undefined;
}
