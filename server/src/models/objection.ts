/** Objection: Knex's builder bound to model classes, with relations. */

import { members, NEUTRAL } from './entries.ts';
import { KNEX_BUILDER } from './knex.ts';
import { type CallModel, defineModels } from './model.ts';

const AWAITED = { awaitable: true } as const;

const QUERY: CallModel = {
  builds: { starts: true, action: 'read', table: 'This.Entity', returns: 'rows', executor: 'Argument[0]', ...AWAITED },
  executor: 'Argument[0]',
  instance: 'QueryBuilder',
};
const by = (action: 'update' | 'read' | 'delete', data?: string): CallModel => ({
  builds: {
    action,
    primaryKey: 'Argument[0]',
    ...(data === undefined ? {} : { data }),
    returns: action === 'delete' ? 'affected' : 'row',
    ...AWAITED,
  },
  returns: 'This',
});
const patch: CallModel = {
  builds: { action: 'update', data: 'Argument[0]', returns: 'affected', ...AWAITED },
  returns: 'This',
};
const RELATIONS: CallModel = { builds: { relations: 'Argument[0]' }, returns: 'This' };
const TRANSACTION: CallModel = {
  callbacks: [{ argument: 'Argument[-1]', runs: 'once', transaction: { executor: 'Parameter[0]' }, returns: 'value' }],
};

export const objection = defineModels({
  package: 'objection',
  source: 'https://vincit.github.io/objection.js/api/query-builder/',
  calls: {
    ...Object.fromEntries(
      Object.entries(KNEX_BUILDER)
        .filter(([name]) => name !== 'pluck' && name !== 'upsert')
        .map(([name, model]) => [`QueryBuilder#${name}`, model]),
    ),
    'Model.query': QUERY,
    'Model#$query': { ...QUERY, builds: { ...QUERY.builds, primaryKey: 'This', returns: 'row' } },
    ...members(['Model#'], '$relatedQuery', {
      builds: {
        starts: true,
        action: 'read',
        table: 'Argument[0]',
        returns: 'rows',
        executor: 'Argument[1]',
        ...AWAITED,
      },
      executor: 'Argument[1]',
      instance: 'QueryBuilder',
    }),
    'Model.relatedQuery': {
      builds: {
        starts: true,
        action: 'read',
        table: 'Argument[0]',
        returns: 'rows',
        executor: 'Argument[1]',
        ...AWAITED,
      },
      executor: 'Argument[1]',
      instance: 'QueryBuilder',
    },
    'QueryBuilder#for': { builds: { where: 'Argument[0]' }, returns: 'This' },
    'QueryBuilder#findById': by('read'),
    'QueryBuilder#findByIds': {
      builds: { action: 'read', primaryKey: 'Argument[0]', returns: 'rows', ...AWAITED },
      returns: 'This',
    },
    'QueryBuilder#findOne': {
      builds: { action: 'read', where: 'Arguments[0..]', returns: 'row', ...AWAITED },
      returns: 'This',
    },
    'QueryBuilder#deleteById': by('delete'),
    ...members(['QueryBuilder#'], 'patchAndFetchById updateAndFetchById', by('update', 'Argument[1]')),
    ...members(['QueryBuilder#'], 'patch update', patch),
    ...members(['QueryBuilder#'], 'patchAndFetch updateAndFetch', {
      builds: { action: 'update', data: 'Argument[0]', returns: 'row', ...AWAITED },
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'insertAndFetch insertGraph insertGraphAndFetch', {
      builds: { action: 'insert', data: 'Argument[0]', returns: 'row', ...AWAITED },
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'upsertGraph upsertGraphAndFetch', {
      builds: { action: 'save', data: 'Argument[0]', returns: 'row', ...AWAITED },
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'relate unrelate', {
      builds: { action: 'update', returns: 'affected', ...AWAITED },
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'withGraphFetched withGraphJoined modifyGraph', RELATIONS),
    ...members(['QueryBuilder#'], 'resultSize', {
      builds: { action: 'read', returns: 'count', ...AWAITED },
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'joinRelated leftJoinRelated throwIfNotFound context page range', {
      neutral: true,
      returns: 'This',
    }),
    ...members(['QueryBuilder#'], 'from table into', { builds: { table: 'Argument[0]' }, returns: 'This' }),
    ...members(['QueryBuilder#'], 'onConflict', { neutral: true, returns: 'This' }),
    ...members(['QueryBuilder#'], 'merge ignore', { builds: { conflictHandled: true }, returns: 'This' }),
    // Reads the relation for rows that are already loaded: one query for a list of them.
    'Model.fetchGraph': { effect: { kind: 'database', action: 'read', table: 'Argument[1]', returns: 'rows' } },
    'Model#$fetchGraph': { effect: { kind: 'database', action: 'read', table: 'Argument[0]', returns: 'rows' } },
    ...members(['Model.', 'Objection.', ''], 'transaction', TRANSACTION),
    'Model.startTransaction': { effect: { kind: 'transaction', action: 'begin' }, executor: 'ReturnValue.Awaited' },
    ...members(['Model.'], 'fromJson fromDatabaseJson', { neutral: true, returns: 'Argument[0]', fresh: true }),
    'Model.bindKnex': { neutral: true, returns: 'This' },
    ...members(['Model#'], '$set $setJson', {
      effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' },
      returns: 'This',
    }),
    ...members(['Model#'], '$toJson toJSON $clone', { neutral: true, returns: 'This' }),
    ...members([''], 'raw ref fn val', NEUTRAL),
  },
});
