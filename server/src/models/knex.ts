/** Knex: builders that run when awaited. The client and every transaction are themselves functions of a table name. */

import { type Calls, members, NEUTRAL, UNMANAGED_TRANSACTION } from './entries.ts';
import { type BuildModel, type CallModel, defineModels } from './model.ts';

const build = (builds: BuildModel): CallModel => ({ builds, returns: 'This', instance: 'QueryBuilder' });
const CHAIN: CallModel = { neutral: true, returns: 'This' };
const AWAITED = { awaitable: true } as const;

const WHERE = build({ where: 'Arguments[0..]' });
/** Conditions that cannot be told from their arguments. */
const CONDITION = build({ where: 'unknown' });
const compared = (operator: string): CallModel => build({ where: 'Arguments[0..]', operator });

/** Shared with Objection, whose builder repeats these words. */
export const KNEX_BUILDER: Calls = {
  ...members([''], 'where andWhere', WHERE),
  ...members(
    [''],
    'orWhere whereNot andWhereNot orWhereNot whereRaw orWhereRaw andWhereRaw whereExists orWhereExists whereNotExists orWhereIn orWhereNull orWhereNotNull whereNotBetween whereJsonPath whereJsonSupersetOf',
    CONDITION,
  ),
  whereIn: compared('in'),
  whereNotIn: compared('not in'),
  whereLike: compared('like'),
  whereILike: compared('ilike'),
  whereNull: compared('is null'),
  whereNotNull: compared('is not null'),
  whereBetween: compared('between'),
  ...members(
    [''],
    'select columns column distinct distinctOn join innerJoin leftJoin leftOuterJoin rightJoin fullOuterJoin crossJoin joinRaw groupBy groupByRaw having havingRaw offset as with withRecursive union unionAll clearSelect clearWhere clearOrder modify',
    CHAIN,
  ),
  ...members([''], 'orderBy orderByRaw', build({ orderBy: 'Argument[0]' })),
  limit: build({ limit: 'Argument[0]' }),
  first: build({ action: 'read', returns: 'row', ...AWAITED }),
  pluck: build({ action: 'read', returns: 'rows', ...AWAITED }),
  ...members([''], 'count countDistinct', build({ action: 'read', returns: 'count', ...AWAITED })),
  ...members([''], 'min max sum avg', build({ action: 'read', returns: 'unknown', ...AWAITED })),
  insert: build({ action: 'insert', data: 'Argument[0]', returns: 'unknown', ...AWAITED }),
  upsert: build({ action: 'upsert', data: 'Argument[0]', returns: 'unknown', conflictHandled: true, ...AWAITED }),
  update: {
    ...build({ action: 'update', data: 'Argument[0]', returns: 'affected', ...AWAITED }),
    // `update(column, value)`
    forms: [
      { arguments: ['string', 'value', '...'], model: build({ action: 'update', returns: 'affected', ...AWAITED }) },
    ],
  },
  ...members([''], 'del delete', build({ action: 'delete', returns: 'affected', ...AWAITED })),
  truncate: build({ action: 'delete', returns: 'nothing', ...AWAITED }),
  ...members(
    [''],
    'increment decrement',
    build({ action: 'update', atomic: 'Argument[0]', returns: 'affected', ...AWAITED }),
  ),
  returning: build({ reportsAffected: true, returns: 'rows' }),
  ...members([''], 'forUpdate forNoKeyUpdate', build({ lock: 'Constant[update]' })),
  ...members([''], 'forShare forKeyShare', build({ lock: 'Constant[share]' })),
  ...members([''], 'skipLocked noWait', build({ immediate: true })),
  ...members([''], 'timeout clone debug', CHAIN),
  transacting: build({ executor: 'Argument[0]' }),
};

const START = (from: string): CallModel => ({
  builds: { starts: true, action: 'read', table: from, returns: 'rows', ...AWAITED },
  instance: 'QueryBuilder',
});

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
  forms: UNMANAGED_TRANSACTION,
};

export const knex = defineModels({
  package: 'knex',
  source: 'https://knexjs.org/guide/query-builder.html',
  default: 'knex',
  extends: { Transaction: 'Knex', QueryBuilder: 'QueryInterface', ChainableInterface: 'QueryInterface' },
  calls: {
    // `knex(config)` makes the client; calling the client begins a statement.
    knex: { neutral: true, fresh: true, instance: 'Knex' },
    ...members([''], 'Knex() Transaction()', { ...START('Argument[0]'), executor: 'Callee' }),
    ...Object.fromEntries(Object.entries(KNEX_BUILDER).map(([name, model]) => [`QueryInterface#${name}`, model])),
    ...members(['QueryBuilder#'], 'forUpdate forNoKeyUpdate', build({ lock: 'Constant[update]' })),
    ...members(['QueryBuilder#'], 'forShare forKeyShare', build({ lock: 'Constant[share]' })),
    ...members(['QueryBuilder#'], 'skipLocked noWait', build({ immediate: true })),
    ...members(['QueryBuilder#'], 'timeout clone', CHAIN),
    'ChainableInterface#transacting': build({ executor: 'Argument[0]' }),
    ...members(['ChainableInterface#'], 'debug options connection', CHAIN),
    ...members(['ChainableInterface#', 'QueryBuilder#'], 'stream pipe', {
      effect: { kind: 'database', action: 'read', table: 'unknown', returns: 'rows', built: true },
    }),
    ...members(['QueryInterface#'], 'from into table', build({ table: 'Argument[0]', ...AWAITED })),
    ...members(['OnConflictQueryBuilder#'], 'merge ignore', build({ conflictHandled: true })),
    'QueryInterface#onConflict': { neutral: true, returns: 'This', instance: 'OnConflictQueryBuilder' },
    'Knex#raw': {
      effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]', rows: 'Member[rows]', awaitable: true },
    },
    'Knex#transaction': TRANSACTION,
    'Knex#transactionProvider': { neutral: true, fresh: true },
    'Knex#batchInsert': {
      effect: { kind: 'database', action: 'insert', table: 'Argument[0]', data: 'Argument[1]', returns: 'unknown' },
    },
    ...members(['Knex#'], 'initialize destroy ref queryBuilder', NEUTRAL),
    ...members(['FunctionHelper#'], 'now uuid uuidToBin binToUuid', NEUTRAL),
    ...members(['Transaction#'], 'commit', { effect: { kind: 'transaction', action: 'commit' } }),
    ...members(['Transaction#'], 'rollback', { effect: { kind: 'transaction', action: 'rollback' } }),
    'Transaction#isCompleted': NEUTRAL,
  },
});
