/**
 * A query of a function, sent here or by helpers it calls: where its call stands in the function's file, and how it is
 * put into a transaction that is opened there. A helper is handed the transaction's client, in a parameter that it
 * gets for it where it has none.
 */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { calleeAt } from '../analysis/transaction-escape.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { importOfClient } from './client-import.ts';
import { type Dialect, type Isolation, type Site, siteOf, type TransactionBlock } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { isSpan } from './guard-text.ts';
import { giveParameter } from './new-parameter.ts';
import { callAt, textOf } from './source-edit.ts';
import { passClient, takenClient } from './transaction-client.ts';

export interface Step {
  /** In the function's own file: of the query, or of the helper. */
  readonly call: CallExpression;
  /** The query itself, where it stands. */
  readonly site: Site;
  readonly isHere: boolean;
  readonly send: (block: TransactionBlock) => readonly Edit[] | undefined;
}

export function stepOf(file: SourceFile, operation: Operation, program: ProgramFacts): Step | undefined {
  const here = siteOf(file, operation, program);
  if (here !== undefined) return { call: here.call, site: here, isHere: true, send: (block) => block.send(here) };
  const [site, ...deeper] = operation.chain;
  const call = site?.at.path === file.path ? callAt(file, site.at) : undefined;
  const callee = site === undefined ? undefined : calleeAt(operation, 0, program);
  const query = ownSite(operation, program);
  if (site === undefined || call === undefined || callee === undefined || query === undefined) return undefined;
  return {
    call,
    site: { ...query, textOf: (value) => (deeper.length > 0 ? undefined : textAtCall(file, call, callee, value)) },
    isHere: false,
    send: ({ name }) =>
      takenClient(callee, operation) === undefined
        ? giveParameter(file, { operation, depth: 0 }, callee, name, program)
        : passClient(file, site.at, callee, operation, name),
  };
}

/** The query in the function that sends it. */
function ownSite({ fn, at, span }: Operation, program: ProgramFacts): Site | undefined {
  const file = program.file(at.path);
  const own = program.factsOf(fn)?.operations.find((other) => other.chain.length === 0 && isSpan(other.span, span));
  return file === undefined || own === undefined ? undefined : siteOf(file, own, program);
}

/** What the call gives for a parameter of the helper. */
function textAtCall(
  file: SourceFile,
  call: CallExpression,
  { fn: { node } }: FunctionFacts,
  value: Expression,
): string | undefined {
  if (value.kind !== 'identifier') return undefined;
  const index = node.parameters.findIndex(
    ({ pattern }) => pattern.kind === 'variable' && pattern.variable === value.variable,
  );
  const given = call.args[index];
  return given !== undefined && /^(identifier|member|literal)$/.test(given.kind) ? textOf(file, given) : undefined;
}

/** The transaction that both are put into, as the function that calls for them opens it. */
export function blockFor(
  file: SourceFile,
  fn: FunctionFacts,
  { read, write }: { readonly read: Step; readonly write: Step },
  isolation: Isolation,
): TransactionBlock | undefined {
  const dialect: Dialect | undefined = dialectOf(read.site.operation);
  if (dialect === undefined || dialect !== dialectOf(write.site.operation)) return undefined;
  const block = dialect.transaction?.(read.site, write.site, isolation);
  if (block === undefined || (read.isHere && write.isHere)) return block;
  // A lock that the read takes itself would be taken for all callers of the helper.
  if (!read.isHere && block.kind === 'lock-row' && block.first.length === 0) return undefined;
  const named = read.isHere ? file : read.site.file;
  const imports = importOfClient(file, named, block.client);
  const isTaken = new RegExp(`(?<![.\\w$])${block.name}\\b`).test(textOf(file, fn.fn.node));
  return imports === undefined || isTaken ? undefined : { ...block, imports: [...block.imports, ...imports] };
}
