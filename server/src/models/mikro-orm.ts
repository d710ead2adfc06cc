/**
 * MikroORM: a unit of work. `persist` and `remove` only mark; `flush` writes everything that changed, also mere
 * assignments to managed entities.
 */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallModel, type DatabaseModel, defineModels } from './model.ts';

function finders(table: string, from: number): Calls {
  const where = `Argument[${from}]`;
  const options = {
    relations: `Argument[${from + 1}].Member[populate]`,
    lock: `Argument[${from + 1}].Member[lockMode]`,
    limit: `Argument[${from + 1}].Member[limit]`,
  } as const;
  const read = (returns: DatabaseModel['returns']): CallModel => ({
    effect: { kind: 'database', action: 'read', table, where, ...options, returns },
  });
  const affected = { returns: 'affected' } as const;
  return {
    find: read('rows'),
    findAndCount: read('rows'),
    findAll: {
      effect: {
        kind: 'database',
        action: 'read',
        table,
        where: `${where}.Member[where]`,
        relations: `${where}.Member[populate]`,
        limit: `${where}.Member[limit]`,
        returns: 'rows',
      },
    },
    findByCursor: read('rows'),
    findOne: read('row'),
    findOneOrFail: read('row'),
    count: read('count'),
    insert: { effect: { kind: 'database', action: 'insert', table, data: where, returns: 'unknown' } },
    insertMany: { effect: { kind: 'database', action: 'insert', table, data: where, returns: 'unknown' } },
    ...members([''], 'upsert upsertMany', {
      effect: { kind: 'database', action: 'upsert', table, data: where, returns: 'row', conflictHandled: true },
    }),
    nativeUpdate: {
      effect: { kind: 'database', action: 'update', table, where, data: `Argument[${from + 1}]`, ...affected },
    },
    nativeDelete: { effect: { kind: 'database', action: 'delete', table, where, ...affected } },
    getReference: { neutral: true, returns: where },
    // Makes a new entity; written at the next flush when persisted.
    create: table.startsWith('Argument')
      ? { neutral: true, boundTo: table, fresh: true }
      : { neutral: true, returns: where, fresh: true },
    map: { neutral: true, returns: where },
  };
}

const FLUSH: CallModel = {
  effect: { kind: 'database', action: 'save', table: 'unknown', returns: 'nothing' },
  flushes: true,
};

export const mikroOrm = defineModels({
  package: '@mikro-orm/core',
  aliases: [
    '@mikro-orm/knex',
    '@mikro-orm/sql',
    '@mikro-orm/postgresql',
    '@mikro-orm/mysql',
    '@mikro-orm/mariadb',
    '@mikro-orm/sqlite',
    '@mikro-orm/better-sqlite',
    '@mikro-orm/mongodb',
    '@mikro-orm/nestjs',
  ],
  source: 'https://mikro-orm.io/docs/entity-manager',
  extends: {
    SqlEntityManager: 'EntityManager',
    MongoEntityManager: 'EntityManager',
    SqlEntityRepository: 'EntityRepository',
  },
  calls: {
    ...underEach(['EntityManager#'], finders('Argument[0]', 1)),
    ...underEach(['EntityRepository#'], finders('This.Entity', 0)),
    ...members(['EntityManager#', 'EntityRepository#'], 'assign', {
      effect: { kind: 'memory', action: 'add', target: 'Argument[0]', value: 'Argument[1]' },
      returns: 'Argument[0]',
    }),
    ...members(['EntityManager#', 'EntityRepository#'], 'merge', { neutral: true, returns: 'Argument[0]' }),
    ...members(['EntityManager#', 'EntityRepository#'], 'persist', {
      effect: {
        kind: 'database',
        action: 'save',
        table: 'Argument[0].Entity',
        data: 'Argument[0]',
        returns: 'nothing',
      },
      deferred: true,
      returns: 'This',
    }),
    ...members(['EntityManager#', 'EntityRepository#'], 'remove', {
      effect: {
        kind: 'database',
        action: 'delete',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        returns: 'nothing',
      },
      deferred: true,
      returns: 'This',
    }),
    ...members(['EntityManager#', 'EntityRepository#'], 'persistAndFlush', {
      effect: {
        kind: 'database',
        action: 'save',
        table: 'Argument[0].Entity',
        data: 'Argument[0]',
        returns: 'nothing',
      },
      flushes: true,
    }),
    ...members(['EntityManager#', 'EntityRepository#'], 'removeAndFlush', {
      effect: {
        kind: 'database',
        action: 'delete',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        returns: 'nothing',
      },
      flushes: true,
    }),
    ...members(['EntityManager#', 'EntityRepository#'], 'flush', FLUSH),
    // One query for all entities given.
    ...members(['EntityManager#', 'EntityRepository#'], 'populate', {
      effect: {
        kind: 'database',
        action: 'read',
        table: 'Argument[0].Element.Entity',
        relations: 'Argument[1]',
        returns: 'rows',
      },
    }),
    ...members(['EntityManager#'], 'refresh refreshOrFail', {
      effect: {
        kind: 'database',
        action: 'read',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        returns: 'row',
      },
    }),
    'EntityManager#lock': {
      effect: {
        kind: 'database',
        action: 'lock',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        lock: 'Argument[1]',
        returns: 'nothing',
      },
    },
    'EntityManager#transactional': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'once',
          parameters: ['This'],
          // Whoever asks for the manager of the moment is given the transaction's; a fork asks nobody.
          transaction: { executor: 'ambient', isolation: 'Argument[1].Member[isolationLevel]' },
          returns: 'value',
        },
      ],
      flushes: true,
    },
    'EntityManager#begin': {
      effect: { kind: 'transaction', action: 'begin', isolation: 'Argument[0].Member[isolationLevel]' },
    },
    'EntityManager#commit': { effect: { kind: 'transaction', action: 'commit' }, flushes: true },
    'EntityManager#rollback': { effect: { kind: 'transaction', action: 'rollback' } },
    ...members(['EntityManager#'], 'getRepository repo', {
      neutral: true,
      boundTo: 'Argument[0]',
      returns: 'This',
      instance: 'EntityRepository',
    }),
    'EntityManager#fork': {
      neutral: true,
      fresh: true,
      instance: 'EntityManager',
      detached: { unless: ['Argument[0].Member[keepTransactionContext]', 'Argument[0].Member[useContext]'] },
    },
    ...members(
      ['EntityManager#'],
      'clear getContext getUnitOfWork isInTransaction getConnection setFilterParams addFilter',
      NEUTRAL,
    ),
    'EntityRepository#getEntityManager': { neutral: true, returns: 'This', instance: 'EntityManager' },
    'SqlEntityManager#execute': { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]' } },

    // A relation's collection or reference: a query each time it is not yet loaded.
    ...members(['Collection#'], 'init load loadItems matching', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'rows' },
    }),
    'Collection#loadCount': { effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'count' } },
    ...members(['Reference#'], 'load loadOrFail', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'row' },
    }),
    'Reference#loadProperty': { effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'row' } },
    ...members(['Collection#'], 'add remove set removeAll', {
      effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' },
    }),
    ...members(['ArrayCollection#'], 'set removeAll', {
      effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' },
    }),
    ...members(['Collection#'], 'getItems', { neutral: true, returns: 'This' }),
    ...members(
      ['Collection#', 'ArrayCollection#'],
      'contains count isInitialized isEmpty toArray toJSON getIdentifiers',
      NEUTRAL,
    ),
    ...members(['Reference#'], 'unwrap getEntity getProperty isInitialized', { neutral: true, returns: 'This' }),
  },
});
