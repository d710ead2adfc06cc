import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { calleeAt, clientParameter, type Escape } from '../../../analysis/transaction-escape.ts';
import { giveParameter } from '../../../rewrite/new-parameter.ts';
import { freshName } from '../../../rewrite/source-edit.ts';
import {
  type ClientName,
  clientOfCallback,
  clientOfQuery,
  passClient,
  sendThrough,
} from '../../../rewrite/transaction-client.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';

const DIFFERENCE = 'It is rolled back with the transaction, and sees what the transaction has written.';

export function fixTransactionEscape(stray: Escape, { program }: RuleContext): Fix[] {
  const file = program.file(stray.at.path);
  const client = file === undefined ? undefined : clientFor(file, stray, { program });
  if (file === undefined || client === undefined) return [];
  // A transaction that nothing was given: all that can be put into it is, or nothing.
  const queries = stray.isJoined ? [stray.operation] : [stray.operation, ...stray.others];
  const edits: Edit[] = [...client.edits];
  let passes = false;
  const done = new Set<number>();
  for (const query of queries) {
    const at = query.chain[stray.depth]?.at ?? query.at;
    if (done.has(at.start)) continue;
    done.add(at.start);
    const made = put(file, { ...stray, operation: query }, client.text, { program });
    // What cannot be put into it is told by itself once something else is in.
    if (made === undefined && query === stray.operation) return [];
    if (made === undefined) continue;
    passes ||= query.chain.length > stray.depth;
    edits.push(...made);
  }
  return [
    {
      id: passes ? 'pass-client' : 'use-client',
      title: passes ? `Pass '${client.text}' on to the call` : `Use '${client.text}', the transaction's client`,
      applicability: 'changes-behaviour',
      difference: DIFFERENCE,
      edits: unique(edits),
      // Another lock in one transaction.
      leaves: ['deadlock/no-victim-retry'],
      ...(stray.operation.basis === 'shape' ? { untyped: [client.text] } : {}),
    },
  ];
}

function clientFor(file: SourceFile, stray: Escape, { program }: RuleContext): ClientName | undefined {
  const { transaction, depth, at, inside, operation } = stray;
  const fresh = freshName(
    file,
    /knex|objection/.test(operation.model) ? 'trx' : /typeorm/.test(operation.model) ? 'manager' : 'tx',
  );
  const given =
    transaction.at.path === file.path && depth === 0 ? clientOfCallback(file, transaction.at, at, fresh) : undefined;
  if (given !== undefined) return given;
  const fromQuery = inside === undefined ? undefined : clientOfQuery(file, inside, at);
  if (fromQuery !== undefined || depth === 0) return fromQuery;
  // The function was given the transaction and only hands it on.
  const around = program.enclosing(at);
  const parameter = around?.node.parameters.find(({ typeName }) =>
    /TransactionClient|EntityManager|^Transaction$/.test(typeName ?? ''),
  );
  const name = parameter?.pattern.kind === 'variable' ? file.variables[parameter.pattern.variable]?.name : undefined;
  return name === undefined ? undefined : { text: name, edits: [] };
}

function put(
  file: SourceFile,
  stray: Escape & { operation: DatabaseOperation },
  name: string,
  { program }: RuleContext,
): readonly Edit[] | undefined {
  const { operation, depth, client } = stray;
  const site = operation.chain[depth];
  if (site === undefined) return sendThrough(file, operation, client, name);
  const callee = calleeAt(operation, depth, program);
  if (callee === undefined) return undefined;
  if (clientParameter(callee, operation) !== undefined) return passClient(file, site.at, callee, operation, name);
  return giveParameter(file, stray, callee, name, program);
}

function unique(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((made) => [`${made.path}:${made.start}:${made.end}:${made.text}`, made])).values()];
}
