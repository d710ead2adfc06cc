/** Prisma: atomic number operations, conditions beside the unique key, interactive transactions. */
import type { Operation } from '../../analysis/fact.ts';
import { equalitiesOf, isDatabaseOperation, isKey } from '../../analysis/protection.ts';
import type { EntitySchema } from '../../analysis/schema.ts';
import type { CallExpression, Expression, ObjectExpression, SourceFile, Span } from '../../typescript/syntax.ts';
import { receiverOf } from '../call-chain.ts';
import type { Requirement } from '../guard-text.ts';
import { addProperty, objectAt, optionObject, propertyValue, replaceValue } from '../object-edit.ts';
import { edit, insert, quoteOf, reindented, scopedName, semicolonOf, textOf } from '../source-edit.ts';
import { allOf, type Dialect, type Isolation, type Outcome, type Site, type TransactionBlock } from './dialect.ts';

export const prismaDialect: Dialect = {
  speaks: isPrisma,
  data: ({ call }) => optionObject(call, 0, 'data'),
  relative({ file, call }, column, change) {
    const data = optionObject(call, 0, 'data');
    const name = change.operator === '-' ? 'decrement' : 'increment';
    const replaced = data && replaceValue(file, data, column, `{ ${name}: ${change.amount} }`);
    return replaced === undefined ? undefined : [replaced];
  },
  condition({ file, call }, requirements) {
    const where = optionObject(call, 0, 'where');
    const edits = requirements.map((requirement) => {
      const text = conditionText(requirement);
      if (where === undefined || text === undefined || propertyValue(where, requirement.column) !== undefined)
        return undefined;
      return addProperty(file, where, `${requirement.column}: ${text}`);
    });
    return allOf(edits);
  },
  outcome,
  isolate(file, opening) {
    const last = opening.args.at(-1);
    if (opening.args.length !== 1 || last?.kind !== 'function') return undefined;
    return [insert(file, last.end, `, ${serializable(file)}`)];
  },
  transaction: block,
};

/** By its model, or by the look of its call where no client was generated: `prisma.user.update({ where, data })`. */
export function isPrisma({ model, name }: Operation): boolean {
  if (model.startsWith('@prisma/client#')) return !/^\$/.test(name);
  return (
    model.startsWith('shape:') &&
    /^(find(Unique|First)(OrThrow)?|findMany|count|aggregate|create(Many)?|update(Many)?|delete(Many)?|upsert)$/.test(
      name,
    )
  );
}

const OPERATORS: Readonly<Record<string, string>> = { '>=': 'gte', '>': 'gt', '<=': 'lte', '<': 'lt', '!=': 'not' };

function conditionText({ operator, other }: Requirement): string | undefined {
  switch (operator) {
    case '=':
      return other;
    case 'null':
      return 'null';
    case 'not null':
      return '{ not: null }';
    case 'true':
    case 'false':
      return operator;
    default: {
      const name = OPERATORS[operator];
      return name === undefined ? undefined : `{ ${name}: ${other} }`;
    }
  }
}

// ---------------------------------------------------------------- outcome

/** `update` rejects when no row matches; `updateMany` counts, but takes no nested writes and gives no row. */
function outcome({ file, operation, call }: Site): Outcome | undefined {
  const where = optionObject(call, 0, 'where');
  if (operation.name.endsWith('Many')) return { isNothing: (name) => `${name}.count === 0`, edits: [] };
  const nameAt = call.nameAt;
  const isOne = hasNestedWrite(call) || hasCompoundKey(call) || isInList(file, call);
  if (where === undefined || nameAt === undefined || isOne) return { isNothing: undefined, edits: [] };
  if (operation.name === 'delete' || operation.name === 'update') {
    const options = objectAt(call, 0);
    const other = options?.properties.filter(
      (property) => property.kind === 'property' && (property.key === 'include' || property.key === 'select'),
    );
    const [shown] = other ?? [];
    if (operation.name === 'delete' && operation.result !== 'unused') return { isNothing: undefined, edits: [] };
    const removed =
      shown === undefined || options === undefined ? [] : [edit(file, withComma(options, shown.span), '')];
    const receiver = receiverOf(call);
    const parts = [`where: ${textOf(file, where)}`, ...(shown === undefined ? [] : [textOf(file, shown.span)])];
    return {
      isNothing: (name) => `${name}.count === 0`,
      edits: [edit(file, nameAt, `${operation.name}Many`), ...removed],
      ...(receiver === undefined ? {} : { row: found(file, textOf(file, receiver), where, parts) }),
    };
  }
  return undefined;
}

function found(file: SourceFile, delegate: string, where: Span, parts: readonly string[]): string[] {
  const call = `await ${delegate}.findUniqueOrThrow(`;
  if (!parts.some((part) => part.includes('\n'))) return [`${call}{ ${parts.join(', ')} })`];
  const lines = parts.flatMap((part) => reindented(file, where, `${part},`).map((line) => `  ${line}`));
  return [`${call}{`, ...lines, '})'];
}

/** `where: { teamId_userId: { … } }` names one row, and is no condition on many. */
function hasCompoundKey(call: CallExpression): boolean {
  const where = optionObject(call, 0, 'where');
  return (where?.properties ?? []).some(
    (property) =>
      property.kind === 'property' &&
      property.value.kind === 'object' &&
      !property.value.properties.some(
        (part) =>
          part.kind === 'property' && /^(gte?|lte?|not|in|notIn|equals|contains|is|isNot|has)$/.test(part.key ?? ''),
      ),
  );
}

/** Columns alone can be written to many rows: `connect`, `create` and the like cannot. */
function hasNestedWrite(call: CallExpression): boolean {
  const data = objectAt(call, 0)?.properties.find(
    (property) => property.kind === 'property' && property.key === 'data',
  );
  if (data === undefined) return false;
  if (data.kind !== 'property' || data.value.kind !== 'object') return true;
  return data.value.properties.some(
    (property) =>
      property.kind === 'spread' ||
      (property.value.kind === 'object' &&
        property.value.properties.some(
          (part) =>
            part.kind === 'property' &&
            /^(connect|connectOrCreate|create|createMany|disconnect|update|updateMany|upsert|delete|deleteMany|set)$/.test(
              part.key ?? '',
            ) &&
            // `{ set: value }` of a column, and of a list of rows.
            !(part.key === 'set' && part.value.kind !== 'array' && part.value.kind !== 'object'),
        )),
  );
}

/** `$transaction([prisma.a.update(…), …])`: nothing can be asked between the statements of a list. */
function isInList(file: SourceFile, call: CallExpression): boolean {
  return file.calls.some(
    (other) =>
      other.args[0]?.kind === 'array' &&
      other.args[0].start <= call.start &&
      call.end <= other.args[0].end &&
      other.callee.kind === 'member' &&
      /^(\$transaction|all|allSettled)$/.test(other.callee.name),
  );
}

function withComma(object: ObjectExpression, span: Span): Span {
  const index = object.properties.findIndex((property) => property.span === span);
  const before = object.properties[index - 1];
  const next = object.properties[index + 1];
  if (before !== undefined) return { start: before.span.end, end: span.end };
  return { start: span.start, end: next?.span.start ?? span.end };
}

// ---------------------------------------------------------------- transactions

function serializable(file: SourceFile): string {
  return `{ isolationLevel: ${quoteOf(file)}Serializable${quoteOf(file)} }`;
}

/** The client in `client.user.update(…)`: not a transaction's, which opens none. */
function clientOf({ file, operation, call }: Site): Expression | undefined {
  const delegate = receiverOf(call);
  if (delegate?.kind !== 'member' || operation.transactions.length > 0) return undefined;
  const client = delegate.object;
  if (client.kind !== 'identifier' && client.kind !== 'member') return undefined;
  if (/^(tx|trx|t|transaction|transactionClient|prismaTransaction)$/i.test(client.name)) return undefined;
  return client.kind === 'identifier' && !isWholeClient(file, client) ? undefined : client;
}

/** Not a parameter or a choice that may be a transaction's client: `(db: Prisma.TransactionClient)`, `tx ?? prisma`. */
function isWholeClient(file: SourceFile, client: Expression & { kind: 'identifier' }): boolean {
  const variable = client.variable === undefined ? undefined : file.variables[client.variable];
  if (variable === undefined) return false;
  if (variable.kind === 'parameter') {
    const annotation = /^\s*\??\s*:\s*([^,)=]*)/.exec(file.text.slice(variable.at.end, variable.at.end + 120))?.[1];
    return annotation !== undefined && /^\w*Prisma(Client|Service)\s*$/.test(annotation);
  }
  return (
    variable.fn === 0 || (variable.initializer?.kind !== 'logical' && variable.initializer?.kind !== 'conditional')
  );
}

function block(read: Site, write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file } = read;
  const client = clientOf(read);
  const other = clientOf(write);
  if (client === undefined || other === undefined || textOf(file, client) !== textOf(file, other)) return undefined;
  const schema = schemaOf(read);
  if (schema?.storage?.provider === 'mongodb') return undefined;
  const name = scopedName(file, read.call, ['tx', 'trx', 'transactionClient']);
  const lock = isolation === 'row-lock' ? lockStatement(read, name, schema) : parentLock(read, name, schema);
  const kind = lock === undefined ? 'serializable-transaction' : isolation === 'row-lock' ? 'lock-row' : 'lock-parent';
  const text = textOf(file, client);
  return {
    kind,
    client: text,
    name,
    open: `${text}.$transaction(async (${name}) => {`,
    close: lock === undefined ? `}, ${serializable(file)})` : '})',
    first: lock === undefined ? [] : [lock],
    send(site) {
      const own = clientOf(site);
      return own === undefined || textOf(file, own) !== text ? undefined : [edit(file, own, name)];
    },
    imports: [],
    ...(read.operation.basis === 'shape' ? { untyped: [name, '$transaction'] } : {}),
  };
}

function schemaOf({ operation, program }: Site): EntitySchema | undefined {
  return operation.effect.kind === 'database' && operation.effect.table !== undefined
    ? program.entity(operation.effect.table)
    : undefined;
}

/** Prisma has no lock of its own; with the schema known the statement can be written. */
function lockStatement(site: Site, tx: string, schema: EntitySchema | undefined): string | undefined {
  const { operation, call } = site;
  const where = optionObject(call, 0, 'where');
  if (schema === undefined || where === undefined || !isDatabaseOperation(operation)) return undefined;
  const key = equalitiesOf(operation.effect).find(({ column }) => isKey(column) || isUniqueAlone(schema, column));
  const value = key === undefined ? undefined : propertyValue(where, key.column);
  if (key !== undefined && value !== undefined) return selectForUpdate(site, tx, schema, [[key.column, value]]);
  return /^(findMany|count)$/.test(operation.name) ? lockAll(site, tx, schema, where) : undefined;
}

/** All rows that are looked for: `where: { isAdmin: true }`. In one order, so that two of these do not block each other. */
function lockAll(site: Site, tx: string, schema: EntitySchema, where: ObjectExpression): string | undefined {
  const conditions = where.properties.map((property): [string, Expression] | undefined =>
    property.kind === 'property' && property.key !== undefined ? [property.key, property.value] : undefined,
  );
  const known = allOf(conditions);
  const order = schema.storage?.columns.get(keyColumn(schema) ?? '')?.name;
  return known === undefined || known.length === 0 || order === undefined
    ? undefined
    : selectForUpdate(site, tx, schema, known, order);
}

function keyColumn({ storage, unique }: EntitySchema): string | undefined {
  return unique.find((set) => set.length === 1 && storage?.columns.has(set[0] ?? ''))?.[0];
}

/** Rows that are looked for by what they belong to: `where: { teamId }`. */
function parentLock(site: Site, tx: string, schema: EntitySchema | undefined): string | undefined {
  const { operation, call, program } = site;
  const where = optionObject(call, 0, 'where');
  if (where === undefined || schema?.storage === undefined || !isDatabaseOperation(operation)) return undefined;
  for (const { column } of equalitiesOf(operation.effect)) {
    const reference = schema.storage.references.get(column);
    const parent = reference === undefined ? undefined : program.entity(reference.model);
    const value = propertyValue(where, column);
    if (reference === undefined || parent === undefined || value === undefined) continue;
    const statement = selectForUpdate(site, tx, parent, [[reference.column, value]]);
    if (statement !== undefined) return statement;
  }
  return undefined;
}

function selectForUpdate(
  { file, textOf: textAtCall }: Site,
  tx: string,
  { name, table, storage }: EntitySchema,
  conditions: readonly (readonly [string, Expression])[],
  order?: string,
): string | undefined {
  if (!/^(postgresql|cockroachdb|mysql)$/.test(storage?.provider ?? '')) return undefined;
  const quote = storage?.provider === 'mysql' ? '\\`' : '"';
  const quoted = (word: string): string => quote + word + quote;
  const compared = conditions.map(([key, value]) => {
    const column = storage?.columns.get(key);
    const text = textAtCall === undefined ? textOf(file, value) : textAtCall(value);
    // An enum of the database is not compared with a text.
    if (column === undefined || !/^(String|Int|BigInt|Boolean)\b/.test(column.type)) return undefined;
    if (value.kind === 'literal')
      return typeof value.value === 'boolean' ? `${quoted(column.name)} = ${value.value}` : undefined;
    if (text === undefined || value.kind === 'object') return undefined;
    return `${quoted(column.name)} = \${${text}}${column.type.endsWith('@db.Uuid') ? '::uuid' : ''}`;
  });
  const known = allOf(compared);
  if (known === undefined) return undefined;
  const sorted = order === undefined ? '' : ` ORDER BY ${quoted(order)}`;
  return `await ${tx}.$queryRaw\`SELECT 1 FROM ${quoted(table ?? name)} WHERE ${known.join(' AND ')}${sorted} FOR UPDATE\`${semicolonOf(file)}`;
}

function isUniqueAlone(schema: EntitySchema | undefined, column: string): boolean {
  return schema?.unique.some((set) => set.length === 1 && set[0] === column) === true;
}
