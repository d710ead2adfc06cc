import { detachedIn } from '../../../analysis/transaction.ts';
import { calleeAt, clientParameter, type Escape, type Stray } from '../../../analysis/transaction-escape.ts';
import { keepContext, leaveFork } from '../../../rewrite/fork-context.ts';
import { giveParameter } from '../../../rewrite/new-parameter.ts';
import { distinct, freshName } from '../../../rewrite/source-edit.ts';
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

export function fixTransactionEscape(found: Escape, { program }: RuleContext): Fix[] {
  const kept = keptContext(found, { program });
  if (kept !== undefined) return [kept];
  const file = program.file(found.at.path);
  const client = file === undefined ? undefined : clientFor(file, found, { program });
  if (file === undefined || client === undefined) return [];
  const edits: Edit[] = [...client.edits];
  let passes = false;
  for (const stray of [found, ...found.others]) {
    const made = put(file, stray, client.text, { program });
    // Where nothing is in the transaction, what cannot be put into it is told by itself once something else is.
    if (made === undefined && (stray === found || found.isJoined)) return [];
    passes ||= made !== undefined && stray.operation.chain.length > stray.depth;
    edits.push(...(made ?? []));
  }
  return [
    {
      id: passes ? 'pass-client' : 'use-client',
      title: titleOf(client.text, passes, found.others.length > 0),
      applicability: 'changes-behaviour',
      difference: DIFFERENCE,
      edits: distinct(edits),
      // Another lock in one transaction.
      leaves: ['deadlock/no-victim-retry'],
      ...(found.operation.basis === 'shape' ? { untyped: [client.text] } : {}),
    },
  ];
}

/** Forks that are made while the transaction is open can stay in it. */
function keptContext(found: Escape, { program }: RuleContext): Fix | undefined {
  const edits: Edit[] = [];
  for (const { operation, depth } of [found, ...found.others]) {
    const callee = operation.chain.length > depth ? calleeAt(operation, depth, program) : undefined;
    const takesClient = callee !== undefined && clientParameter(callee, operation) !== undefined;
    const made = takesClient ? undefined : keepContext(operation, found.transaction, program);
    if (made === undefined) return undefined;
    edits.push(...made);
  }
  return {
    id: 'keep-context',
    title: "Let the fork keep the transaction's context",
    applicability: 'changes-behaviour',
    difference: DIFFERENCE,
    edits: distinct(edits),
    leaves: ['deadlock/no-victim-retry'],
  };
}

function titleOf(client: string, passes: boolean, isSeveral: boolean): string {
  if (passes) return `Pass '${client}' on to the call${isSeveral ? 's' : ''}`;
  return `Use '${client}', the transaction's client`;
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

function put(file: SourceFile, stray: Stray, name: string, { program }: RuleContext): readonly Edit[] | undefined {
  const { operation, depth, client } = stray;
  const site = operation.chain[depth];
  const isDetached = detachedIn(operation.executor) !== undefined;
  if (site === undefined)
    return isDetached ? leaveFork(file, operation, name) : sendThrough(file, operation, client, name);
  const callee = calleeAt(operation, depth, program);
  if (callee === undefined) return undefined;
  if (clientParameter(callee, operation) !== undefined) return passClient(file, site.at, callee, operation, name);
  return isDetached ? undefined : giveParameter(file, stray, callee, name, program);
}
