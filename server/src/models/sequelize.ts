/** Sequelize 6 (and `sequelize-typescript`): statics of a model class, members of its instances, transactions. */

import { type Calls, members, NEUTRAL, UNMANAGED_TRANSACTION } from './entries.ts';
import { type CallModel, type DatabaseModel, defineModels } from './model.ts';

const table = 'This.Entity';
const inTransaction = (argument: number): string => `Argument[${argument}].Member[transaction]`;

const options = {
  where: 'Argument[0].Member[where]',
  relations: 'Argument[0].Member[include]',
  lock: 'Argument[0].Member[lock]',
  limit: 'Argument[0].Member[limit]',
} as const;

const read = (returns: DatabaseModel['returns']): CallModel => ({
  effect: { kind: 'database', action: 'read', table, ...options, returns },
  executor: inTransaction(0),
});

const COUNTER: CallModel = {
  effect: {
    kind: 'database',
    action: 'update',
    table,
    where: 'Argument[1].Member[where]',
    atomic: 'Argument[0]',
    returns: 'affected',
  },
  executor: inTransaction(1),
};
const INSTANCE_COUNTER: CallModel = {
  effect: { kind: 'database', action: 'update', table, primaryKey: 'This', atomic: 'Argument[0]', returns: 'nothing' },
  executor: inTransaction(1),
};
const FIND_OR_CREATE: CallModel = {
  effect: {
    kind: 'database',
    action: 'upsert',
    table,
    where: 'Argument[0].Member[where]',
    data: 'Argument[0].Member[defaults]',
    returns: 'row',
    conflictHandled: true,
  },
  executor: inTransaction(0),
};

/** Members for an association: typed by mixins (`declare getPosts: HasManyGetAssociationsMixin<Post>`). */
const related = (action: DatabaseModel['action'], returns: DatabaseModel['returns'], options: number): CallModel => ({
  effect: {
    kind: 'database',
    action,
    table: 'This.Entity',
    where: `Argument[${options}].Member[where]`,
    ...(action === 'insert' ? { data: 'Argument[0]' } : {}),
    returns,
  },
  executor: inTransaction(options),
});
/** The same by the association's name: `team.$get('members')`. */
const named = (action: DatabaseModel['action'], returns: DatabaseModel['returns'], options: number): CallModel => ({
  effect: {
    kind: 'database',
    action,
    table: 'Argument[0]',
    where: `Argument[${options}].Member[where]`,
    ...(action === 'insert' ? { data: 'Argument[1]' } : {}),
    returns,
  },
  executor: inTransaction(options),
});
const MANY = 'HasMany BelongsToMany';
const mixins = (owners: string, form: string, model: CallModel): Calls =>
  members(
    [''],
    owners
      .split(' ')
      .map((owner) => `${owner}${form}()`)
      .join(' '),
    model,
  );

/** `transaction(run)`, `transaction(options, run)`; without a function it begins one that the caller ends. */
const TRANSACTION: CallModel = {
  callbacks: [
    {
      argument: 'Argument[-1]',
      runs: 'once',
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[0].Member[isolationLevel]' },
      returns: 'value',
    },
  ],
  forms: UNMANAGED_TRANSACTION,
};

export const sequelize = defineModels({
  package: 'sequelize',
  aliases: ['sequelize-typescript', '@sequelize/core'],
  source: 'https://sequelize.org/docs/v6/core-concepts/model-querying-basics/',
  default: 'Sequelize',
  rows: 'Model',
  calls: {
    ...members(['Model.'], 'findAll findAndCountAll', read('rows')),
    'Model.findOne': read('row'),
    'Model.findByPk': {
      effect: {
        kind: 'database',
        action: 'read',
        table,
        primaryKey: 'Argument[0]',
        relations: 'Argument[1].Member[include]',
        lock: 'Argument[1].Member[lock]',
        returns: 'row',
      },
      executor: inTransaction(1),
    },
    'Model.count': read('count'),
    ...members(['Model.'], 'max min sum aggregate', {
      effect: { kind: 'database', action: 'read', table, where: 'Argument[1].Member[where]', returns: 'unknown' },
      executor: inTransaction(1),
    }),
    'Model.create': {
      effect: { kind: 'database', action: 'insert', table, data: 'Argument[0]', returns: 'row' },
      executor: inTransaction(1),
    },
    'Model.bulkCreate': {
      effect: { kind: 'database', action: 'insert', table, data: 'Argument[0]', returns: 'rows' },
      executor: inTransaction(1),
    },
    ...members(['Model.'], 'findOrCreate findCreateFind', FIND_OR_CREATE),
    'Model.findOrBuild': read('row'),
    'Model.upsert': {
      effect: { kind: 'database', action: 'upsert', table, data: 'Argument[0]', returns: 'row', conflictHandled: true },
      executor: inTransaction(1),
    },
    // The awaited result is a list whose first element is the count.
    'Model.update': {
      effect: {
        kind: 'database',
        action: 'update',
        table,
        where: 'Argument[1].Member[where]',
        data: 'Argument[0]',
        returns: 'affected',
        affected: 'Member[0]',
      },
      executor: inTransaction(1),
    },
    ...members(['Model.'], 'destroy', {
      effect: { kind: 'database', action: 'delete', table, where: 'Argument[0].Member[where]', returns: 'affected' },
      executor: inTransaction(0),
    }),
    'Model.restore': {
      effect: { kind: 'database', action: 'update', table, where: 'Argument[0].Member[where]', returns: 'affected' },
      executor: inTransaction(0),
    },
    'Model.truncate': { effect: { kind: 'database', action: 'delete', table, returns: 'nothing' } },
    ...members(['Model.'], 'increment decrement', COUNTER),
    ...members(['Model.'], 'build bulkBuild', { neutral: true, returns: 'Argument[0]', fresh: true }),
    ...members(['Model.'], 'scope unscoped schema', { neutral: true, returns: 'This' }),
    ...members(
      ['Model.'],
      'init sync drop hasOne belongsTo hasMany belongsToMany addScope getTableName getAttributes',
      NEUTRAL,
    ),

    ...members(['Hooks.', 'Hooks#'], 'addHook removeHook', NEUTRAL),
    ...mixins(MANY, 'GetAssociationsMixin', related('read', 'rows', 0)),
    ...mixins('HasOne BelongsTo', 'GetAssociationMixin', related('read', 'row', 0)),
    ...mixins(MANY, 'CountAssociationsMixin', related('read', 'count', 0)),
    ...mixins(MANY, 'HasAssociationMixin', related('read', 'exists', 1)),
    ...mixins(MANY, 'HasAssociationsMixin', related('read', 'exists', 1)),
    ...mixins(`${MANY} HasOne BelongsTo`, 'CreateAssociationMixin', related('insert', 'row', 1)),
    ...mixins(MANY, 'AddAssociationMixin', related('update', 'nothing', 1)),
    ...mixins(MANY, 'AddAssociationsMixin', related('update', 'nothing', 1)),
    ...mixins(MANY, 'RemoveAssociationMixin', related('update', 'nothing', 1)),
    ...mixins(MANY, 'RemoveAssociationsMixin', related('update', 'nothing', 1)),
    ...mixins(MANY, 'SetAssociationsMixin', related('update', 'nothing', 1)),
    ...mixins('HasOne BelongsTo', 'SetAssociationMixin', related('update', 'nothing', 1)),
    'Model#$get': named('read', 'rows', 1),
    'Model#$count': named('read', 'count', 1),
    'Model#$has': named('read', 'exists', 2),
    'Model#$create': named('insert', 'row', 2),
    ...members(['Model#'], '$add $set $remove', named('update', 'nothing', 2)),
    'Model#save': {
      effect: { kind: 'database', action: 'save', table, data: 'This', returns: 'row' },
      executor: inTransaction(0),
      returns: 'This',
    },
    // Writes only the given columns of this row.
    'Model#update': {
      effect: { kind: 'database', action: 'update', table, primaryKey: 'This', data: 'Argument[0]', returns: 'row' },
      executor: inTransaction(1),
      returns: 'This',
    },
    'Model#destroy': {
      effect: { kind: 'database', action: 'delete', table, primaryKey: 'This', returns: 'nothing' },
      executor: inTransaction(0),
    },
    'Model#restore': {
      effect: { kind: 'database', action: 'update', table, primaryKey: 'This', returns: 'nothing' },
      executor: inTransaction(0),
    },
    ...members(['Model#'], 'increment decrement', INSTANCE_COUNTER),
    'Model#reload': {
      effect: {
        kind: 'database',
        action: 'read',
        table,
        primaryKey: 'This',
        lock: 'Argument[0].Member[lock]',
        relations: 'Argument[0].Member[include]',
        returns: 'row',
      },
      executor: inTransaction(0),
      returns: 'This',
    },
    ...members(['Model#'], 'set setAttributes setDataValue', {
      effect: { kind: 'memory', action: 'add', target: 'This', key: 'Argument[0]', value: 'Argument[-1]' },
      returns: 'This',
    }),
    ...members(['Model#'], 'get toJSON getDataValue', { neutral: true, returns: 'This' }),
    ...members(['Model#'], 'changed previous validate equals isSoftDeleted', NEUTRAL),

    'Sequelize#transaction': TRANSACTION,
    'Sequelize#query': {
      effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1].Member[replacements]' },
      executor: inTransaction(1),
    },
    'Sequelize#model': { neutral: true, boundTo: 'Argument[0]' },
    'Sequelize#define': { neutral: true, boundTo: 'Argument[0]' },
    ...members(['Sequelize#'], 'authenticate close sync getDialect getQueryInterface escape isDefined', NEUTRAL),
    ...members(['Sequelize.', 'Sequelize#', ''], 'literal fn col cast where and or json', NEUTRAL),
    'new Sequelize': { neutral: true, fresh: true },
    'Transaction#commit': { effect: { kind: 'transaction', action: 'commit' } },
    'Transaction#rollback': { effect: { kind: 'transaction', action: 'rollback' } },
    // The library's own hook for what must happen only after the commit.
    'Transaction#afterCommit': { callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }] },
  },
});
