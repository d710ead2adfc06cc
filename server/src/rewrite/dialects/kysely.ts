/** Kysely: expressions over columns, `numUpdatedRows`, `forUpdate`, transactions. */
import type { CallExpression, Expression, SourceFile } from '../../typescript/syntax.ts';
import { linkNamed, linksOf, receiverOf } from '../call-chain.ts';
import type { Requirement } from '../guard-text.ts';
import { objectAt, propertyValue, replaceValue } from '../object-edit.ts';
import { edit, insert, linkBefore, quoteOf, scopedName, textOf } from '../source-edit.ts';
import {
  allOf,
  clientBlock,
  type Dialect,
  type Isolation,
  isTransactionName,
  type Site,
  type TransactionBlock,
} from './dialect.ts';

export const kyselyDialect: Dialect = {
  speaks: ({ model }) => model.startsWith('kysely#'),
  data: ({ call }) => objectAt(linkNamed(call, 'set'), 0),
  relative({ file, call }, column, change, value) {
    const data = objectAt(linkNamed(call, 'set'), 0);
    if (data === undefined || propertyValue(data, column) !== value) return undefined;
    const quote = quoteOf(file);
    const eb = scopedName(file, call, ['eb', 'expression', 'builder']);
    const name = `${quote}${column}${quote}`;
    const old = change.fromNull ? `${eb}.fn.coalesce(${name}, ${eb}.lit(0))` : name;
    const text = `${eb}(${old}, ${quote}${change.operator}${quote}, ${change.amount})`;
    const replaced = replaceValue(file, data, column, text);
    return replaced === undefined
      ? undefined
      : [insert(file, data.start, `(${eb}) => (`), replaced, insert(file, data.end, ')')];
  },
  coalesces: true,
  condition({ file, call }, requirements) {
    const last = linksOf(call).at(-1);
    const texts = allOf(requirements.map((requirement) => conditionText(file, requirement)));
    if (last === undefined || texts === undefined || !/^execute/.test(last.name)) return undefined;
    return texts.map((text) => linkBefore(file, last.call, text));
  },
  outcome({ file, call, operation }) {
    const isReturning = linkNamed(call, 'returning', 'returningAll') !== undefined;
    const count = linkNamed(call, 'deleteFrom') === undefined ? 'numUpdatedRows' : 'numDeletedRows';
    if (call.nameAt === undefined || isReturning) return undefined;
    if (operation.name === 'executeTakeFirst') return { isNothing: (name) => `${name}.${count} === 0n`, edits: [] };
    return operation.name === 'execute'
      ? { isNothing: (name) => `${name}.${count} === 0n`, edits: [edit(file, call.nameAt, 'executeTakeFirst')] }
      : undefined;
  },
  lock({ file, call }) {
    const links = linksOf(call);
    if (links.some(({ name }) => /^(leftJoin|fullJoin|forUpdate|groupBy|union|distinct)$/.test(name))) return undefined;
    return [linkBefore(file, call, '.forUpdate()')];
  },
  lockRows({ file, call }, column, keys) {
    const quote = quoteOf(file);
    const name = `${quote}${column}${quote}`;
    const client = clientOf(call);
    const [table] = linkNamed(call, 'updateTable', 'deleteFrom')?.args ?? [];
    if (client === undefined || table === undefined) return undefined;
    const rows = `${textOf(file, client)}.selectFrom(${textOf(file, table)}).select(${name})`;
    const among = `.where(${name}, ${quote}in${quote}, [${keys.join(', ')}])`;
    return { line: `await ${rows}${among}.orderBy(${name}).forUpdate().execute()`, edits: [] };
  },
  isolate(file, opening) {
    const quote = quoteOf(file);
    if (opening.nameAt === undefined || linksOf(opening).at(-1)?.name !== 'execute') return undefined;
    return [linkBefore(file, opening, `.setIsolationLevel(${quote}serializable${quote})`)];
  },
  transaction: block,
};

function conditionText(file: SourceFile, { column, operator, other }: Requirement): string | undefined {
  const quote = quoteOf(file);
  const where = (comparison: string, value: string): string =>
    `.where(${quote}${column}${quote}, ${quote}${comparison}${quote}, ${value})`;
  switch (operator) {
    case 'null':
      return where('is', 'null');
    case 'not null':
      return where('is not', 'null');
    case 'true':
    case 'false':
      return where('=', operator);
    default:
      return /^([<>]=?|=|!=)$/.test(operator) ? where(operator, other) : undefined;
  }
}

function clientOf(call: CallExpression): Expression | undefined {
  const client = receiverOf(linksOf(call)[0]?.call);
  return client?.kind === 'identifier' || client?.kind === 'member' ? client : undefined;
}

function block(read: Site, _write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file, operation, call } = read;
  const client = clientOf(call);
  if (client === undefined || operation.transactions.length > 0) return undefined;
  const text = textOf(file, client);
  if (isTransactionName(text)) return undefined;
  const name = scopedName(file, call, ['trx', 'tx', 'transaction']);
  const quote = quoteOf(file);
  const level = isolation === 'serializable' ? `.setIsolationLevel(${quote}serializable${quote})` : '';
  return clientBlock(read, isolation, clientOf, {
    client,
    name,
    open: `${text}.transaction()${level}.execute(async (${name}) => {`,
    close: '})',
    lock: kyselyDialect.lock,
  });
}
