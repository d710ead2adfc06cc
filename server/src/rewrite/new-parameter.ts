/**
 * Gives a function that always uses the root client a last parameter for another one, with the root client as default:
 * callers outside a transaction stay as they are. Only where all its queries name that client themselves.
 */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation } from '../analysis/protection.ts';
import { libraryOf } from '../analysis/transaction-escape.ts';
import { keyOf, type PlaceValue, type Value } from '../analysis/value.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { callAt, edit, freshName, insert, textOf } from './source-edit.ts';
import { textOfPlace } from './transaction-client.ts';

export function giveParameter(
  file: SourceFile,
  { operation, depth }: { readonly operation: Operation; readonly depth: number },
  callee: FunctionFacts,
  name: string,
  program: ProgramFacts,
): readonly Edit[] | undefined {
  const site = operation.chain[depth];
  const { node } = callee.fn;
  const own = program.file(callee.fn.path);
  const call = site === undefined ? undefined : callAt(file, site.at);
  if (own === undefined || call?.argsSpan === undefined || operation.chain.length !== depth + 1) return undefined;
  if (!/^(function|arrow|method)$/.test(node.kind) || node.parameters.some(({ rest }) => rest)) return undefined;
  if (call.args.length !== node.parameters.length || call.args.some(({ kind }) => kind === 'spread-expression'))
    return undefined;
  const client = commonClient(callee);
  const uses = client === undefined ? undefined : usesOf(own, callee, client);
  if (client === undefined || uses === undefined || !isSimple(operation.model)) return undefined;
  const parameter = isFree(own, callee, name) ? name : freshName(own, name);
  const text = textOfPlace(client);
  const type = own.language === 'javascript' ? '' : typeOf(text, uses);
  const list = parameterList(own, callee);
  if (type === undefined || list === undefined) return undefined;
  const last = call.args.at(-1);
  return [
    insert(own, list.at, `${list.comma}${parameter}${type} = ${text}`),
    ...uses.map(({ node: use }) => edit(own, use, parameter)),
    last === undefined ? insert(file, call.argsSpan.start, name) : insert(file, last.end, `, ${name}`),
  ];
}

function isFree(file: SourceFile, { fn: { node } }: FunctionFacts, name: string): boolean {
  return !new RegExp(`\\b${name}\\b`).test(file.text.slice(node.start, node.end));
}

/** Libraries whose transaction client has the root client's members. */
function isSimple(model: string): boolean {
  return /^(prisma|shape|pg|postgres|mysql2|drizzle-orm|kysely)$/.test(libraryOf(model));
}

/** The client that `giveParameter` would make the parameter's default, as the callee writes it. */
export function defaultClient(callee: FunctionFacts): string | undefined {
  const client = commonClient(callee);
  return client === undefined ? undefined : textOfPlace(client);
}

/** The one client that all queries of the function, and of what it calls, go through. */
function commonClient({ operations }: FunctionFacts): PlaceValue | undefined {
  let client: PlaceValue | undefined;
  for (const operation of operations) {
    if (operation.effect.kind === 'transaction' || operation.transactions.length > 0) return undefined;
    if (!isDatabaseOperation(operation)) continue;
    const executor: Value | undefined = operation.executor;
    if (operation.chain.length > 0 || executor?.kind !== 'place' || executor.root.kind === 'parameter')
      return undefined;
    if (client !== undefined && keyOf(client) !== keyOf(executor)) return undefined;
    client = executor;
  }
  return client;
}

interface Use {
  readonly node: Expression;
  /** `user` of `prisma.user.create()`. */
  readonly member: string;
}

function usesOf(file: SourceFile, { operations, fn }: FunctionFacts, client: PlaceValue): Use[] | undefined {
  const wanted = textOfPlace(client);
  const uses = new Map<number, Use>();
  for (const operation of operations) {
    if (!isDatabaseOperation(operation)) continue;
    const call = callAt(file, operation.span);
    const use = call === undefined ? undefined : useIn(file, call, wanted);
    if (use === undefined) return undefined;
    uses.set(use.node.start, use);
  }
  // Another mention would go round the parameter.
  const body = file.text.slice(fn.node.bodySpan.start, fn.node.bodySpan.end);
  const mentions = body.match(new RegExp(`(?<![\\w$.])${wanted.replaceAll('.', '\\.')}(?![\\w$])`, 'g'))?.length ?? 0;
  return mentions === uses.size ? [...uses.values()] : undefined;
}

function useIn(file: SourceFile, call: CallExpression, wanted: string): Use | undefined {
  let part: Expression = call.callee;
  while (part.kind === 'member' || part.kind === 'call') {
    const inner: Expression = part.kind === 'member' ? part.object : part.callee;
    if (part.kind === 'member' && textOf(file, inner) === wanted) return { node: inner, member: part.name };
    part = inner;
  }
  return undefined;
}

/** Just the members that are used: what the root client and the transaction's have in common. */
function typeOf(client: string, uses: readonly Use[]): string | undefined {
  const members = [...new Set(uses.map(({ member }) => `'${member}'`))].sort().join(' | ');
  return `: Pick<typeof ${client}, ${members}>`;
}

function parameterList(file: SourceFile, { fn: { node } }: FunctionFacts): { at: number; comma: string } | undefined {
  const last = node.parameters.at(-1);
  if (last !== undefined) {
    const start = node.nameAt?.end ?? node.start;
    return file.text.slice(start, last.start).includes('(') ? { at: last.end, comma: ', ' } : undefined;
  }
  const from = node.nameAt?.end ?? node.start;
  const open = file.text.slice(from, node.bodySpan.start).search(/\(\s*\)/);
  return open < 0 ? undefined : { at: from + open + 1, comma: '' };
}
