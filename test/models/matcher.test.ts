import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_MODELS } from '../../server/src/models/index.ts';
import { createModelIndex, formOf } from '../../server/src/models/matcher.ts';
import { defineModels } from '../../server/src/models/model.ts';

const index = createModelIndex(ALL_MODELS);

function byImport(module: string, ...path: string[]): string | undefined {
  return index.byImport(module, path, false)?.id;
}

function byType(packageName: string, container: string | undefined, name: string, member = true): string | undefined {
  return index.lookup({ package: packageName, container, name, member, isNew: false })?.id;
}

test('a symbol matches by exact package and declaring class', () => {
  assert.equal(byType('typeorm', 'Repository', 'save'), 'typeorm#Repository.save');
  assert.equal(byType('typeorm-extras', 'Repository', 'save'), undefined);
  assert.equal(byType('typeorm', 'Thing', 'save'), undefined);
  assert.equal(byType('lib', 'PromiseConstructor', 'all'), 'lib#Promise.all');
  assert.equal(byType('lib', 'ReadonlyArray', 'map'), 'lib#ReadonlyArray.map');
});

test('a module of Node that needs its prefix is not the npm package of that name', () => {
  assert.equal(byType('node:sqlite', 'DatabaseSync', 'exec'), 'better-sqlite3#Database.exec');
  assert.equal(byType('sqlite', 'Database', 'exec'), 'sqlite3#Database.exec');
  assert.equal(byImport('sqlite', 'new Database', 'exec'), 'sqlite3#Database.exec');
});

test('a derived class has what its bases have', () => {
  assert.equal(byType('pg', 'Client', 'query'), 'pg#ClientBase.query');
  assert.equal(byType('pg', 'Pool', 'on'), 'node:events#EventEmitter.on');
});

test('members of mapped types have no class', () => {
  assert.equal(byType('@redis/client', undefined, 'hSet'), 'redis#hSet');
  assert.equal(byType('.prisma', 'UserDelegate', 'findMany'), '@prisma/client#findMany');
});

test('a member without an entry is a request where the package is an SDK', () => {
  assert.deepEqual(
    index.lookup({ package: 'stripe', container: 'CustomerResource', name: 'list', member: true, isNew: false })?.model
      .effect,
    {
      kind: 'request',
      payload: 'Arguments[0..]',
      service: 'stripe',
      retriesItself: true,
    },
  );
  assert.equal(byType('stripe', 'ChargeResource', 'create'), 'stripe#ChargeResource.create');
});

test('imports stand in for types', () => {
  assert.equal(byImport('axios', 'default'), 'axios#axios');
  assert.equal(byImport('axios', 'default', 'get'), 'axios#Axios.get');
  assert.equal(byImport('axios', '*', 'default', 'post'), 'axios#Axios.post');
  assert.equal(byImport('axios', 'default', 'create()', 'get'), 'axios#Axios.get');
  assert.equal(byImport('ioredis', 'new Redis', 'get'), 'ioredis#RedisCommander.get');
  assert.equal(byImport('ioredis', 'new default', 'get'), 'ioredis#RedisCommander.get');
  assert.equal(byImport('fs', '*', 'readFile'), 'node:fs#readFile');
  assert.equal(byImport('fs', 'promises', 'readFile'), 'node:fs/promises#readFile');
  assert.equal(byImport('fs', 'default', 'promises', 'readFile'), 'node:fs/promises#readFile');
  assert.equal(byImport('node:fs/promises', 'default', 'access'), 'node:fs/promises#access');
  assert.equal(byImport('p-limit', 'default'), 'p-limit#pLimit');
  assert.equal(byImport('p-limit', 'default()'), 'p-limit#LimitFunction()');
  assert.equal(byImport('redis', 'createClient()', 'set'), 'redis#set');
  assert.equal(byImport('pg', 'new Pool', 'query'), 'pg#Pool.query');
  assert.equal(byImport('pg', 'default', 'new Pool', 'query'), 'pg#Pool.query');
  assert.equal(byImport('pg', 'new Client', 'query'), 'pg#ClientBase.query');
  assert.equal(byImport('stripe', 'new default', 'charges', 'create'), 'stripe#Stripe.charges.create');
  assert.equal(byImport('stripe', 'new default', 'customers', 'list'), 'stripe#*');
  assert.equal(byImport('got', 'default', 'get'), 'got#Got.get');
  assert.equal(byImport('knex', 'default()'), 'knex#Knex()');
  assert.equal(byImport('no-such-package', 'default'), undefined);
});

test('a declared type or base class stands in for the instance: `orders: Repository<Order>`, `extends EventEmitter`', () => {
  assert.equal(byImport('typeorm', 'new Repository', 'find'), 'typeorm#Repository.find');
  assert.equal(byImport('node:events', 'new EventEmitter', 'on'), 'node:events#EventEmitter.on');
  assert.equal(byImport('events', 'new default', 'off'), 'node:events#EventEmitter.off');
  assert.equal(byImport('typeorm', 'new BaseEntity', 'save'), 'typeorm#BaseEntity.save');
  assert.equal(byImport('pg', 'new PoolClient', 'release'), 'pg#PoolClient.release');
  assert.equal(byImport('mongoose', 'new Model', 'findOne'), 'mongoose#Model.findOne');
});

test('construction', () => {
  assert.equal(index.byImport('pg', ['Pool'], true)?.id, 'pg#new Pool');
  assert.equal(index.byImport('pg', ['default', 'Pool'], true)?.id, 'pg#new Pool');
  assert.equal(index.byImport('dataloader', ['default'], true)?.id, 'dataloader#new DataLoader');
});

test('calls of values and pipelines', () => {
  assert.equal(index.callOf({ package: 'p-limit', name: 'LimitFunction' })?.id, 'p-limit#LimitFunction()');
  assert.equal(index.isBuffer({ package: 'ioredis', name: 'ChainableCommander' }), true);
  assert.equal(index.isBuffer({ package: 'ioredis', name: 'Redis' }), false);
});

test('the first file that has an entry wins, so a user can override', () => {
  const mine = defineModels({
    package: 'pg',
    source: 'https://example.com',
    calls: { 'Pool#query': { neutral: true } },
  });
  const overridden = createModelIndex([mine, ...ALL_MODELS]);
  const query = { package: 'pg', container: 'Pool', name: 'query', member: true, isNew: false };
  assert.deepEqual(overridden.lookup(query)?.model, { neutral: true });
  assert.equal(overridden.lookup({ ...query, name: 'connect' })?.id, 'pg#Pool.connect');
});

test('forms of a call are told apart by its arguments', () => {
  const save = index.lookup({
    package: 'typeorm',
    container: 'EntityManager',
    name: 'save',
    member: true,
    isNew: false,
  });
  assert.ok(save);
  const table = (...kinds: ('class' | 'object' | 'unknown' | 'array')[]): unknown => {
    const { effect } = formOf(
      save.model,
      kinds.map((kind) => ({ kind })),
    );
    return effect?.kind === 'database' ? effect.table : undefined;
  };
  assert.equal(table('unknown'), 'Argument[0].Entity');
  assert.equal(table('class', 'object'), 'Argument[0]');
  assert.equal(table('unknown', 'array'), 'Argument[0]');
});
