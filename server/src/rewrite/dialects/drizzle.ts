/** Drizzle: columns in SQL templates, conditions as functions, `returning`, `for('update')`. */
import type { Edit } from '../../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../../typescript/syntax.ts';
import { linkNamed, linksOf, receiverOf } from '../call-chain.ts';
import type { Requirement } from '../guard-text.ts';
import { objectAt, propertyValue, replaceValue } from '../object-edit.ts';
import { distinct, ensureNamedImport, insert, quoteOf, scopedName, textOf } from '../source-edit.ts';
import {
  allOf,
  clientBlock,
  type Dialect,
  type Isolation,
  isTransactionName,
  type Site,
  type TransactionBlock,
} from './dialect.ts';

export const drizzleDialect: Dialect = {
  speaks: ({ model }) => model.startsWith('drizzle-orm#'),
  data: ({ call }) => objectAt(linkNamed(call, 'set'), 0),
  relative({ file, call }, column, change, value) {
    const data = objectAt(linkNamed(call, 'set'), 0);
    const table = tableOf(call);
    if (data === undefined || table === undefined || propertyValue(data, column) !== value) return undefined;
    const sql = ensureNamedImport(file, 'drizzle-orm', 'sql');
    const old = `\${${textOf(file, table)}.${column}}`;
    const text = `${sql.name}\`${change.fromNull ? `COALESCE(${old}, 0)` : old} ${change.operator} \${${change.amount}}\``;
    const replaced = replaceValue(file, data, column, text);
    return replaced === undefined ? undefined : [replaced, ...sql.edits];
  },
  coalesces: true,
  condition({ file, call }, requirements) {
    const table = tableOf(call);
    const where = linkNamed(call, 'where');
    const [given] = where?.args ?? [];
    if (table === undefined || given === undefined || where?.args.length !== 1) return undefined;
    const written = allOf(requirements.map((requirement) => conditionText(file, textOf(file, table), requirement)));
    if (written === undefined) return undefined;
    const text = written.map((one) => `, ${one.text}`).join('');
    const imports = distinct(written.flatMap(({ edits }) => edits));
    if (given.kind === 'call' && given.callee.kind === 'identifier' && given.callee.name === 'and') {
      const last = given.args.at(-1);
      return last === undefined ? undefined : [insert(file, last.end, text), ...imports];
    }
    const and = ensureNamedImport(file, 'drizzle-orm', 'and');
    return [
      insert(file, given.start, `${and.name}(`),
      insert(file, given.end, `${text})`),
      ...distinct([...and.edits, ...imports]),
    ];
  },
  /** The rows that come back say how many there were, on every database but MySQL. */
  outcome({ file, call }) {
    const table = tableOf(call);
    const column = propertyNames(call)[0];
    if (isMysql(file) || table === undefined || column === undefined) return undefined;
    const isNothing = (name: string): string => `${name}.length === 0`;
    if (linkNamed(call, 'returning') !== undefined) return { isNothing, edits: [] };
    return {
      isNothing,
      edits: [insert(file, call.end, `.returning({ ${column}: ${textOf(file, table)}.${column} })`)],
    };
  },
  lock({ file, call }) {
    const names = linksOf(call).map(({ name }) => name);
    if (!names.includes('from') || names.some((name) => /^(leftJoin|fullJoin|for|findFirst|findMany)$/.test(name)))
      return undefined;
    return [insert(file, call.end, `.for(${quoteOf(file)}update${quoteOf(file)})`)];
  },
  lockRows({ file, call }, column, keys) {
    const client = clientOf(call);
    const table = tableOf(call);
    if (client === undefined || table === undefined) return undefined;
    const among = ensureNamedImport(file, 'drizzle-orm', 'inArray');
    const quote = quoteOf(file);
    const rows = textOf(file, table);
    const found = `.where(${among.name}(${rows}.${column}, [${keys.join(', ')}])).orderBy(${rows}.${column})`;
    return {
      line: `await ${textOf(file, client)}.select().from(${rows})${found}.for(${quote}update${quote})`,
      edits: among.edits,
    };
  },
  isolate(file, opening) {
    const [first] = opening.args;
    if (opening.args.length !== 1 || first?.kind !== 'function') return undefined;
    return [insert(file, first.end, `, { isolationLevel: ${quoteOf(file)}serializable${quoteOf(file)} }`)];
  },
  transaction: block,
};

function tableOf(call: CallExpression): Expression | undefined {
  const [table] = linkNamed(call, 'update', 'delete')?.args ?? [];
  return table?.kind === 'identifier' || table?.kind === 'member' ? table : undefined;
}

function propertyNames(call: CallExpression): string[] {
  const data = objectAt(linkNamed(call, 'set'), 0);
  return (data?.properties ?? []).flatMap((property) =>
    property.kind === 'property' && property.key !== undefined ? [property.key] : [],
  );
}

function isMysql(file: SourceFile): boolean {
  return file.imports.some(({ module }) => /drizzle-orm\/(mysql|planetscale|tidb|singlestore)/.test(module));
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '>=': 'gte',
  '>': 'gt',
  '<=': 'lte',
  '<': 'lt',
  null: 'isNull',
  'not null': 'isNotNull',
  true: 'eq',
  false: 'eq',
};

function conditionText(
  file: SourceFile,
  table: string,
  { column, operator, other }: Requirement,
): { text: string; edits: readonly Edit[] } | undefined {
  const name = FUNCTIONS[operator];
  if (name === undefined) return undefined;
  const imported = ensureNamedImport(file, 'drizzle-orm', name);
  const value = operator === 'true' || operator === 'false' ? operator : other;
  const compared = value === '' ? '' : `, ${value}`;
  return { text: `${imported.name}(${table}.${column}${compared})`, edits: imported.edits };
}

// ---------------------------------------------------------------- transactions

function clientOf(call: CallExpression): Expression | undefined {
  const client = receiverOf(linksOf(call)[0]?.call);
  return client?.kind === 'identifier' || (client?.kind === 'member' && client.name !== 'query') ? client : undefined;
}

function block(read: Site, _write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file, operation, call } = read;
  const client = clientOf(call);
  if (client === undefined || operation.transactions.length > 0) return undefined;
  const text = textOf(file, client);
  if (isTransactionName(text)) return undefined;
  const name = scopedName(file, call, ['tx', 'trx', 'transaction']);
  const quote = quoteOf(file);
  return clientBlock(read, isolation, clientOf, {
    client,
    name,
    open: `${text}.transaction(async (${name}) => {`,
    close: isolation === 'serializable' ? `}, { isolationLevel: ${quote}serializable${quote} })` : '})',
    lock: drizzleDialect.lock,
  });
}
