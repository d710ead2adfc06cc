/**
 * Drizzle: builders that run when awaited. Every dialect has its own classes with the same words, and types that are
 * mapped, so members match any class of the package.
 */

import { members, NEUTRAL } from './entries.ts';
import { type BuildModel, type CallModel, defineModels } from './model.ts';

const AWAITED = { awaitable: true } as const;
const build = (builds: BuildModel): CallModel => ({ builds, returns: 'This' });
const CHAIN: CallModel = { neutral: true, returns: 'This' };

const ASYNC_DATABASES = ['PgDatabase#', 'MySqlDatabase#'];
const DATABASES = [...ASYNC_DATABASES, 'BaseSQLiteDatabase#'];

const start = (builds: BuildModel): CallModel => ({ builds: { starts: true, ...builds, ...AWAITED }, returns: 'This' });

const relational = (returns: 'row' | 'rows'): CallModel => ({
  builds: {
    starts: true,
    action: 'read',
    table: 'This.Name',
    where: 'Argument[0].Member[where]',
    relations: 'Argument[0].Member[with]',
    limit: 'Argument[0].Member[limit]',
    returns,
    ...AWAITED,
  },
  // `db.query.users`: the client is two steps up.
  executor: 'This.Owner.Owner',
  returns: 'This',
});

export const drizzle = defineModels({
  package: 'drizzle-orm',
  aliases: [
    'drizzle-orm/pg-core',
    'drizzle-orm/mysql-core',
    'drizzle-orm/sqlite-core',
    'drizzle-orm/node-postgres',
    'drizzle-orm/postgres-js',
    'drizzle-orm/mysql2',
    'drizzle-orm/better-sqlite3',
    'drizzle-orm/libsql',
    'drizzle-orm/neon-http',
  ],
  source: 'https://orm.drizzle.team/docs/overview',
  calls: {
    drizzle: { neutral: true, fresh: true, instance: 'PgDatabase' },
    ...members(DATABASES, 'select selectDistinct', start({ action: 'read', returns: 'rows' })),
    'PgDatabase#selectDistinctOn': start({ action: 'read', returns: 'rows' }),
    ...members(DATABASES, 'insert', start({ action: 'insert', table: 'Argument[0]', returns: 'unknown' })),
    ...members(DATABASES, 'update', start({ action: 'update', table: 'Argument[0]', returns: 'affected' })),
    ...members(DATABASES, 'delete', start({ action: 'delete', table: 'Argument[0]', returns: 'affected' })),
    ...members(DATABASES, '$count', {
      effect: { kind: 'database', action: 'read', table: 'Argument[0]', where: 'Argument[1]', returns: 'count' },
    }),
    ...members(ASYNC_DATABASES, 'execute', { effect: { kind: 'sql', text: 'Argument[0]', rows: 'Member[rows]' } }),
    ...members(['BaseSQLiteDatabase#'], 'run all get values', {
      effect: { kind: 'sql', text: 'Argument[0]', rows: 'Member[rows]' },
    }),
    ...members(DATABASES, '$with with', CHAIN),
    ...members(DATABASES, 'transaction', {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'once',
          parameters: ['This'],
          transaction: { executor: 'Parameter[0]', isolation: 'Argument[1].Member[isolationLevel]' },
          returns: 'value',
        },
      ],
    }),
    ...members(['PgTransaction#', 'MySqlTransaction#', 'SQLiteTransaction#'], 'rollback', {
      effect: { kind: 'transaction', action: 'rollback' },
    }),
    ...members(['RelationalQueryBuilder#'], 'findMany', relational('rows')),
    ...members(['RelationalQueryBuilder#'], 'findFirst', relational('row')),
    '*#from': build({ table: 'Argument[0]' }),
    '*#set': build({ data: 'Argument[0]' }),
    '*#values': build({ data: 'Argument[0]' }),
    // An expression: `eq(column, value)`, `and(…)`.
    '*#where': build({ where: 'Argument[0]' }),
    '*#limit': build({ limit: 'Argument[0]' }),
    '*#orderBy': build({ orderBy: 'Argument[0]' }),
    // `for('update')`, `for('share')`
    '*#for': build({ lock: 'Argument[0]' }),
    '*#returning': build({ reportsAffected: true, returns: 'rows' }),
    ...members(['*#'], 'onConflictDoNothing onConflictDoUpdate onDuplicateKeyUpdate', build({ conflictHandled: true })),
    ...members(['*#'], 'leftJoin innerJoin rightJoin fullJoin groupBy having offset as $dynamic prepare', CHAIN),
    ...members(['*#'], 'execute', {
      effect: { kind: 'database', action: 'read', table: 'unknown', returns: 'rows', built: true },
    }),
    ...members(
      [''],
      'eq ne gt gte lt lte and or not isNull isNotNull inArray notInArray between like ilike exists notExists sql asc desc count sum avg min max relations',
      NEUTRAL,
    ),
    ...members([''], 'pgTable mysqlTable sqliteTable', { neutral: true, boundTo: 'Argument[0]' }),
  },
});
