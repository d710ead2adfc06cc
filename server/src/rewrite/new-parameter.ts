/**
 * Gives a function that always uses the root client a last parameter for another one, and hands it on to the functions
 * it calls that query as well. The root client is the default, so that callers outside a transaction stay as they are.
 * Only where all its queries name one client themselves, and no transaction is opened on the way.
 */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation } from '../analysis/protection.ts';
import { calleeAt, libraryOf } from '../analysis/transaction-escape.ts';
import { keyOf, type PlaceValue } from '../analysis/value.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span } from '../typescript/syntax.ts';
import { importOfClient, type NamedType, prismaClientType } from './client-import.ts';
import { countMentions } from './mention.ts';
import {
  callAt,
  callTaking,
  distinct,
  ensureNamedImport,
  ensureTypeImport,
  freshName,
  insert,
  isWithin,
  newlineOf,
  textOf,
} from './source-edit.ts';
import { nodeOf, passClient, sendThrough, takenClient } from './transaction-client.ts';

/** Edits to the callee and to its call, which stands at this depth of the operation's chain. */
export function giveParameter(
  file: SourceFile,
  { operation, depth }: { readonly operation: Operation; readonly depth: number },
  callee: FunctionFacts,
  name: string,
  program: ProgramFacts,
): readonly Edit[] | undefined {
  const site = operation.chain[depth];
  const call = site === undefined ? undefined : callAt(file, site.at);
  const widened = call === undefined ? undefined : widen(callee, name, program, []);
  const passed = call === undefined || widened === undefined ? undefined : passLast(file, call, widened.node, name);
  return widened === undefined || passed === undefined ? undefined : distinct([...widened.edits, ...passed]);
}

/** The client that `giveParameter` would make the parameter's default, and the file that names it so. */
export function defaultClient(
  callee: FunctionFacts,
  program: ProgramFacts,
): { readonly text: string; readonly file: SourceFile } | undefined {
  const widened = widen(callee, 'tx', program, []);
  return widened === undefined ? undefined : { text: widened.text, file: widened.named };
}

interface Client {
  readonly client: PlaceValue;
  /** What it is called, in this file. */
  readonly text: string;
  readonly named: SourceFile;
  readonly library: string;
  /** `user` of `prisma.user.create()`. */
  readonly members: readonly string[];
}

/** Its members are also those of what it hands the client on to. */
interface Widened extends Client {
  readonly node: FunctionNode;
  readonly edits: readonly Edit[];
}

/** Calls of calls are followed this far. */
const MOST_CALLS = 4;

function widen(
  callee: FunctionFacts,
  name: string,
  program: ProgramFacts,
  callers: readonly string[],
): Widened | undefined {
  const { node, key } = callee.fn;
  const own = program.file(callee.fn.path);
  if (own === undefined || callers.includes(key) || callers.length >= MOST_CALLS || !isWidenable(own, node))
    return undefined;
  const queries = queriesOf(callee);
  const parameter = isFree(own, node, name) ? name : freshName(own, name);
  const sent = queries && throughParameter(own, callee, queries.own, parameter);
  const handed = queries && handOn(own, queries.calls, parameter, program, [...callers, key]);
  if (queries === undefined || sent === undefined || handed === undefined) return undefined;
  const clients = [...sent.clients, ...handed.clients];
  const [first] = clients;
  if (first === undefined || clients.some((one) => !isOneClient(one, first))) return undefined;
  const members = [...new Set(clients.flatMap((one) => one.members))].sort();
  const declared = declaration(own, { ...first, members }, parameter, program);
  const list = parameterList(own, node);
  if (declared === undefined || list === undefined) return undefined;
  const recursive = queries.recursive.map((call) => passLast(own, call, node, parameter));
  if (recursive.some((edits) => edits === undefined)) return undefined;
  return {
    ...first,
    node,
    members,
    edits: [
      insert(own, list.at, `${list.comma}${declared.text}`),
      ...declared.imports,
      ...sent.edits,
      ...handed.edits,
      ...recursive.flatMap((edits) => edits ?? []),
    ],
  };
}

function isWidenable(file: SourceFile, node: FunctionNode): boolean {
  if (!/^(function|arrow|method)$/.test(node.kind) || node.parameters.some(({ rest }) => rest)) return false;
  const callee = callTaking(file, node.index)?.callee;
  const name = callee?.kind === 'identifier' || callee?.kind === 'member' ? callee.name : '';
  // The arguments may be made a key of, which a client has none to be; React compares them.
  return !/cache|memo/i.test(name) || (callee?.kind === 'identifier' && isOfReact(file, callee.variable));
}

function isOfReact(file: SourceFile, index: number | undefined): boolean {
  return index !== undefined && file.variables[index]?.import?.module === 'react';
}

function isFree(file: SourceFile, node: FunctionNode, name: string): boolean {
  return !new RegExp(`\\b${name}\\b`).test(file.text.slice(node.start, node.end));
}

// ---------------------------------------------------------------- what the function queries

interface Queries {
  /** In its body or in a closure of it. */
  readonly own: readonly Operation[];
  /** By the place of a call, one of the queries it leads to. */
  readonly calls: ReadonlyMap<number, Operation>;
  readonly recursive: readonly CallExpression[];
}

function queriesOf({ operations, fn }: FunctionFacts): Queries | undefined {
  const own: Operation[] = [];
  const calls = new Map<number, Operation>();
  const recursive = new Map<number, CallExpression>();
  for (const operation of operations) {
    const { effect, chain, transactions } = operation;
    if (effect.kind === 'transaction' || transactions.length > 0) return undefined;
    if (effect.kind === 'recursion' && chain.length === 0 && effect.callee === fn.key) {
      const call = callAt(fn.file, operation.at);
      if (call === undefined) return undefined;
      recursive.set(call.start, call);
    }
    if (!isDatabaseOperation(operation)) continue;
    const isOwn = operation.at.path === fn.path && isWithin(operation.at, fn.node.bodySpan);
    const [site] = chain;
    if (isOwn) own.push(operation);
    else if (site === undefined || site.at.path !== fn.path) return undefined;
    else if (!calls.has(site.at.start)) calls.set(site.at.start, operation);
  }
  return { own, calls, recursive: [...recursive.values()] };
}

/** One database: the same binding, or what two classes call by the same name. */
function isOneClient(a: Client, b: Client): boolean {
  if (a.library !== b.library || a.client.root.kind !== b.client.root.kind) return false;
  if (a.client.root.kind === 'this') return a.library === 'typeorm' || a.text === b.text;
  return keyOf(a.client) === keyOf(b.client);
}

function throughParameter(
  file: SourceFile,
  { fn }: FunctionFacts,
  queries: readonly Operation[],
  parameter: string,
): { edits: Edit[]; clients: Client[] } | undefined {
  const edits: Edit[] = [];
  const clients: Client[] = [];
  const uses = new Map<string, Set<number>>();
  for (const query of queries) {
    const { executor } = query;
    const library = libraryOf(query.model);
    if (executor?.kind !== 'place' || executor.root.kind === 'parameter' || !TAKERS.test(library)) return undefined;
    const call = callAt(file, query.span);
    const node = call === undefined ? undefined : nodeOf(file, call, executor);
    const sent = node === undefined ? undefined : sendThrough(file, query, executor, parameter);
    if (call === undefined || node === undefined || sent === undefined) return undefined;
    const text = textOf(file, node);
    const starts = uses.get(text) ?? new Set<number>();
    uses.set(text, starts.add(call.start));
    edits.push(...sent);
    clients.push({ client: executor, text, named: file, library, members: membersOf(file, call, text) });
  }
  // Another mention would go round the parameter.
  const body = file.text.slice(fn.node.bodySpan.start, fn.node.bodySpan.end);
  const isElsewhere = [...uses].some(([text, starts]) => countMentions(body, text) !== starts.size);
  return isElsewhere ? undefined : { edits: distinct(edits), clients };
}

function membersOf(file: SourceFile, call: CallExpression, client: string): string[] {
  let part: Expression = call.callee;
  while (part.kind === 'member' || part.kind === 'call') {
    const inner: Expression = part.kind === 'member' ? part.object : part.callee;
    if (part.kind === 'member' && textOf(file, inner) === client) return [part.name];
    part = inner;
  }
  return [];
}

/** What it calls takes the client already, or gets a parameter as well. */
function handOn(
  file: SourceFile,
  calls: Queries['calls'],
  parameter: string,
  program: ProgramFacts,
  callers: readonly string[],
): { edits: Edit[]; clients: Client[] } | undefined {
  const edits: Edit[] = [];
  const clients: Client[] = [];
  for (const query of calls.values()) {
    const [site] = query.chain;
    const callee = calleeAt(query, 0, program);
    const call = site === undefined ? undefined : callAt(file, site.at);
    if (site === undefined || call === undefined || callee === undefined) return undefined;
    if (takenClient(callee, query) !== undefined) {
      const passed = passClient(file, site.at, callee, query, parameter);
      if (passed === undefined) return undefined;
      edits.push(...passed);
      continue;
    }
    const widened = widen(callee, parameter, program, callers);
    const passed = widened === undefined ? undefined : passLast(file, call, widened.node, parameter);
    if (widened === undefined || passed === undefined) return undefined;
    edits.push(...widened.edits, ...passed);
    clients.push(widened);
  }
  return { edits, clients };
}

// ---------------------------------------------------------------- the parameter

/** Libraries whose queries can be sent through what a parameter holds. */
const TAKERS = /^(prisma|shape|pg|postgres|mysql2|drizzle-orm|kysely|knex|typeorm|sequelize|mongoose)$/;

/** Of these, a query that is given no transaction is sent as before. */
const OPTIONAL: Readonly<Record<string, { readonly module: string; readonly type: string }>> = {
  sequelize: { module: 'sequelize', type: 'Transaction' },
  mongoose: { module: 'mongoose', type: 'ClientSession' },
};

function declaration(
  file: SourceFile,
  { text, named, library, members }: Client,
  parameter: string,
  program: ProgramFacts,
): NamedType | undefined {
  const isTyped = file.language !== 'javascript';
  const optional = OPTIONAL[library];
  if (optional !== undefined) {
    if (!isTyped) return { text: parameter, imports: [] };
    // A class, which the file that opens the transaction needs as such.
    const type = (library === 'sequelize' ? ensureNamedImport : ensureTypeImport)(file, optional.module, optional.type);
    return type === undefined ? undefined : { text: `${parameter}?: ${type.name}`, imports: type.edits };
  }
  const imports = importOfClient(file, named, text);
  if (imports === undefined) return undefined;
  const value = library === 'typeorm' && !/manager$|^em$/i.test(text) ? `${text}.manager` : text;
  if (!isTyped) return { text: `${parameter} = ${value}`, imports };
  const type = typeOf(file, library, text, members, program);
  if (type === undefined) return undefined;
  return { text: `${parameter}: ${type.text} = ${value}`, imports: [...imports, ...type.imports] };
}

function typeOf(
  file: SourceFile,
  library: string,
  client: string,
  members: readonly string[],
  program: ProgramFacts,
): NamedType | undefined {
  const base = { knex: 'Knex', typeorm: 'EntityManager' }[library];
  if (base !== undefined) {
    const type = ensureTypeImport(file, library, base);
    return type === undefined ? undefined : { text: type.name, imports: type.edits };
  }
  const named = /^(prisma|shape)$/.test(library) ? prismaClientType(file, program) : undefined;
  if (named !== undefined) return named;
  // Just the members that are used: what the root client and the transaction's have in common.
  const list = members.map((member) => `'${member}'`).join(' | ');
  return { text: list === '' ? `typeof ${client}` : `Pick<typeof ${client}, ${list}>`, imports: [] };
}

function parameterList(file: SourceFile, node: FunctionNode): { at: number; comma: string } | undefined {
  const last = node.parameters.at(-1);
  const from = node.nameAt?.end ?? node.start;
  if (last !== undefined)
    return file.text.slice(from, last.start).includes('(')
      ? { at: last.end, comma: commaAfter(file, last) }
      : undefined;
  const open = file.text.slice(from, node.bodySpan.start).search(/\(\s*\)/);
  return open < 0 ? undefined : { at: from + open + 1, comma: '' };
}

/** As the last argument, behind those that the call leaves out. */
function passLast(file: SourceFile, call: CallExpression, node: FunctionNode, name: string): Edit[] | undefined {
  const { args, argsSpan } = call;
  const missing = node.parameters.length - args.length;
  if (argsSpan === undefined || missing < 0 || missing > 1 || args.some(({ kind }) => kind === 'spread-expression'))
    return undefined;
  const text = missing === 0 ? name : `undefined, ${name}`;
  const last = args.at(-1);
  return [
    last === undefined
      ? insert(file, argsSpan.start, text)
      : insert(file, last.end, `${commaAfter(file, last)}${text}`),
  ];
}

/** What follows stands on a line of its own where this one does. */
function commaAfter(file: SourceFile, { start }: Span): string {
  const line = file.text.slice(file.text.lastIndexOf('\n', start - 1) + 1, start);
  return /^[ \t]+$/.test(line) ? `,${newlineOf(file)}${line}` : ', ';
}
