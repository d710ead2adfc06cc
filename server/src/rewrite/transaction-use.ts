/**
 * How one query of each library goes through a transaction: what opens that, and what becomes of the query inside. The
 * statements around it are others' business.
 */
import type { Operation } from '../analysis/fact.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { clientOfType } from './client-of-type.ts';
import { addProperty } from './object-edit.ts';
import { callAt, edit, insert, textOf } from './source-edit.ts';
import { positionOfOptions } from './transaction-client.ts';

/** One transaction's form: what opens it, what is inside, what ends it. */
export interface TransactionForm {
  /** Preferred name of what queries go through inside. */
  readonly name: string;
  /** `client.transaction(async (tx) => {`; undefined for statements around a block. */
  readonly open?: (client: string, name: string) => string;
  /** What ends it; `})` when left out. */
  readonly close?: string;
  /** What its callback gives is lost in some versions of the library. */
  readonly givesNothing?: true;
  /** What the server has to be for it. */
  readonly needs?: string;
  /** A connection with BEGIN and COMMIT. */
  readonly connection?: {
    readonly connect: string;
    readonly begin: string;
    readonly commit: string;
    readonly rollback: string;
  };
}

export interface TransactionUse {
  readonly form: TransactionForm;
  /** Text of the client the transaction is opened with. */
  readonly client: string;
  /** Whether all statements have to go through the same client, or each through its own repository. */
  readonly isOwn: boolean;
  readonly inside: (name: string) => readonly Edit[];
  /** What the file lacks to name the client. */
  readonly imports?: readonly Edit[];
}

const PRISMA: TransactionForm = { name: 'tx', open: (client, name) => `${client}.$transaction(async (${name}) => {` };
/** Also Objection's, whose transactions are Knex's. */
const KNEX: TransactionForm = { name: 'trx', open: (client, name) => `${client}.transaction(async (${name}) => {` };
const DRIZZLE: TransactionForm = { name: 'tx', open: (client, name) => `${client}.transaction(async (${name}) => {` };
const KYSELY: TransactionForm = {
  name: 'trx',
  open: (client, name) => `${client}.transaction().execute(async (${name}) => {`,
};
const TYPEORM: TransactionForm = {
  name: 'manager',
  open: (client, name) => `${client}.transaction(async (${name}) => {`,
};
const MIKRO_ORM: TransactionForm = {
  name: 'em',
  open: (client, name) => `${client}.transactional(async (${name}) => {`,
};
const SLONIK: TransactionForm = {
  name: 'transaction',
  open: (client, name) => `${client}.transaction(async (${name}) => {`,
};
const POSTGRES: TransactionForm = { name: 'tx', open: (client, name) => `${client}.begin(async (${name}) => {` };
const SEQUELIZE: TransactionForm = {
  name: 'transaction',
  open: (client, name) => `${client}.transaction(async (${name}) => {`,
};
const REPLICA_SET = 'the server has to be part of a replica set';
const MONGOOSE: TransactionForm = {
  name: 'session',
  open: (client, name) => `${client}.transaction(async (${name}) => {`,
  // Before version 8.
  givesNothing: true,
  needs: REPLICA_SET,
};
const MONGODB: TransactionForm = {
  name: 'session',
  open: (client, name) => `${client}.withSession((${name}) => ${name}.withTransaction(async () => {`,
  close: '}))',
  // Before version 6 of the driver.
  givesNothing: true,
  needs: REPLICA_SET,
};
const PG: TransactionForm = {
  name: 'client',
  connection: {
    connect: 'connect()',
    begin: 'query(#BEGIN#)',
    commit: 'query(#COMMIT#)',
    rollback: 'query(#ROLLBACK#)',
  },
};
const MYSQL: TransactionForm = {
  name: 'connection',
  connection: { connect: 'getConnection()', begin: 'beginTransaction()', commit: 'commit()', rollback: 'rollback()' },
};

/** How one query goes through its library's transaction. */
export function ownUse(file: SourceFile, operation: Operation): TransactionUse | undefined {
  const call = callAt(file, operation.span);
  if (call === undefined) return undefined;
  const { model } = operation;
  if (/^(sequelize|@sequelize\/core)\W/.test(model)) return sequelizeUse(file, call);
  if (/^mongoose\W/.test(model)) return mongooseUse(file, call);
  if (/^mongodb\W/.test(model)) return mongodbUse(file, call);
  if (/^objection\W/.test(model)) return objectionUse(file, call);
  if (/^typeorm\W/.test(model)) return typeormUse(file, call);
  const base = clientOf(call);
  if (base === undefined) return prismaUse(file, call, operation) ?? shapeUse(file, call, operation);
  if (/^mikro-orm|^@mikro-orm\//.test(model)) return through(file, MIKRO_ORM, base);
  if (/^knex\W/.test(model)) return through(file, KNEX, knexBase(call) ?? base);
  if (/^drizzle/.test(model)) return through(file, DRIZZLE, base);
  if (/^kysely\W/.test(model)) return through(file, KYSELY, base);
  if (/^slonik\W/.test(model)) return through(file, SLONIK, base);
  if (/^postgres\W/.test(model) && call.isTag) return through(file, POSTGRES, call.callee);
  if (/^pg(-pool)?#(Pool|BoundPool)\b/.test(model) || (/^pg\W/.test(model) && isPool(file, base)))
    return through(file, PG, base);
  // Its types declare the pool's members on the connection.
  if (/^mysql2?(\/promise)?#\w*Pool\b/.test(model) || (/^mysql2?\W/.test(model) && isPool(file, base)))
    return through(file, MYSQL, base);
  return prismaUse(file, call, operation) ?? shapeUse(file, call, operation);
}

/** `db` of `db.insert(t).values(v)` and of `db.query.users.findMany()`; of nothing that only leads to a client. */
function clientOf(call: CallExpression): Expression | undefined {
  let current: Expression = call.callee;
  let isMethod = true;
  let above: string | undefined;
  while (!isClient(current)) {
    if (current.kind === 'call') {
      current = current.callee;
      isMethod = true;
      above = undefined;
    } else if (current.kind === 'member') {
      above = isMethod ? undefined : current.name;
      isMethod = false;
      current = current.object;
    } else return undefined;
  }
  return above === undefined || above === 'query' ? current : undefined;
}

/** `db`, `this.db`, `app.models.knex`: a name, or a property that is named so. */
function isClient(expression: Expression): boolean {
  return (
    expression.kind === 'identifier' ||
    (expression.kind === 'member' &&
      isPath(expression.object) &&
      /client|db|pool|conn|prisma|knex|em$|manager|orm|database/i.test(expression.name))
  );
}

function isPath(expression: Expression): boolean {
  if (expression.kind === 'member') return isPath(expression.object);
  return expression.kind === 'this' || expression.kind === 'identifier';
}

function through(file: SourceFile, form: TransactionForm, client: Expression): TransactionUse | undefined {
  if (!/^(identifier|member)$/.test(client.kind)) return undefined;
  return { form, client: textOf(file, client), isOwn: false, inside: (name) => [edit(file, client, name)] };
}

/** `knex('users').insert(row)`: the call at the bottom. */
function knexBase(call: CallExpression): Expression | undefined {
  let current: Expression = call;
  while (current.kind === 'call' && current.callee.kind === 'member' && current.callee.object.kind === 'call')
    current = current.callee.object;
  if (current.kind !== 'call') return undefined;
  const { callee } = current;
  return isClient(callee) && !(callee.kind === 'member' && /^(insert|select|from|into|raw|table)$/.test(callee.name))
    ? callee
    : undefined;
}

function isPool(file: SourceFile, client: Expression): boolean {
  const name = client.kind === 'member' ? client.name : textOf(file, client);
  return /pool|^db$/i.test(name);
}

/** `prisma.user.create(…)`: a client with models as properties. */
function prismaUse(file: SourceFile, call: CallExpression, { model, basis }: Operation): TransactionUse | undefined {
  const isPrisma = /prisma/i.test(model);
  if (!isPrisma && basis !== 'shape') return undefined;
  if (call.callee.kind !== 'member' || call.callee.object.kind !== 'member') return undefined;
  const client = call.callee.object.object;
  return isPrisma || /prisma/i.test(textOf(file, client)) ? through(file, PRISMA, client) : undefined;
}

/** SQL text through something called a pool. */
function shapeUse(file: SourceFile, call: CallExpression, { effect }: Operation): TransactionUse | undefined {
  if (effect.kind !== 'database' || effect.sql === undefined || call.callee.kind !== 'member') return undefined;
  const client = call.callee.object;
  return call.callee.name === 'query' && isPool(file, client) && file.imports.some(({ module }) => module === 'pg')
    ? through(file, PG, client)
    : undefined;
}

/** A repository goes along into the transaction; the manager is replaced. */
function typeormUse(file: SourceFile, call: CallExpression): TransactionUse | undefined {
  if (call.callee.kind !== 'member') return undefined;
  let object: Expression = call.callee.object;
  while (object.kind === 'call' && object.callee.kind === 'member') {
    const { name, object: client } = object.callee;
    // Only a data source or a manager has repositories; query builders have both.
    if (name === 'getRepository' || (name === 'createQueryBuilder' && isManager(file, client)))
      return through(file, TYPEORM, client);
    object = client;
  }
  if (isManager(file, object)) return through(file, TYPEORM, object);
  if (!isProperty(object) || /^[A-Z]/.test(textOf(file, object))) return undefined;
  const repository = textOf(file, object);
  return {
    form: TYPEORM,
    client: `${repository}.manager`,
    isOwn: true,
    inside: (name) => [edit(file, object, `${name}.withRepository(${repository})`)],
  };
}

function isProperty(expression: Expression): boolean {
  return expression.kind === 'identifier' || (expression.kind === 'member' && expression.object.kind === 'this');
}

function isManager(file: SourceFile, expression: Expression): boolean {
  // `dataSource.manager`, `this.db.manager`
  if (expression.kind === 'member' && expression.name === 'manager') return isProperty(expression.object);
  const name = expression.kind === 'member' ? expression.name : textOf(file, expression);
  return isProperty(expression) && /manager|data_?source|connection|^em$/i.test(name);
}

/** `Model.query()` takes the transaction as its argument. */
function objectionUse(file: SourceFile, call: CallExpression): TransactionUse | undefined {
  let current: Expression = call;
  while (current.kind === 'call' && current.callee.kind === 'member' && current.callee.name !== 'query')
    current = current.callee.object;
  if (current.kind !== 'call' || current.callee.kind !== 'member' || current.args.length > 0) return undefined;
  const { argsSpan, callee } = current;
  if (argsSpan === undefined || !isPath(callee.object)) return undefined;
  return {
    form: KNEX,
    client: textOf(file, callee.object),
    isOwn: true,
    inside: (name) => [insert(file, argsSpan.start, name)],
  };
}

function sequelizeUse(file: SourceFile, call: CallExpression): TransactionUse | undefined {
  const name = call.callee.kind === 'member' ? call.callee.name : '';
  const position = positionOfOptions('sequelize', name);
  const client = file.imports.some(({ bindings }) =>
    bindings.some(({ variable }) => file.variables[variable]?.name === 'sequelize'),
  )
    ? 'sequelize'
    : file.text.includes('this.sequelize.')
      ? 'this.sequelize'
      : file.variables.some((variable) => variable.fn === 0 && variable.name === 'sequelize')
        ? 'sequelize'
        : clientOfType(file, call, 'Sequelize');
  return position === undefined || client === undefined
    ? undefined
    : withOption(file, SEQUELIZE, client, call, position);
}

function mongooseUse(file: SourceFile, call: CallExpression): TransactionUse | undefined {
  const name = call.callee.kind === 'member' ? call.callee.name : '';
  const position = positionOfOptions('mongoose', name);
  const client = file.imports
    .filter(({ module }) => module === 'mongoose')
    .flatMap(({ bindings }) => bindings)
    .find(({ imported }) => imported === 'default' || imported === '*');
  const local = client === undefined ? undefined : file.variables[client.variable]?.name;
  // A model or document that is handed in knows the connection that it goes through.
  const owner =
    call.callee.kind === 'member' && isPath(call.callee.object) ? textOf(file, call.callee.object) : undefined;
  const connection = local === undefined ? owner && `${owner}.db` : `${local}.connection`;
  return position === undefined || connection === undefined
    ? undefined
    : withOption(file, MONGOOSE, connection, call, position);
}

function mongodbUse(file: SourceFile, call: CallExpression): TransactionUse | undefined {
  const name = call.callee.kind === 'member' ? call.callee.name : '';
  const position = positionOfOptions('mongodb', name);
  const client = clientOfType(file, call, 'MongoClient');
  return position === undefined || client === undefined ? undefined : withOption(file, MONGODB, client, call, position);
}

/** `{ transaction }` among the options, which may not be there yet. */
function withOption(
  file: SourceFile,
  form: TransactionForm,
  client: string,
  call: CallExpression,
  position: number,
): TransactionUse | undefined {
  const options = call.args[position];
  const end = call.argsSpan;
  if (end === undefined || call.args.length < position || call.args.some(({ kind }) => kind === 'spread-expression'))
    return undefined;
  if (options !== undefined && options.kind !== 'object') return undefined;
  const option = (name: string): string => (name === form.name ? name : `${form.name}: ${name}`);
  const last = call.args.at(-1);
  return {
    form,
    client,
    isOwn: false,
    inside: (name) =>
      options !== undefined
        ? [addProperty(file, options, option(name))]
        : [insert(file, last?.end ?? end.start, `${last === undefined ? '' : ', '}{ ${option(name)} }`)],
  };
}

/** Of a query in a helper, whose own code stands elsewhere. */
export function formOf({ model, effect }: Operation): TransactionForm | undefined {
  if (/^knex\W/.test(model)) return KNEX;
  if (/^drizzle/.test(model)) return DRIZZLE;
  if (/^kysely\W/.test(model)) return KYSELY;
  if (/^typeorm\W/.test(model)) return TYPEORM;
  if (/prisma/i.test(model) || (/^shape\W/.test(model) && effect.kind === 'database' && effect.sql === undefined))
    return PRISMA;
  if (/^pg\W/.test(model)) return PG;
  return undefined;
}
