/** Kysely: immutable builders that run at `execute*`. */

import { members, NEUTRAL } from './entries.ts';
import { type BuildModel, type CallModel, type DatabaseModel, defineModels } from './model.ts';

const build = (builds: BuildModel): CallModel => ({ builds, returns: 'This' });
const start = (action: DatabaseModel['action'], instance: string): CallModel => ({
  builds: { starts: true, action, table: 'Argument[0]' },
  returns: 'This',
  instance,
});
const CHAIN: CallModel = { neutral: true, returns: 'This' };

const run = (action: DatabaseModel['action'], returns: DatabaseModel['returns'], affected?: string): CallModel => ({
  effect: {
    kind: 'database',
    action,
    table: 'unknown',
    returns,
    built: true,
    ...(affected === undefined ? {} : { affected }),
  },
});

const ALL = ['SelectQueryBuilder#', 'UpdateQueryBuilder#', 'DeleteQueryBuilder#', 'InsertQueryBuilder#'];
const FILTERED = ['SelectQueryBuilder#', 'UpdateQueryBuilder#', 'DeleteQueryBuilder#'];

export const kysely = defineModels({
  package: 'kysely',
  source: 'https://kysely-org.github.io/kysely-apidoc/',
  extends: { Kysely: 'QueryCreator', Transaction: 'Kysely', ControlledTransaction: 'Transaction' },
  calls: {
    'new Kysely': { neutral: true, fresh: true },
    'QueryCreator#selectFrom': start('read', 'SelectQueryBuilder'),
    ...members(['QueryCreator#'], 'insertInto replaceInto', start('insert', 'InsertQueryBuilder')),
    'QueryCreator#updateTable': start('update', 'UpdateQueryBuilder'),
    'QueryCreator#deleteFrom': start('delete', 'DeleteQueryBuilder'),
    'QueryCreator#mergeInto': start('upsert', 'MergeQueryBuilder'),
    ...members(['QueryCreator#'], 'with withRecursive', CHAIN),
    ...members(['Kysely#'], 'withSchema withPlugin withoutPlugins withTables', CHAIN),
    ...members(FILTERED, 'where', build({ where: 'Arguments[0..]' })),
    ...members(FILTERED, 'whereRef', build({ where: 'unknown' })),
    ...members(
      ['SelectQueryBuilder#'],
      'select selectAll distinct distinctOn offset having groupBy union unionAll innerJoin leftJoin rightJoin fullJoin innerJoinLateral leftJoinLateral as clearSelect',
      CHAIN,
    ),
    ...members(ALL, '$if $call $castTo $narrowType', CHAIN),
    ...members(
      ['SelectQueryBuilder#', 'UpdateQueryBuilder#', 'DeleteQueryBuilder#'],
      'limit',
      build({ limit: 'Argument[0]' }),
    ),
    ...members(
      ['SelectQueryBuilder#', 'UpdateQueryBuilder#', 'DeleteQueryBuilder#'],
      'orderBy',
      build({ orderBy: 'Argument[0]' }),
    ),
    ...members(['SelectQueryBuilder#'], 'forUpdate forNoKeyUpdate', build({ lock: 'Constant[update]' })),
    ...members(['SelectQueryBuilder#'], 'forShare forKeyShare', build({ lock: 'Constant[share]' })),
    ...members(['SelectQueryBuilder#'], 'skipLocked noWait', build({ immediate: true })),
    'UpdateQueryBuilder#set': build({ data: 'Argument[0]' }),
    ...members(['UpdateQueryBuilder#'], 'from innerJoin leftJoin', CHAIN),
    ...members(['DeleteQueryBuilder#'], 'using innerJoin leftJoin', CHAIN),
    'InsertQueryBuilder#values': build({ data: 'Argument[0]' }),
    ...members(['InsertQueryBuilder#'], 'columns expression', CHAIN),
    ...members(
      ['InsertQueryBuilder#'],
      'onConflict onDuplicateKeyUpdate ignore orIgnore orReplace',
      build({ conflictHandled: true }),
    ),
    ...members(
      ['UpdateQueryBuilder#', 'DeleteQueryBuilder#', 'InsertQueryBuilder#'],
      'returning returningAll',
      build({ reportsAffected: true }),
    ),
    ...members(['SelectQueryBuilder#'], 'execute stream', run('read', 'rows')),
    ...members(['SelectQueryBuilder#'], 'executeTakeFirst executeTakeFirstOrThrow', run('read', 'row')),
    'UpdateQueryBuilder#execute': run('update', 'affected', 'Element.Member[numUpdatedRows]'),
    ...members(
      ['UpdateQueryBuilder#'],
      'executeTakeFirst executeTakeFirstOrThrow',
      run('update', 'affected', 'Member[numUpdatedRows]'),
    ),
    'DeleteQueryBuilder#execute': run('delete', 'affected', 'Element.Member[numDeletedRows]'),
    ...members(
      ['DeleteQueryBuilder#'],
      'executeTakeFirst executeTakeFirstOrThrow',
      run('delete', 'affected', 'Member[numDeletedRows]'),
    ),
    ...members(['InsertQueryBuilder#'], 'execute executeTakeFirst executeTakeFirstOrThrow', run('insert', 'unknown')),
    ...members(ALL, 'compile', NEUTRAL),
    'Kysely#transaction': { neutral: true, returns: 'This', instance: 'TransactionBuilder' },
    ...members(['TransactionBuilder#'], 'setIsolationLevel setAccessMode', CHAIN),
    'TransactionBuilder#execute': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'once',
          parameters: ['This'],
          transaction: { executor: 'Parameter[0]' },
          returns: 'value',
        },
      ],
    },
    'Kysely#startTransaction': { neutral: true, returns: 'This', instance: 'ControlledTransactionBuilder' },
    'ControlledTransactionBuilder#execute': {
      effect: { kind: 'transaction', action: 'begin' },
      executor: 'ReturnValue.Awaited',
      instance: 'ControlledTransaction',
    },
    'ControlledTransaction#commit': { effect: { kind: 'transaction', action: 'commit' } },
    'ControlledTransaction#rollback': { effect: { kind: 'transaction', action: 'rollback' } },
    'Kysely#connection': { neutral: true, returns: 'This', instance: 'ConnectionBuilder' },
    'ConnectionBuilder#execute': {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', parameters: ['This'], returns: 'value' }],
    },
    // sql`…`.execute(db): the text stands in the receiver.
    'RawBuilder#execute': {
      effect: { kind: 'sql', text: 'This', rows: 'Member[rows]', affected: 'Member[numAffectedRows]' },
      executor: 'Argument[0]',
    },
    'Kysely#executeQuery': { effect: { kind: 'sql', text: 'Argument[0]', rows: 'Member[rows]' } },
    'Kysely#destroy': NEUTRAL,
    ...members([''], 'sql', NEUTRAL),
  },
});
