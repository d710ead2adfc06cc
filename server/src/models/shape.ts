/**
 * Calls recognised by how they look, when nothing resolves: databases behind an interface, generated clients that
 * were never generated, injected third-party APIs. Errs towards silence: what the arguments do not show does not fit
 * (fixtures: test/models/shape.test.ts).
 */
import type { ArgumentShape, BuildModel, CallModel, DatabaseModel, ShapeModel } from './model.ts';

const DATABASES = [
  'db',
  'database',
  'pool',
  'client',
  'conn',
  'connection',
  'trx',
  'tx',
  'transaction',
  't',
  'knex',
  'sql',
  'pg',
  'postgres',
  'mysql',
  'sqlite',
  'prisma',
  'manager',
  'entitymanager',
  'em',
  'queryrunner',
  'runner',
  'session',
  'executor',
  '*db',
  '*database',
  '*pool',
  '*connection',
  '*conn',
  '*trx',
  '*tx',
  '*executor',
];

/** Names under which a Prisma client, or the transaction's, is reached. */
const PRISMA = [
  'prisma',
  'db',
  'tx',
  'trx',
  '*prisma',
  '*prismaservice',
  '*prismaclient',
  'prismaservice',
  'prismaclient',
];

const SQL: CallModel = {
  effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]' },
  callbacks: [{ argument: 'Argument[-1]', runs: 'answered', parameters: ['This'], returns: 'nothing' }],
};
const RAW_SQL: CallModel = {
  effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]', awaitable: true },
};
const SQL_TAG: CallModel = { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Arguments[1..]' } };

function sqlShapes(): ShapeModel[] {
  const names =
    'query execute raw run all get each exec one oneOrNone many manyOrNone any none result unsafe queryRow queryOne queryAll queryRows';
  // The text itself is the evidence: any receiver.
  return names.split(' ').map((method) => ({
    method,
    receiver: 'any',
    arguments: ['sql-text', '...'],
    // `knex.raw(…)` is a part of the statement it is given to.
    model: method === 'raw' ? RAW_SQL : SQL,
  }));
}

function tableShape(
  method: string,
  args: readonly ArgumentShape[],
  effect: Omit<DatabaseModel, 'kind' | 'table'>,
): ShapeModel {
  return {
    method,
    receiver: DATABASES,
    arguments: ['table-name', ...args],
    model: { effect: { kind: 'database', table: 'Argument[0]', ...effect } },
  };
}

function tableShapes(): ShapeModel[] {
  const data = 'Argument[1]';
  const insert = { action: 'insert', data, returns: 'unknown' } as const;
  const update = { action: 'update', data, where: 'Argument[2]', returns: 'affected' } as const;
  const upsert = { action: 'upsert', data, returns: 'unknown', conflictHandled: true } as const;
  const remove = { action: 'delete', where: data, returns: 'affected' } as const;
  const row = { action: 'read', where: data, returns: 'row' } as const;
  const rows = { action: 'read', where: data, returns: 'rows' } as const;
  const count = { action: 'read', where: data, returns: 'count' } as const;
  return [
    ...['insert', 'insertOne', 'insertMany', 'create'].map((name) => tableShape(name, ['value', 'value?'], insert)),
    ...['update', 'updateOne', 'updateMany'].map((name) => tableShape(name, ['value', 'value', 'value?'], update)),
    tableShape('upsert', ['value', 'value?', 'value?'], upsert),
    ...['delete', 'deleteOne', 'deleteMany', 'remove', 'del'].map((name) =>
      tableShape(name, ['value', 'value?'], remove),
    ),
    ...['findOne', 'findFirst', 'findById', 'selectOne', 'getOne'].map((name) =>
      tableShape(name, ['value', 'value?'], row),
    ),
    ...['find', 'findAll', 'findMany', 'select', 'list'].map((name) => tableShape(name, ['value?', 'value?'], rows)),
    tableShape('count', ['value?'], count),
    tableShape('exists', ['value?'], { action: 'read', where: data, returns: 'exists' }),
  ];
}

/** The callback's first parameter is what runs inside; a callback without one gives no transaction to see. */
const TRANSACTION: CallModel = {
  callbacks: [
    {
      argument: 'Argument[0]',
      runs: 'once',
      parameters: ['This'],
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[1].Member[isolationLevel]' },
      returns: 'value',
    },
  ],
};
const TRANSACTION_LAST: CallModel = {
  callbacks: [
    {
      argument: 'Argument[1]',
      runs: 'once',
      parameters: ['This'],
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[0]' },
      returns: 'value',
    },
  ],
};

/** Drizzle: `db.query.users.findFirst({ where, with })`. */
function relationalShapes(): ShapeModel[] {
  return [
    { method: 'findFirst', returns: 'row' as const },
    { method: 'findMany', returns: 'rows' as const },
  ].map(({ method, returns }) => ({
    method,
    receiver: ['query'],
    delegate: true,
    arguments: ['value?'],
    model: {
      effect: {
        kind: 'database',
        action: 'read',
        table: 'This.Name',
        where: 'Argument[0].Member[where]',
        relations: 'Argument[0].Member[with]',
        returns,
      },
      executor: 'This.Owner.Owner',
    },
  }));
}

function transactionShapes(): ShapeModel[] {
  const methods = [
    'transaction',
    '$transaction',
    'withTransaction',
    'runInTransaction',
    'inTransaction',
    'tx',
    'begin',
  ];
  return [
    // Prisma's form for statements that are already prepared.
    {
      method: '$transaction',
      receiver: 'any',
      arguments: ['array', 'value?'],
      model: { batches: 'Argument[0]', returns: 'Argument[0]' },
    },
    ...methods.map(
      (method): ShapeModel => ({
        method,
        receiver: DATABASES,
        arguments: ['function', 'value?'],
        model: TRANSACTION,
      }),
    ),
    ...methods.slice(0, 5).map(
      (method): ShapeModel => ({
        method,
        receiver: DATABASES,
        arguments: ['value', 'function'],
        model: TRANSACTION_LAST,
      }),
    ),
    ...['begin', 'beginTransaction', 'startTransaction'].map(
      (method): ShapeModel => ({
        method,
        receiver: DATABASES,
        arguments: ['value?'],
        model: { effect: { kind: 'transaction', action: 'begin' } },
      }),
    ),
    ...['commit', 'commitTransaction'].map(
      (method): ShapeModel => ({
        method,
        receiver: DATABASES,
        arguments: [],
        model: { effect: { kind: 'transaction', action: 'commit' } },
      }),
    ),
    ...['rollback', 'rollbackTransaction', 'abortTransaction'].map(
      (method): ShapeModel => ({
        method,
        receiver: DATABASES,
        arguments: ['value?'],
        model: { effect: { kind: 'transaction', action: 'rollback' } },
      }),
    ),
  ];
}

/** Lock services behind an interface: `await this.lockService.acquire(key)`. */
const LOCKS = ['lock', 'locks', 'mutex', 'locker', '*lock', '*mutex', '*locker', '*lockservice', '*lockmanager'];

function lockShapes(): ShapeModel[] {
  const shape = (
    method: string,
    args: readonly ArgumentShape[],
    action: 'acquire' | 'release',
    key: string,
  ): ShapeModel => ({
    method,
    receiver: LOCKS,
    arguments: args,
    model: { effect: { kind: 'lock', action, key, distributed: true } },
  });
  return [
    ...['acquire', 'acquireLock', 'lock', 'obtain'].flatMap((name) => [
      shape(name, [], 'acquire', 'This'),
      shape(name, ['value', 'value?', 'value?'], 'acquire', 'Argument[0]'),
    ]),
    ...['release', 'releaseLock', 'unlock'].flatMap((name) => [
      shape(name, [], 'release', 'This'),
      shape(name, ['value', 'value?'], 'release', 'Argument[0]'),
    ]),
  ];
}

/** A Prisma client that was never generated, or generated into the project: `prisma.user.findMany({ … })`. */
function prismaShapes(): ShapeModel[] {
  const delegate = (method: string, effect: Omit<DatabaseModel, 'kind' | 'table'>): ShapeModel => ({
    method,
    receiver: PRISMA,
    delegate: true,
    arguments: ['value?'],
    model: { effect: { kind: 'database', table: 'This.Name', ...effect }, executor: 'This.Owner' },
  });
  return Object.entries(PRISMA_DELEGATE).map(([method, effect]) => delegate(method, effect));
}

const options = {
  where: 'Argument[0].Member[where]',
  relations: 'Argument[0].Member[include]',
  limit: 'Argument[0].Member[take]',
} as const;
const conditions = { where: 'Argument[0].Member[where]' } as const;

/** What the members of a model delegate do; shared with the generated client's entries in prisma.ts. */
export const PRISMA_DELEGATE: Readonly<Record<string, Omit<DatabaseModel, 'kind' | 'table'>>> = {
  // The only member that the engine batches: same tick, same shape, unique keys.
  findUnique: { action: 'read', ...options, returns: 'row', batchesSameTick: true },
  // Since Prisma 4.16: the client's `getBatchId` covers both.
  findUniqueOrThrow: { action: 'read', ...options, returns: 'row', batchesSameTick: true },
  findFirst: { action: 'read', ...options, returns: 'row' },
  findFirstOrThrow: { action: 'read', ...options, returns: 'row' },
  findMany: { action: 'read', ...options, returns: 'rows' },
  count: { action: 'read', ...conditions, returns: 'count' },
  aggregate: { action: 'read', ...conditions, returns: 'unknown' },
  groupBy: { action: 'read', ...conditions, returns: 'rows' },
  create: { action: 'insert', data: 'Argument[0].Member[data]', returns: 'row' },
  createMany: { action: 'insert', data: 'Argument[0].Member[data]', returns: 'affected', affected: 'Member[count]' },
  createManyAndReturn: { action: 'insert', data: 'Argument[0].Member[data]', returns: 'rows' },
  update: { action: 'update', ...conditions, data: 'Argument[0].Member[data]', returns: 'row' },
  updateMany: {
    action: 'update',
    ...conditions,
    data: 'Argument[0].Member[data]',
    returns: 'affected',
    affected: 'Member[count]',
  },
  updateManyAndReturn: { action: 'update', ...conditions, data: 'Argument[0].Member[data]', returns: 'rows' },
  upsert: {
    action: 'upsert',
    ...conditions,
    data: 'Argument[0].Member[update]',
    returns: 'row',
    conflictHandled: true,
  },
  delete: { action: 'delete', ...conditions, returns: 'row' },
  deleteMany: { action: 'delete', ...conditions, returns: 'affected', affected: 'Member[count]' },
};

/** Tagged or plain raw queries of a client nothing resolves for. */
const RAW_PRISMA: readonly ShapeModel[] = [
  ...['$queryRaw', '$executeRaw'].map(
    (method): ShapeModel => ({ method, receiver: 'any', arguments: ['value', '...'], model: SQL_TAG }),
  ),
  ...['$queryRawUnsafe', '$executeRawUnsafe'].map(
    (method): ShapeModel => ({
      method,
      receiver: 'any',
      arguments: ['value', '...'],
      model: { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Arguments[1..]' } },
    }),
  ),
];

/**
 * `on('event', handler)` of something unknown: all libraries agree on these names. `addEventListener` likewise.
 */
function listenerShapes(): ShapeModel[] {
  const shape = (method: string, args: readonly ArgumentShape[], model: CallModel): ShapeModel => ({
    method,
    receiver: 'any',
    arguments: args,
    model,
  });
  const add: CallModel = {
    effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', options: 'Argument[2]' },
  };
  const once: CallModel = {
    effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', once: true },
  };
  const remove: CallModel = {
    effect: {
      kind: 'listener',
      action: 'remove',
      event: 'Argument[0]',
      handler: 'Argument[1]',
      options: 'Argument[2]',
    },
  };
  return [
    ...['on', 'addListener', 'prependListener'].map((name) => shape(name, ['string', 'function'], add)),
    shape('addEventListener', ['string', 'value', 'value?'], add),
    shape('once', ['string', 'function'], once),
    ...['off', 'removeListener'].map((name) => shape(name, ['string', 'value'], remove)),
    shape('removeEventListener', ['string', 'value', 'value?'], remove),
    shape('removeAllListeners', ['value?'], {
      effect: { kind: 'listener', action: 'remove-all', event: 'Argument[0]' },
    }),
  ];
}

/** An injected third-party client, by its name alone; last, because any name fits its members. */
const EXTERNAL_RECEIVERS = [
  '*api',
  '*apiclient',
  '*httpclient',
  '*restclient',
  '*gateway',
  '*sdk',
  'api',
  'sdk',
  'gateway',
];

/** Clients of stores and buses, and members that only look things up: not requests to a third party. */
const EXTERNAL: ShapeModel = {
  method: '*',
  receiver: EXTERNAL_RECEIVERS,
  arguments: ['...'],
  model: { effect: { kind: 'request' } },
};

/** Members of such a client that do no request whatever its name: set-up and events. */
const EXTERNAL_NEUTRAL: readonly ShapeModel[] = [
  'setToken',
  'setHeader',
  'setHeaders',
  'setBaseUrl',
  'on',
  'once',
  'off',
  'use',
  'configure',
  'init',
  'close',
  'destroy',
  'dispose',
  'toString',
  'emit',
].map((method) => ({ method, receiver: EXTERNAL_RECEIVERS, arguments: ['...'], model: { neutral: true } }));

/** Clients named `…Client` that are not of a store: `stripeClient`, `billingClient`. */
const CLIENT: ShapeModel = {
  method: '*',
  receiver: ['*client'],
  arguments: ['...'],
  model: { effect: { kind: 'request' } },
};
const STORE_CLIENTS = [
  'client',
  '*redisclient',
  '*cacheclient',
  '*dbclient',
  '*pgclient',
  '*poolclient',
  '*mongoclient',
  '*prismaclient',
  '*queryclient',
  '*sqlclient',
  '*databaseclient',
  '*kafkaclient',
  '*mqttclient',
  '*languageclient',
  '*socketclient',
  '*clickhouseclient',
  '*memcacheclient',
  '*memcachedclient',
];
const STORE_CLIENT: ShapeModel = { method: '*', receiver: STORE_CLIENTS, arguments: ['...'], model: {} };

/** Cache-like receivers behind an interface: `cache.get(key)`, `redis.set(key, value)`. */
const CACHES = [
  'redis',
  'cache',
  '*redis',
  '*cache',
  '*redisclient',
  '*cacheclient',
  'cachemanager',
  'cacheservice',
  '*cacheservice',
  '*cachemanager',
  'kv',
  '*kv',
];

function cacheShapes(): ShapeModel[] {
  const shape = (method: string, args: readonly ArgumentShape[], effect: CallModel['effect']): ShapeModel => ({
    method,
    receiver: CACHES,
    arguments: args,
    model: effect === undefined ? {} : { effect },
  });
  const key = 'Argument[0]';
  return [
    shape('get', ['value', 'value?'], { kind: 'cache', action: 'get', key }),
    shape('set', ['value', 'value', '...'], {
      kind: 'cache',
      action: 'set',
      key,
      value: 'Argument[1]',
      ttl: 'Argument[2]',
      absentFlag: 'Arguments[2..]',
    }),
    shape('setex', ['value', 'value', 'value'], {
      kind: 'cache',
      action: 'set',
      key,
      value: 'Argument[2]',
      ttl: 'Argument[1]',
    }),
    ...['setnx', 'setNX'].map((name) =>
      shape(name, ['value', 'value'], { kind: 'cache', action: 'set-if-absent', key, value: 'Argument[1]' }),
    ),
    ...['del', 'delete', 'unlink', 'invalidate'].map((name) =>
      shape(name, ['value', '...'], { kind: 'cache', action: 'delete', key }),
    ),
    ...['incr', 'decr', 'incrby', 'incrBy', 'decrby', 'decrBy'].map((name) =>
      shape(name, ['value', 'value?'], { kind: 'cache', action: 'increment', key }),
    ),
    ...['expire', 'pexpire'].map((name) =>
      shape(name, ['value', 'value'], { kind: 'cache', action: 'expire', key, ttl: 'Argument[1]' }),
    ),
    ...['exists', 'has'].map((name) => shape(name, ['value'], { kind: 'cache', action: 'exists', key })),
  ];
}

/** Clients that go by Knex's own names; `db('users')` is believed only once a further builder member follows. */
const KNEX = ['knex', '*knex', 'trx', '*trx'];

/** Statements that Knex and Objection build; their further members are those libraries' (`instance`). */
function builderShapes(): ShapeModel[] {
  const instance = 'knex#QueryBuilder';
  const client = (method: string, awaitable: boolean): ShapeModel => ({
    method,
    receiver: 'any',
    arguments: ['table-name'],
    model: {
      builds: {
        starts: true,
        action: 'read',
        table: 'Argument[0]',
        returns: 'rows',
        ...(awaitable ? { awaitable } : {}),
      },
      executor: 'Callee',
      instance,
    },
  });
  const member = (method: string, args: readonly ArgumentShape[], table?: string): ShapeModel => ({
    method,
    receiver: KNEX,
    arguments: args,
    model: {
      builds: {
        starts: true,
        action: 'read',
        ...(table === undefined ? {} : { table }),
        returns: 'rows',
        awaitable: true,
      },
      instance,
    },
  });
  const model = (table: string, rest: BuildModel, executor: string): CallModel => ({
    builds: { starts: true, action: 'read', table, executor, ...rest },
    instance: 'objection#QueryBuilder',
  });
  const row = model('This.Entity', { primaryKey: 'This', returns: 'row' }, 'Argument[0]');
  const related = model('Argument[0]', { returns: 'rows' }, 'Argument[1]');
  return [
    client('knex', true),
    ...['db', 'trx', 'tx', 'database'].map((name) => client(name, false)),
    ...['table', 'from', 'into'].map((name) => member(name, ['table-name'], 'Argument[0]')),
    ...['select', 'column', 'columns', 'distinct'].map((name) => member(name, ['...'])),
    ...['with', 'withRecursive'].map((name) => member(name, ['string', '...'])),
    // `Page.query().findById(id)`, `app.models.pages.query().where(…)`
    { method: 'query', receiver: 'any', arguments: [], model: model('This.Name', { returns: 'rows' }, 'Argument[0]') },
    {
      method: 'query',
      receiver: ['models'],
      delegate: true,
      arguments: ['value'],
      model: model('This.Name', { returns: 'rows' }, 'Argument[0]'),
    },
    { method: '$query', receiver: 'any', arguments: ['value?'], model: row },
    ...['$relatedQuery', 'relatedQuery'].map(
      (method): ShapeModel => ({ method, receiver: 'any', arguments: ['string', 'value?'], model: related }),
    ),
  ];
}

/** In order: the first that fits counts. */
export const SHAPES: readonly ShapeModel[] = [
  ...prismaShapes(),
  ...RAW_PRISMA,
  ...sqlShapes(),
  ...builderShapes(),
  ...tableShapes(),
  ...relationalShapes(),
  ...transactionShapes(),
  ...lockShapes(),
  ...cacheShapes(),
  ...listenerShapes(),
  STORE_CLIENT,
  ...EXTERNAL_NEUTRAL,
  EXTERNAL,
  CLIENT,
];
