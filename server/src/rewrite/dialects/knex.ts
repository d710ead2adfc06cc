/** Knex and Objection: `increment`, `where`, the affected count, `forUpdate`, transactions. */
import type { Edit } from '../../rule.ts';
import type { CallExpression, Expression, ObjectExpression, SourceFile } from '../../typescript/syntax.ts';
import { linkNamed, linksOf } from '../call-chain.ts';
import type { Requirement } from '../guard-text.ts';
import { objectAt, propertyValue, replaceValue } from '../object-edit.ts';
import { edit, ensureNamedImport, insert, linkBefore, quoteOf, scopedName, textOf } from '../source-edit.ts';
import {
  allOf,
  clientBlock,
  type Dialect,
  type Isolation,
  isTransactionName,
  type Site,
  type TransactionBlock,
} from './dialect.ts';

export const knexDialect: Dialect = {
  speaks: ({ model }) => /^(knex|objection)#/.test(model),
  data: dataOf,
  relative(site, column, change, value, isChecked) {
    const { file } = site;
    const write = writing(site);
    const data = dataOf(site);
    if (write?.nameAt === undefined || data === undefined || propertyValue(data, column) !== value) return undefined;
    const quote = quoteOf(file);
    // Objection's types give rows for `increment`, where the count is wanted.
    const isCounted = isChecked && site.operation.model.startsWith('objection#');
    if (data.properties.length === 1 && /^(update|patch)$/.test(nameOf(write)) && !isCounted && !change.fromNull) {
      return [
        edit(file, write.nameAt, change.operator === '-' ? 'decrement' : 'increment'),
        edit(file, data, `${quote}${column}${quote}, ${change.amount}`),
      ];
    }
    const raw = rawOf(site);
    if (raw === undefined) return undefined;
    const old = change.fromNull ? 'COALESCE(??, 0)' : '??';
    const text = `${raw.text}(${quote}${old} ${change.operator} ?${quote}, [${quote}${column}${quote}, ${change.amount}])`;
    const replaced = replaceValue(file, data, column, text);
    return replaced === undefined ? undefined : [replaced, ...raw.edits];
  },
  coalesces: true,
  condition(site, requirements) {
    const write = writing(site);
    const texts = allOf(requirements.map((requirement) => conditionText(site.file, requirement)));
    return write === undefined || texts === undefined
      ? undefined
      : texts.map((text) => linkBefore(site.file, write, text));
  },
  outcome(site) {
    const write = writing(site);
    if (write === undefined || !/^(update|patch|increment|decrement|del|delete(ById)?)$/.test(nameOf(write)))
      return undefined;
    return linkNamed(site.call, 'returning') === undefined
      ? { isNothing: (name) => `${name} === 0`, edits: [] }
      : { isNothing: (name) => `${name}.length === 0`, edits: [] };
  },
  lock({ file, call }) {
    if (linksOf(call).some(({ name }) => /^(leftJoin|leftOuterJoin|withGraph\w*|count\w*|forUpdate|union)$/.test(name)))
      return undefined;
    return [insert(file, call.end, '.forUpdate()')];
  },
  lockRows({ file, call, operation }, column, keys) {
    const quote = quoteOf(file);
    const name = `${quote}${column}${quote}`;
    const isObjection = operation.model.startsWith('objection#');
    const start = isObjection ? linkNamed(call, 'query') : linksOf(call)[0]?.call;
    if (start === undefined) return undefined;
    const rows = `${textOf(file, start)}.whereIn(${name}, [${keys.join(', ')}]).orderBy(${name}).forUpdate()`;
    return { line: `await ${rows}${isObjection ? '' : `.select(${name})`}`, edits: [] };
  },
  isolate(file, opening) {
    const [first] = opening.args;
    if (opening.args.length !== 1 || first?.kind !== 'function') return undefined;
    return [insert(file, first.end, `, { isolationLevel: ${quoteOf(file)}serializable${quoteOf(file)} }`)];
  },
  transaction: block,
};

function nameOf({ callee }: CallExpression): string {
  return callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
}

function writing({ call }: Site): CallExpression | undefined {
  return linkNamed(
    call,
    'update',
    'patch',
    'patchAndFetchById',
    'updateAndFetchById',
    'increment',
    'decrement',
    'del',
    'delete',
    'deleteById',
  );
}

function dataOf(site: Site): ObjectExpression | undefined {
  const write = writing(site);
  if (write === undefined || !/^(update|patch)/.test(nameOf(write))) return undefined;
  return objectAt(write, nameOf(write).endsWith('ById') ? 1 : 0);
}

/** `db.raw` of `db('users')`; Objection exports it. */
function rawOf({ file, operation, call }: Site): { text: string; edits: readonly Edit[] } | undefined {
  if (operation.model.startsWith('objection#')) {
    const { name, edits } = ensureNamedImport(file, 'objection', 'raw');
    return { text: name, edits };
  }
  const client = clientOf(call);
  return client === undefined ? undefined : { text: `${textOf(file, client)}.raw`, edits: [] };
}

function conditionText(file: SourceFile, { column, operator, other }: Requirement): string | undefined {
  const quote = quoteOf(file);
  const name = `${quote}${column}${quote}`;
  switch (operator) {
    case '=':
      return `.where(${name}, ${other})`;
    case 'null':
      return `.whereNull(${name})`;
    case 'not null':
      return `.whereNotNull(${name})`;
    case 'true':
    case 'false':
      return `.where(${name}, ${operator})`;
    case '!=':
      return `.whereNot(${name}, ${other})`;
    default:
      return /^[<>]=?$/.test(operator) ? `.where(${name}, ${quote}${operator}${quote}, ${other})` : undefined;
  }
}

// ---------------------------------------------------------------- transactions

/** `db` of `db('users').where(…)` and of `db.table('users')`, `User` of `User.query()`. */
function clientOf(call: CallExpression): Expression | undefined {
  const callee = linksOf(call)[0]?.call.callee;
  const client =
    callee?.kind === 'member' && /^(\$?query|table|from|into|select|with\w*|queryBuilder)$/.test(callee.name)
      ? callee.object
      : callee;
  return client?.kind === 'identifier' || client?.kind === 'member' ? client : undefined;
}

function block(read: Site, _write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file, operation, call } = read;
  const client = clientOf(call);
  if (client === undefined || operation.transactions.length > 0) return undefined;
  const isObjection = operation.model.startsWith('objection#');
  const text = textOf(file, client);
  if (isTransactionName(text)) return undefined;
  const name = scopedName(file, call, ['trx', 'tx', 'transaction']);
  const quote = quoteOf(file);
  const plain = clientBlock(read, isolation, clientOf, {
    client,
    name,
    // Objection's own form takes no isolation.
    open: `${text}${isObjection && isolation === 'serializable' ? '.knex()' : ''}.transaction(async (${name}) => {`,
    close: isolation === 'serializable' ? `}, { isolationLevel: ${quote}serializable${quote} })` : '})',
    lock: knexDialect.lock,
  });
  if (!isObjection) return plain;
  return {
    ...plain,
    // A model takes the transaction as an argument: `User.query(trx)`.
    send(site) {
      if (clientOf(site.call) === undefined || site.operation.transactions.length > 0) return undefined;
      const locked = site.operation === operation && isolation === 'row-lock' ? knexDialect.lock?.(site) : [];
      const query = linksOf(site.call).find((link) => /^\$?query$/.test(link.name))?.call;
      if (locked === undefined || query?.argsSpan === undefined || query.args.length > 0) return undefined;
      return [insert(file, query.argsSpan.start, name), ...locked];
    },
  };
}
