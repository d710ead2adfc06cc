/** SQL drivers besides node-postgres. */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallModel, defineModels, type Path, type SqlModel } from './model.ts';

const sql = (rest: Omit<Partial<SqlModel>, 'kind'> = {}): CallModel => ({
  effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Argument[1]', ...rest },
});
const runInTransaction: CallModel = {
  callbacks: [
    {
      argument: 'Argument[-1]',
      runs: 'once',
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[0]' },
      returns: 'value',
    },
  ],
};
const connection = (action: 'acquire' | 'release', path: string): CallModel => ({
  effect: { kind: 'resource', action, resource: 'connection', in: path },
});
/** With a callback as last argument, which gets these parts of the answer after the error. */
const answered = (model: CallModel, ...parameters: readonly Path[]): CallModel => ({
  ...model,
  callbacks: [{ argument: 'Argument[-1]', runs: 'answered', parameters, returns: 'nothing' }],
});
const begin = answered({ effect: { kind: 'transaction', action: 'begin' } });
const commit = answered({ effect: { kind: 'transaction', action: 'commit' } });
const rollback = answered({ effect: { kind: 'transaction', action: 'rollback' } });

/** postgres.js: the client is a template tag; the awaited result is the list of rows, with a `count`. */
export const postgresJs = defineModels({
  package: 'postgres',
  source: 'https://github.com/porsager/postgres#readme',
  default: 'postgres',
  extends: { TransactionSql: 'ISql', ReservedSql: 'Sql', Sql: 'ISql' },
  calls: {
    postgres: { neutral: true, fresh: true, instance: 'Sql' },
    ...members([''], 'Sql() ISql() TransactionSql() ReservedSql()', {
      ...sql({ parameters: 'Arguments[1..]', dialect: 'postgresql', affected: 'Member[count]' }),
      executor: 'Callee',
    }),
    'ISql#unsafe': sql({ dialect: 'postgresql', affected: 'Member[count]' }),
    'Sql#begin': runInTransaction,
    'TransactionSql#savepoint': runInTransaction,
    'Sql#reserve': connection('acquire', 'ReturnValue.Awaited'),
    'ReservedSql#release': connection('release', 'This'),
    ...members(['Sql#'], 'end', NEUTRAL),
    'Sql#listen': {
      effect: {
        kind: 'listener',
        action: 'add',
        event: 'Argument[0]',
        handler: 'Argument[1]',
        disposer: 'ReturnValue.Awaited',
      },
    },
    'ISql#notify': { effect: { kind: 'publish', medium: 'bus', topic: 'Argument[0]', payload: 'Argument[1]' } },
    ...members(['ISql#'], 'json array typed', NEUTRAL),
  },
});

/** Slonik: queries are tagged tokens, methods say how many rows they expect. Its types are nameless. */
export const slonik = defineModels({
  package: 'slonik',
  aliases: ['@slonik/sql-tag'],
  source: 'https://github.com/gajus/slonik#readme',
  calls: {
    createPool: { neutral: true, fresh: true },
    '*#query': sql({ dialect: 'postgresql', rows: 'Member[rows]', affected: 'Member[rowCount]' }),
    ...members(['*#'], 'any many one maybeOne maybeOneFirst anyFirst manyFirst exists', sql({ dialect: 'postgresql' })),
    '*#oneFirst': sql({ dialect: 'postgresql', scalar: true }),
    '*#transaction': runInTransaction,
    '*#connect': { callbacks: [{ argument: 'Argument[0]', runs: 'once', parameters: ['This'], returns: 'value' }] },
    // Tags make the token that a query method runs.
    ...members(['*#'], 'unsafe fragment', { neutral: true, returns: 'Argument[0]' }),
    ...members(
      ['*#'],
      'type typeAlias array binary date identifier interval join json jsonb timestamp unnest',
      NEUTRAL,
    ),
  },
});

/** `pool.query` of mysql2 gives `[rows, fields]`, or a header with `affectedRows`. */
const MYSQL = answered(
  sql({ dialect: 'mysql', rows: 'Member[0]', affected: 'Member[0].Member[affectedRows]' }),
  'This.Member[0]',
  'This.Member[1]',
);

export const mysql2 = defineModels({
  package: 'mysql2',
  aliases: ['mysql2/promise', 'mysql'],
  source: 'https://sidorares.github.io/node-mysql2/docs',
  extends: { PoolConnection: 'Connection', Pool: 'Connection' },
  calls: {
    ...members([''], 'createPool', { neutral: true, fresh: true, instance: 'Pool' }),
    ...members([''], 'createConnection', { neutral: true, fresh: true, instance: 'Connection' }),
    // Declared in a mixin without a name.
    ...members(['Connection#', '*#'], 'query execute', MYSQL),
    'Pool#getConnection': {
      ...connection('acquire', 'ReturnValue.Awaited'),
      instance: 'PoolConnection',
      forms: [
        {
          arguments: ['function'],
          model: {
            ...connection('acquire', 'Parameter[1]'),
            callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }],
          },
        },
      ],
    },
    ...members(['PoolConnection#'], 'release', connection('release', 'This')),
    'Connection#beginTransaction': begin,
    'Connection#commit': commit,
    'Connection#rollback': rollback,
    ...members(['Connection#', 'Pool#'], 'end format escape escapeId ping', NEUTRAL),
  },
});

/** Synchronous: nothing else of this process runs between two calls. */
export const betterSqlite3 = defineModels({
  package: 'better-sqlite3',
  aliases: ['node:sqlite'],
  source: 'https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md',
  default: 'Database',
  extends: { BetterSqlite3Database: 'Database', DatabaseSync: 'Database', StatementSync: 'Statement' },
  calls: {
    ...members(['new '], 'Database DatabaseSync', { neutral: true, fresh: true }),
    // The text is given here, the statement runs in `run`, `get`, `all`.
    'Database#prepare': { neutral: true, returns: 'Argument[0]', instance: 'Statement', executor: 'This' },
    ...members(['Statement#'], 'run', {
      effect: {
        kind: 'sql',
        text: 'This',
        parameters: 'Arguments[0..]',
        dialect: 'sqlite',
        affected: 'Member[changes]',
        synchronous: true,
      },
    }),
    ...members(['Statement#'], 'get all iterate', {
      effect: { kind: 'sql', text: 'This', parameters: 'Arguments[0..]', dialect: 'sqlite', synchronous: true },
    }),
    'Database#exec': sql({ dialect: 'sqlite', synchronous: true }),
    // Gives a function that runs the given one in a transaction.
    'Database#transaction': {
      wraps: {
        argument: 'Argument[0]',
        runs: 'once',
        transaction: { executor: 'ambient', isolation: 'Constant[SERIALIZABLE]' },
        returns: 'value',
      },
    },
    ...members(['Statement#'], 'pluck expand raw bind safeIntegers', { neutral: true, returns: 'This' }),
    ...members(['Database#'], 'pragma close function aggregate loadExtension defaultSafeIntegers', NEUTRAL),
  },
});

/** Asynchronous over one shared connection: statements of different callers interleave, also inside BEGIN. */
const SQLITE: Calls = {
  ...members([''], 'run', answered(sql({ parameters: 'Argument[1]', dialect: 'sqlite', affected: 'Member[changes]' }))),
  ...members([''], 'get all exec', answered(sql({ parameters: 'Argument[1]', dialect: 'sqlite' }), 'This')),
  // Its callback gets one row after the other.
  each: sql({ parameters: 'Argument[1]', dialect: 'sqlite' }),
  serialize: { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'nothing' }] },
  parallelize: { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'nothing' }] },
};

export const sqlite3 = defineModels({
  package: 'sqlite3',
  aliases: ['sqlite'],
  source: 'https://github.com/TryGhost/node-sqlite3/wiki/API',
  default: 'sqlite3',
  calls: {
    ...underEach(['Database#'], SQLITE),
    'new Database': { neutral: true, fresh: true },
    'Database#close': NEUTRAL,
  },
});

/** Each takes a column and a value; `is` is for null and for what is true or false. */
const FILTERS: Readonly<Record<string, string>> = {
  eq: '=',
  neq: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  is: '=',
  in: 'in',
};

/** Supabase: PostgREST builders, run when awaited. */
export const supabase = defineModels({
  package: '@supabase/postgrest-js',
  aliases: ['@supabase/supabase-js'],
  source: 'https://supabase.com/docs/reference/javascript/select',
  default: 'PostgrestClient',
  calls: {
    createClient: { neutral: true, fresh: true, instance: 'SupabaseClient' },
    ...members(['SupabaseClient#', 'PostgrestClient#'], 'from', {
      builds: { starts: true, table: 'Argument[0]' },
      returns: 'This',
      instance: 'PostgrestQueryBuilder',
    }),
    ...members(['SupabaseClient#', 'PostgrestClient#'], 'schema', { neutral: true, returns: 'This' }),
    // A function of the database: atomic there, unknown here.
    ...members(['SupabaseClient#', 'PostgrestClient#'], 'rpc', {
      effect: { kind: 'database', action: 'update', table: 'unknown', returns: 'unknown' },
    }),
    'PostgrestQueryBuilder#select': { builds: { action: 'read', returns: 'rows', awaitable: true }, returns: 'This' },
    'PostgrestQueryBuilder#insert': {
      builds: { action: 'insert', data: 'Argument[0]', awaitable: true },
      returns: 'This',
    },
    'PostgrestQueryBuilder#upsert': {
      builds: { action: 'upsert', data: 'Argument[0]', conflictHandled: true, awaitable: true },
      returns: 'This',
    },
    'PostgrestQueryBuilder#update': {
      builds: { action: 'update', data: 'Argument[0]', returns: 'nothing', awaitable: true },
      returns: 'This',
    },
    'PostgrestQueryBuilder#delete': {
      builds: { action: 'delete', returns: 'nothing', awaitable: true },
      returns: 'This',
    },
    ...Object.fromEntries(
      Object.entries(FILTERS).map(([name, operator]) => [
        `PostgrestFilterBuilder#${name}`,
        { builds: { where: 'Arguments[0..]', operator }, returns: 'This' },
      ]),
    ),
    ...members(['PostgrestFilterBuilder#'], 'contains containedBy not or filter overlaps textSearch match', {
      builds: { where: 'unknown' },
      returns: 'This',
    }),
    'PostgrestTransformBuilder#select': { builds: { reportsAffected: true }, returns: 'This' },
    ...members(['PostgrestTransformBuilder#'], 'single maybeSingle', { builds: { returns: 'row' }, returns: 'This' }),
    'PostgrestTransformBuilder#limit': { builds: { limit: 'Argument[0]' }, returns: 'This' },
    'PostgrestTransformBuilder#range': { builds: { limit: 'Argument[1]' }, returns: 'This' },
    'PostgrestTransformBuilder#order': { builds: { orderBy: 'Argument[0]' }, returns: 'This' },
    ...members(['PostgrestTransformBuilder#'], 'returns csv', { neutral: true, returns: 'This' }),
    ...members(['PostgrestBuilder#', 'PostgrestFilterBuilder#', 'PostgrestTransformBuilder#'], 'throwOnError', {
      neutral: true,
      returns: 'This',
    }),
  },
});
