/**
 * TypeORM 0.2, 0.3 and 1: repositories, entity managers, active records, query runners and query builders. The three
 * versions differ in members that came and went (`findByIds`, `findOneById`, `exist`, `getConnection`), not in meaning.
 */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallModel, type DatabaseModel, defineModels, type Path } from './model.ts';

/** The members that repositories, managers and active-record classes share; `from` is the first argument after the entity. */
function finders(table: Path, from: number): Calls {
  const at = (offset: number): Path => `Argument[${from + offset}]`;
  const read = (rest: Partial<DatabaseModel> & Pick<DatabaseModel, 'returns'>): CallModel => ({
    effect: { kind: 'database', action: 'read', table, ...rest },
  });
  const options = {
    where: `${at(0)}.Member[where]`,
    relations: `${at(0)}.Member[relations]`,
    lock: `${at(0)}.Member[lock]`,
    limit: `${at(0)}.Member[take]`,
  } as const;
  const byIdentity = ['string', 'number'] as const;
  const findOne: CallModel = {
    ...read({ ...options, returns: 'row' }),
    // 0.2: an id, then the options.
    forms: byIdentity.map((shape) => ({
      arguments: from === 0 ? [shape, '...'] : ['value', shape, '...'],
      model: read({
        primaryKey: at(0),
        relations: `${at(1)}.Member[relations]`,
        lock: `${at(1)}.Member[lock]`,
        returns: 'row',
      }),
    })),
  };
  const aggregate: CallModel = read({ where: at(1), returns: 'unknown' });
  return {
    find: read({ ...options, returns: 'rows' }),
    findAndCount: read({ ...options, returns: 'rows' }),
    findBy: read({ where: at(0), returns: 'rows' }),
    findAndCountBy: read({ where: at(0), returns: 'rows' }),
    findByIds: read({ primaryKey: at(0), returns: 'rows' }),
    findOne,
    findOneOrFail: findOne,
    findOneBy: read({ where: at(0), returns: 'row' }),
    findOneByOrFail: read({ where: at(0), returns: 'row' }),
    findOneById: read({ primaryKey: at(0), returns: 'row' }),
    count: read({ where: `${at(0)}.Member[where]`, returns: 'count' }),
    countBy: read({ where: at(0), returns: 'count' }),
    exist: read({ where: `${at(0)}.Member[where]`, returns: 'exists' }),
    exists: read({ where: `${at(0)}.Member[where]`, returns: 'exists' }),
    existsBy: read({ where: at(0), returns: 'exists' }),
    sum: aggregate,
    average: aggregate,
    minimum: aggregate,
    maximum: aggregate,
    preload: read({ primaryKey: `${at(0)}.Member[id]`, returns: 'row' }),
  };
}

function writers(table: Path, from: number): Calls {
  const at = (offset: number): Path => `Argument[${from + offset}]`;
  const affected = { returns: 'affected', affected: 'Member[affected]' } as const;
  const counter: CallModel = {
    effect: { kind: 'database', action: 'update', table, where: at(0), atomic: at(1), ...affected },
  };
  return {
    insert: { effect: { kind: 'database', action: 'insert', table, data: at(0), returns: 'unknown' } },
    update: { effect: { kind: 'database', action: 'update', table, where: at(0), data: at(1), ...affected } },
    updateAll: { effect: { kind: 'database', action: 'update', table, data: at(0), ...affected } },
    upsert: {
      effect: { kind: 'database', action: 'upsert', table, data: at(0), returns: 'unknown', conflictHandled: true },
    },
    delete: { effect: { kind: 'database', action: 'delete', table, where: at(0), ...affected } },
    deleteAll: { effect: { kind: 'database', action: 'delete', table, ...affected } },
    clear: { effect: { kind: 'database', action: 'delete', table, returns: 'nothing' } },
    softDelete: { effect: { kind: 'database', action: 'update', table, where: at(0), ...affected } },
    restore: { effect: { kind: 'database', action: 'update', table, where: at(0), ...affected } },
    increment: counter,
    decrement: counter,
  };
}

/** `save` and its kin take entities; what they return is what they were given. */
function savers(table: Path, entity: Path): Calls {
  const write = (action: DatabaseModel['action']): CallModel => ({
    effect: { kind: 'database', action, table, data: entity, returns: 'row' },
    returns: entity,
  });
  return { save: write('save'), remove: write('delete'), softRemove: write('update'), recover: write('update') };
}

/** `save(entity)` or `save(Target, entity)`. */
function managerSavers(): Calls {
  const bare = savers('Argument[0].Entity', 'Argument[0]');
  const targeted = savers('Argument[0]', 'Argument[1]');
  const both: Record<string, CallModel> = {};
  for (const [name, model] of Object.entries(bare)) {
    const form = targeted[name];
    both[name] =
      form === undefined
        ? model
        : {
            ...model,
            forms: [
              { arguments: ['class', 'value', '...'], model: form },
              { arguments: ['string', 'value', '...'], model: form },
              { arguments: ['value', 'array', '...'], model: form },
            ],
          };
  }
  return both;
}

function only(calls: Calls, names: string): Calls {
  const wanted = names.split(' ');
  return Object.fromEntries(Object.entries(calls).filter(([name]) => wanted.includes(name)));
}

const QUERY: CallModel = { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]' } };
const SQL_TAG: CallModel = { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Arguments[1..]' } };

/** `transaction(run)` or `transaction(isolation, run)`. */
const TRANSACTION: CallModel = {
  callbacks: [
    {
      argument: 'Argument[-1]',
      runs: 'once',
      parameters: ['This'],
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[0]' },
      returns: 'value',
    },
  ],
};

const BIND: CallModel = { neutral: true, boundTo: 'Argument[0]', returns: 'This', instance: 'Repository' };
const TREE_BIND: CallModel = { ...BIND, instance: 'TreeRepository' };
const GLOBAL_BIND: CallModel = { neutral: true, boundTo: 'Argument[0]', instance: 'Repository' };

const CREATE_BUILDER: CallModel = {
  builds: { starts: true, action: 'read', table: 'This.Entity' },
  returns: 'This',
  instance: 'SelectQueryBuilder',
};
const CREATE_BUILDER_FOR: CallModel = {
  builds: { starts: true, action: 'read', table: 'Argument[0]' },
  returns: 'This',
  instance: 'SelectQueryBuilder',
};

const WHERE: CallModel = { builds: { where: 'Arguments[0..]' }, returns: 'This' };
const CHAIN: CallModel = { neutral: true, returns: 'This' };
const LIMIT: CallModel = { builds: { limit: 'Argument[0]' }, returns: 'This' };
const ORDER: CallModel = { builds: { orderBy: 'Argument[0]' }, returns: 'This' };
const JOIN_LOADED: CallModel = { builds: { relations: 'Argument[0]' }, returns: 'This' };
const RETURNING: CallModel = { builds: { reportsAffected: true }, returns: 'This' };

function terminal(returns: DatabaseModel['returns']): CallModel {
  return { effect: { kind: 'database', action: 'read', table: 'This.Entity', returns, built: true } };
}

const EXECUTE: CallModel = {
  effect: {
    kind: 'database',
    action: 'update',
    table: 'This.Entity',
    returns: 'affected',
    affected: 'Member[affected]',
    built: true,
  },
};

const BUILDERS = ['SelectQueryBuilder#', 'UpdateQueryBuilder#', 'DeleteQueryBuilder#', 'SoftDeleteQueryBuilder#'];
const WRITE_BUILDERS = ['UpdateQueryBuilder#', 'DeleteQueryBuilder#', 'InsertQueryBuilder#', 'SoftDeleteQueryBuilder#'];

const RELATION_WRITE: CallModel = {
  effect: { kind: 'database', action: 'update', table: 'This.Entity', returns: 'nothing' },
};

export const typeorm = defineModels({
  package: 'typeorm',
  source: 'https://typeorm.io/docs/working-with-entity-manager/repository-api/',
  extends: {
    TreeRepository: 'Repository',
    MongoRepository: 'Repository',
    AbstractRepository: 'Repository',
    MongoEntityManager: 'EntityManager',
    Connection: 'DataSource',
    SelectQueryBuilder: 'QueryBuilder',
    UpdateQueryBuilder: 'QueryBuilder',
    DeleteQueryBuilder: 'QueryBuilder',
    SoftDeleteQueryBuilder: 'QueryBuilder',
    InsertQueryBuilder: 'QueryBuilder',
    RelationQueryBuilder: 'QueryBuilder',
  },
  calls: {
    ...underEach(['Repository#'], finders('This.Entity', 0)),
    ...underEach(['Repository#'], writers('This.Entity', 0)),
    ...underEach(['Repository#'], savers('This.Entity', 'Argument[0]')),
    'Repository#query': QUERY,
    'Repository#sql': SQL_TAG,
    'Repository#createQueryBuilder': CREATE_BUILDER,
    'Repository#extend': { neutral: true, returns: 'This', instance: 'Repository' },
    // Makes an object, writes nothing.
    'Repository#create': { neutral: true, returns: 'Argument[0]', fresh: true },
    'Repository#merge': {
      effect: { kind: 'memory', action: 'add', target: 'Argument[0]', value: 'Arguments[1..]' },
      returns: 'Argument[0]',
    },
    ...members(['Repository#'], 'hasId getId', NEUTRAL),
    ...members(['TreeRepository#'], 'findTrees findRoots findDescendants findAncestors', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'rows' },
    }),
    ...members(['TreeRepository#'], 'findDescendantsTree findAncestorsTree', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'row' },
    }),
    ...members(['TreeRepository#'], 'countDescendants countAncestors', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'count' },
    }),
    ...members(['TreeRepository#'], 'createDescendantsQueryBuilder createAncestorsQueryBuilder', CREATE_BUILDER),

    ...underEach(['EntityManager#'], finders('Argument[0]', 1)),
    ...underEach(['EntityManager#'], writers('Argument[0]', 1)),
    ...underEach(['EntityManager#'], managerSavers()),
    'EntityManager#query': QUERY,
    'EntityManager#sql': SQL_TAG,
    'EntityManager#transaction': TRANSACTION,
    'EntityManager#createQueryBuilder': CREATE_BUILDER_FOR,
    'EntityManager#create': { neutral: true, returns: 'Argument[1]', fresh: true },
    'EntityManager#merge': {
      effect: { kind: 'memory', action: 'add', target: 'Argument[1]', value: 'Arguments[2..]' },
      returns: 'Argument[1]',
    },
    ...members(['EntityManager#'], 'hasId getId', NEUTRAL),
    ...members(['EntityManager#'], 'getRepository getMongoRepository getCustomRepository', BIND),
    'EntityManager#getTreeRepository': TREE_BIND,
    'EntityManager#withRepository': {
      neutral: true,
      boundTo: 'Argument[0].Entity',
      returns: 'This',
      instance: 'Repository',
    },
    'EntityManager#release': { effect: { kind: 'resource', action: 'release', resource: 'connection', in: 'This' } },

    'DataSource#query': QUERY,
    'DataSource#sql': SQL_TAG,
    'DataSource#transaction': TRANSACTION,
    'DataSource#createQueryBuilder': CREATE_BUILDER_FOR,
    ...members(['DataSource#'], 'getRepository getMongoRepository getCustomRepository', BIND),
    'DataSource#getTreeRepository': TREE_BIND,
    'DataSource#createQueryRunner': {
      effect: { kind: 'resource', action: 'acquire', resource: 'connection', in: 'ReturnValue' },
      instance: 'QueryRunner',
    },
    'DataSource#createEntityManager': { neutral: true, instance: 'EntityManager' },
    ...members(['DataSource#'], 'initialize destroy connect close getMetadata hasMetadata setOptions', NEUTRAL),
    'new DataSource': { neutral: true, fresh: true },

    'QueryRunner#query': QUERY,
    'QueryRunner#sql': SQL_TAG,
    'QueryRunner#stream': QUERY,
    'QueryRunner#connect': NEUTRAL,
    'QueryRunner#startTransaction': {
      effect: { kind: 'transaction', action: 'begin', isolation: 'Argument[0]' },
    },
    'QueryRunner#commitTransaction': { effect: { kind: 'transaction', action: 'commit' } },
    'QueryRunner#rollbackTransaction': { effect: { kind: 'transaction', action: 'rollback' } },
    'QueryRunner#release': { effect: { kind: 'resource', action: 'release', resource: 'connection', in: 'This' } },

    // Active record: the class itself is the repository.
    ...underEach(
      ['BaseEntity.'],
      only(
        finders('This.Entity', 0),
        'find findAndCount findBy findAndCountBy findByIds findOne findOneOrFail findOneBy findOneByOrFail findOneById count countBy exists existsBy sum average minimum maximum preload',
      ),
    ),
    ...underEach(['BaseEntity.'], only(writers('This.Entity', 0), 'insert update upsert delete clear')),
    ...underEach(['BaseEntity.'], only(savers('This.Entity', 'Argument[0]'), 'save remove softRemove')),
    'BaseEntity.query': QUERY,
    'BaseEntity.createQueryBuilder': CREATE_BUILDER,
    'BaseEntity.getRepository': { neutral: true, boundTo: 'This.Entity', instance: 'Repository' },
    'BaseEntity.create': { neutral: true, returns: 'Argument[0]', fresh: true },
    'BaseEntity.merge': {
      effect: { kind: 'memory', action: 'add', target: 'Argument[0]', value: 'Arguments[1..]' },
      returns: 'Argument[0]',
    },
    ...members(['BaseEntity.'], 'hasId getId useDataSource', NEUTRAL),
    ...underEach(['BaseEntity#'], savers('This.Entity', 'This')),
    'BaseEntity#reload': { effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'nothing' } },
    'BaseEntity#hasId': NEUTRAL,

    // Builder members, then the terminal ones.
    'QueryBuilder#select': CHAIN,
    'QueryBuilder#insert': { builds: { action: 'insert' }, returns: 'This', instance: 'InsertQueryBuilder' },
    'QueryBuilder#update': {
      builds: { action: 'update', table: 'Argument[0]', data: 'Argument[1]' },
      returns: 'This',
      instance: 'UpdateQueryBuilder',
      forms: [
        {
          arguments: [],
          model: { builds: { action: 'update' }, returns: 'This', instance: 'UpdateQueryBuilder' },
        },
      ],
    },
    'QueryBuilder#delete': { builds: { action: 'delete' }, returns: 'This', instance: 'DeleteQueryBuilder' },
    ...members(['QueryBuilder#'], 'softDelete restore', {
      builds: { action: 'update' },
      returns: 'This',
      instance: 'SoftDeleteQueryBuilder',
    }),
    'QueryBuilder#relation': { neutral: true, returns: 'This', instance: 'RelationQueryBuilder' },
    'QueryBuilder#setQueryRunner': { builds: { executor: 'Argument[0]' }, returns: 'This' },
    ...members(
      ['QueryBuilder#'],
      'setParameter setParameters comment disableEscaping callListeners useTransaction addCommonTableExpression clone createQueryBuilder',
      CHAIN,
    ),
    ...members(['QueryBuilder#'], 'getSql getQuery getQueryAndParameters getParameters hasParameter escape', NEUTRAL),
    'QueryBuilder#execute': EXECUTE,
    ...members(
      WRITE_BUILDERS.filter((name) => name !== 'SoftDeleteQueryBuilder#'),
      'execute',
      EXECUTE,
    ),
    'SoftDeleteQueryBuilder#execute': EXECUTE,
    ...members(BUILDERS, 'where andWhere orWhere', WHERE),
    ...members(BUILDERS, 'whereInIds andWhereInIds orWhereInIds', {
      builds: { where: 'Argument[0]' },
      returns: 'This',
    }),
    ...members(
      ['SelectQueryBuilder#'],
      'whereExists andWhereExists orWhereExists having andHaving orHaving groupBy addGroupBy select addSelect distinct distinctOn innerJoin leftJoin loadRelationIdAndMap loadAllRelationIds offset skip useIndex withDeleted cache setOption maxExecutionTime addFrom fromDummy timeTravelQuery',
      CHAIN,
    ),
    ...members(['SelectQueryBuilder#', 'DeleteQueryBuilder#'], 'from', {
      builds: { table: 'Argument[0]' },
      returns: 'This',
    }),
    ...members(['SelectQueryBuilder#'], 'innerJoinAndSelect leftJoinAndSelect', JOIN_LOADED),
    ...members(['SelectQueryBuilder#'], 'innerJoinAndMapMany innerJoinAndMapOne leftJoinAndMapMany leftJoinAndMapOne', {
      builds: { relations: 'Argument[1]' },
      returns: 'This',
    }),
    'SelectQueryBuilder#setFindOptions': {
      builds: {
        where: 'Argument[0].Member[where]',
        relations: 'Argument[0].Member[relations]',
        lock: 'Argument[0].Member[lock]',
        limit: 'Argument[0].Member[take]',
      },
      returns: 'This',
    },
    'SelectQueryBuilder#setLock': { builds: { lock: 'Argument[0]' }, returns: 'This' },
    'SelectQueryBuilder#setOnLocked': { builds: { immediate: true }, returns: 'This' },
    'SelectQueryBuilder#subQuery': { neutral: true, fresh: true, instance: 'SelectQueryBuilder' },
    ...members(['SelectQueryBuilder#', 'UpdateQueryBuilder#'], 'limit', LIMIT),
    'SelectQueryBuilder#take': LIMIT,
    ...members(['SelectQueryBuilder#', 'UpdateQueryBuilder#'], 'orderBy addOrderBy', ORDER),
    ...members(['SelectQueryBuilder#'], 'getQuery', NEUTRAL),
    ...members(['SelectQueryBuilder#'], 'getOne getOneOrFail getRawOne', terminal('row')),
    ...members(['SelectQueryBuilder#'], 'getMany getRawMany getManyAndCount', terminal('rows')),
    'SelectQueryBuilder#getRawAndEntities': terminal('unknown'),
    'SelectQueryBuilder#stream': terminal('rows'),
    'SelectQueryBuilder#getCount': terminal('count'),
    'SelectQueryBuilder#getExists': terminal('exists'),
    'UpdateQueryBuilder#set': { builds: { data: 'Argument[0]' }, returns: 'This' },
    ...members(['UpdateQueryBuilder#', 'InsertQueryBuilder#'], 'updateEntity', CHAIN),
    'UpdateQueryBuilder#whereEntity': { builds: { where: 'Argument[0]' }, returns: 'This' },
    'InsertQueryBuilder#into': { builds: { table: 'Argument[0]' }, returns: 'This' },
    'InsertQueryBuilder#values': { builds: { data: 'Argument[0]' }, returns: 'This' },
    ...members(['InsertQueryBuilder#'], 'orIgnore orUpdate', { builds: { conflictHandled: true }, returns: 'This' }),
    ...members(WRITE_BUILDERS, 'returning output', RETURNING),
    'RelationQueryBuilder#of': { builds: { where: 'Argument[0]' }, returns: 'This' },
    ...members(['RelationQueryBuilder#'], 'set add remove addAndRemove', RELATION_WRITE),
    'RelationQueryBuilder#loadOne': {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'row' },
    },
    'RelationQueryBuilder#loadMany': {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'rows' },
    },

    // 0.2 and 0.3: globals over the default connection.
    ...members([''], 'getRepository getMongoRepository getCustomRepository', GLOBAL_BIND),
    getTreeRepository: { ...GLOBAL_BIND, instance: 'TreeRepository' },
    ...members([''], 'getManager getMongoManager', { neutral: true, instance: 'EntityManager' }),
    ...members([''], 'getConnection createConnection', { neutral: true, instance: 'DataSource' }),
    createQueryBuilder: {
      builds: { starts: true, action: 'read', table: 'Argument[0]' },
      instance: 'SelectQueryBuilder',
    },

    // Operators inside `where`: values, no I/O.
    ...members(
      [''],
      'In Not Equal LessThan LessThanOrEqual MoreThan MoreThanOrEqual Like ILike Between IsNull Any And Or Raw ArrayContains ArrayContainedBy ArrayOverlap JsonContains',
      NEUTRAL,
    ),
  },
});
