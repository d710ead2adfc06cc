/**
 * What keeps another run out between a read and the write that relies on it, in the function itself, in a helper, or in
 * every one of its callers. Each kind of protection stands beside what looks like it and is none.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { reliancesOf } from '../../server/src/analysis/reliance.ts';
import { analyse, functionNamed } from './facts-of.ts';

const READ = `const { rows } = await client.query('SELECT balance FROM accounts WHERE id = $1', [id]);`;
const WRITE = `await client.query('UPDATE accounts SET balance = $2 WHERE id = $1', [id, rows[0].balance - amount]);`;
const CHANGE = `${READ} ${WRITE}`;
/** Between BEGIN and COMMIT on a connection of its own. */
const inTransaction = (body: string, begin = 'BEGIN'): string =>
  `const client = await pool.connect(); await client.query('${begin}'); ${body} await client.query('COMMIT'); client.release();`;
const method = (name: string, body: string): string =>
  `export async function ${name}(id: string, amount: number) { ${body} }`;
const onPool = (body: string): string => `const client = pool; ${body}`;

const POOL = `import { Pool, type PoolClient } from 'pg'; const pool = new Pool();`;
const REDIS = `import { Redis } from 'ioredis'; const redis = new Redis();`;

const FILES = {
  'advisory.ts': [
    POOL,
    method('bare', onPool(CHANGE)),
    method('onlyTransaction', inTransaction(CHANGE)),
    method('xactLock', inTransaction(`await client.query('SELECT pg_advisory_xact_lock($1)', [id]); ${CHANGE}`)),
    method(
      'xactLockAfterRead',
      inTransaction(`${READ} await client.query('SELECT pg_advisory_xact_lock($1)', [id]); ${WRITE}`),
    ),
    method(
      'xactLockOfAnother',
      `${inTransaction(`await client.query('SELECT pg_advisory_xact_lock($1)', [id]);`)} ${CHANGE}`,
    ),
    `async function lockAccount(client: PoolClient, id: string) { await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [id]); }`,
    method('inHelper', inTransaction(`await lockAccount(client, id); ${CHANGE}`)),
    method(
      'session',
      `const client = await pool.connect(); await client.query('SELECT pg_advisory_lock($1)', [id]);
       try { ${CHANGE} } finally { await client.query('SELECT pg_advisory_unlock($1)', [id]); client.release(); }`,
    ),
    method(
      'sessionReleasedBetween',
      `const client = await pool.connect(); await client.query('SELECT pg_advisory_lock($1)', [id]); ${READ}
       await client.query('SELECT pg_advisory_unlock($1)', [id]); ${WRITE} client.release();`,
    ),
    method('getLock', inTransaction(`await client.query("SELECT GET_LOCK('account', 10)"); ${CHANGE}`)),
    method(
      'setTransaction',
      inTransaction(`await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'); ${CHANGE}`),
    ),
    method('serializable', inTransaction(CHANGE, 'BEGIN ISOLATION LEVEL SERIALIZABLE')),
  ],
  'distributed.ts': [
    POOL,
    REDIS,
    `async function withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
       const token = String(Math.random());
       while ((await redis.set(key, token, 'PX', 1000, 'NX')) === null) await new Promise((resolve) => setTimeout(resolve, 50));
       try { return await work(); } finally { await redis.del(key); }
     }`,
    method('wrapped', `await withLock('account:' + id, async () => { ${onPool(CHANGE)} });`),
    method(
      'wrappedApart',
      `const client = pool; const rows = await withLock(id, async () => (await client.query('SELECT balance FROM accounts WHERE id = $1', [id])).rows);
       await withLock(id, async () => { ${WRITE} });`,
    ),
    method(
      'marked',
      `const mine = await redis.set('lock:' + id, '1', 'PX', 1000, 'NX'); if (mine === null) throw new Error('busy');
       try { ${onPool(CHANGE)} } finally { await redis.del('lock:' + id); }`,
    ),
    method('markedBetween', onPool(`${READ} await redis.set('lock:' + id, '1', 'PX', 1000, 'NX'); ${WRITE}`)),
    method('cached', onPool(`await redis.set('seen:' + id, '1', 'NX'); ${CHANGE}`)),
    `interface LockService { acquire(key: string): Promise<void>; release(key: string): Promise<void> }
     interface BlockService { acquire(key: string): Promise<void> }
     export class Accounts {
       constructor(private readonly lockService: LockService, private readonly blockService: BlockService) {}
       async behindInterface(id: string, amount: number) {
         await this.lockService.acquire(id);
         try { ${onPool(CHANGE)} } finally { await this.lockService.release(id); }
       }
       async blocked(id: string, amount: number) { await this.blockService.acquire(id); ${onPool(CHANGE)} }
     }`,
    `class Mutex {
       private last: Promise<unknown> = Promise.resolve();
       runExclusive<T>(work: () => Promise<T>): Promise<T> { const next = this.last.then(() => work()); this.last = next.catch(() => undefined); return next; }
     }
     const mutex = new Mutex();`,
    method('ownMutex', `await mutex.runExclusive(async () => { ${onPool(CHANGE)} });`),
  ],
  'rows.ts': [
    POOL,
    method('forUpdate', inTransaction(CHANGE.replace('id = $1', 'id = $1 FOR UPDATE'))),
    method('forUpdateWithoutTransaction', onPool(CHANGE.replace('id = $1', 'id = $1 FOR UPDATE'))),
    `async function lockRow(client: PoolClient, id: string) { await client.query('SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE', [id]); }`,
    method('lockedInHelper', inTransaction(`await lockRow(client, id); ${CHANGE}`)),
    method('lockedAfterRead', inTransaction(`${READ} await lockRow(client, id); ${WRITE}`)),
    method(
      'lockedOnAnotherConnection',
      inTransaction(`await pool.query('SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE', [id]); ${CHANGE}`),
    ),
  ],
  'callers.ts': [
    POOL,
    `async function locked(client: PoolClient, id: string, amount: number) { ${CHANGE} }`,
    method(
      'first',
      inTransaction(`await client.query('SELECT pg_advisory_xact_lock($1)', [id]); await locked(client, id, amount);`),
    ),
    method('second', inTransaction(`await locked(client, id, amount);`, 'BEGIN ISOLATION LEVEL SERIALIZABLE')),
    `async function halfLocked(client: PoolClient, id: string, amount: number) { ${CHANGE} }`,
    method(
      'third',
      inTransaction(
        `await client.query('SELECT pg_advisory_xact_lock($1)', [id]); await halfLocked(client, id, amount);`,
      ),
    ),
    method('fourth', inTransaction(`await halfLocked(client, id, amount);`)),
    `async function deep(client: PoolClient, id: string, amount: number) { ${CHANGE} }
     async function between(client: PoolClient, id: string, amount: number) { await deep(client, id, amount); }`,
    method(
      'fifth',
      inTransaction(`await client.query('SELECT pg_advisory_xact_lock($1)', [id]); await between(client, id, amount);`),
    ),
    `export async function uncalled(client: PoolClient, id: string, amount: number) { ${CHANGE} }`,
  ],
  'conflicts.ts': [
    `import { Pool } from 'pg'; const pool = new Pool();`,
    ...['caught', 'rethrown', 'uncaught', 'inCaller', 'inOneCaller'].map((name) => {
      const check = `const { rows } = await pool.query('SELECT id FROM users WHERE email = $1', [email]); if (rows.length > 0) throw new Error('taken');`;
      const insert = `await pool.query('INSERT INTO users (email) VALUES ($1)', [email]);`;
      const handled: Record<string, string> = {
        caught: `try { ${insert} } catch (error: any) { if (error.code === '23505') return; throw error; }`,
        rethrown: `try { ${insert} } catch (error) { console.error(error); throw error; }`,
      };
      return `${name.startsWith('in') ? '' : 'export '}async function ${name}(email: string) { ${check} ${handled[name] ?? insert} }`;
    }),
    `const isUniqueViolation = (error: any) => error.code === '23505';
     export async function callerOfInCaller(email: string) { try { await inCaller(email); } catch (error) { if (isUniqueViolation(error)) return; throw error; } }
     export async function callerOfInOneCaller(email: string) { try { await inOneCaller(email); } catch (error) { if (isUniqueViolation(error)) return; throw error; } }
     export async function otherCaller(email: string) { await inOneCaller(email); }`,
  ],
};

let program: ProgramFacts;
before(() => {
  program = analyse({
    files: Object.fromEntries(Object.entries(FILES).map(([name, parts]) => [name, parts.join('\n')])),
    install: ['pg', '@types/pg', 'pg-types', 'pg-protocol', 'ioredis', '@types/node', 'undici-types'],
    schemas: { 'schema.sql': 'CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE)' },
  });
});

/** Functions whose write relies on an unprotected read. */
function unprotectedIn(file: keyof typeof FILES): string[] {
  return program.functions
    .filter(({ fn }) => fn.path.endsWith(`/src/${file}`))
    .filter((facts) => reliancesOf(facts, program).length > 0)
    .map(({ fn }) => fn.qualifiedName)
    .sort();
}

test('locks of the database by name, and isolation', () => {
  assert.deepEqual(unprotectedIn('advisory.ts'), [
    'bare',
    'onlyTransaction',
    'sessionReleasedBetween',
    'xactLockAfterRead',
    'xactLockOfAnother',
  ]);
});

test('locks outside the database, own wrappers, services behind interfaces, mutexes', () => {
  assert.deepEqual(unprotectedIn('distributed.ts'), ['Accounts.blocked', 'cached', 'markedBetween', 'wrappedApart']);
});

test('row locks, in helpers too', () => {
  assert.deepEqual(unprotectedIn('rows.ts'), [
    'forUpdateWithoutTransaction',
    'lockedAfterRead',
    'lockedOnAnotherConnection',
  ]);
});

test('protection that every caller holds', () => {
  assert.deepEqual(unprotectedIn('callers.ts'), ['halfLocked', 'uncalled']);
});

test('conflicts that are caught, here or by every caller', () => {
  assert.deepEqual(unprotectedIn('conflicts.ts'), ['inOneCaller', 'rethrown', 'uncaught']);
});

test('a wrapper of one’s own is a lock of its key', () => {
  const write = functionNamed(program, 'distributed.ts', 'wrapped').operations.find(({ name }) => name === 'query');
  assert.deepEqual(
    write?.locks.map(({ kind }) => kind),
    ['distributed'],
  );
});
