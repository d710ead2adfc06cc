import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'deadlock/transaction-escape';

const TEAMS = `CREATE TABLE teams (id text PRIMARY KEY, name text, members int NOT NULL DEFAULT 0);
  CREATE TABLE notes (team_id text);
  INSERT INTO teams (id) VALUES ('a'), ('b')`;

/** What `pg` says when no connection became free in time. */
const NO_CONNECTION = 'timeout exceeded when trying to connect';
/** PostgreSQL's code for a row that did not become free in time: without the limit the program waits for ever. */
const LOCK_TIMEOUT = '55P03';

/** The transaction fails after the helper has run. */
const JOIN = {
  needs: 'postgres',
  setup: TEAMS,
  async observe({ join }: { join: (team: string) => Promise<void> }, scene) {
    const outcome = await join('a').then(
      () => 'done',
      (error: Error) => error.message,
    );
    return { outcome, notes: await scene.postgres.query('SELECT count(*)::int FROM notes') };
  },
  before: { outcome: 'full', notes: [{ count: 1 }] },
  after: { outcome: 'full', notes: [{ count: 0 }] },
} satisfies Omit<Proof<{ join: (team: string) => Promise<void> }>, 'rule' | 'fix' | 'form' | 'program'>;

export const transactionEscapeProofs: readonly Proof[] = [
  proof<{ rename: (id: string, name: string) => Promise<void> }>({
    rule,
    fix: 'use-client',
    form: 'a pool of two, and two transactions that need a second connection',
    needs: 'postgres',
    setup: TEAMS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool({ max: 2, connectionTimeoutMillis: 500 });

      export async function rename(id: string, name: string): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('UPDATE teams SET name = $1 WHERE id = $2', [name, id]);
          await pool.query('INSERT INTO notes (team_id) VALUES ($1)', [id]);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ rename }, scene) {
      return scene.atOnce(/^UPDATE/, [() => rename('a', 'one'), () => rename('b', 'two')]);
    },
    before: [NO_CONNECTION, NO_CONNECTION],
    after: ['done', 'done'],
  }),
  proof<{ rename: (id: string, name: string) => Promise<void> }>({
    rule,
    fix: 'use-client',
    form: 'a row that the transaction has locked',
    needs: 'postgres',
    setup: TEAMS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool({ options: '-c lock_timeout=300ms' });

      export async function rename(id: string, name: string): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('UPDATE teams SET name = $1 WHERE id = $2', [name, id]);
          await pool.query('UPDATE teams SET members = members + 1 WHERE id = $1', [id]);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ rename }, scene) {
      const outcome = await scene.atOnce(/^BEGIN/, [() => rename('a', 'one')]);
      return { outcome, row: (await scene.postgres.query(`SELECT name, members FROM teams WHERE id = 'a'`))[0] };
    },
    before: { outcome: [LOCK_TIMEOUT], row: { name: null, members: 0 } },
    after: { outcome: ['done'], row: { name: 'one', members: 1 } },
  }),
  proof<{ start: () => Promise<void>; pay: (id: number) => Promise<void> }>({
    rule,
    fix: 'use-client',
    form: 'TypeORM, a repository beside the manager',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Bill {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'text' })
        state: string;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Bill],
        synchronize: true,
        extra: { max: 1, connectionTimeoutMillis: 500 },
      });
      const bills = dataSource.getRepository(Bill);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await bills.insert([{ state: 'open' }, { state: 'open' }]);
      }

      export async function pay(id: number): Promise<void> {
        await dataSource.transaction(async (manager) => {
          await manager.insert(Bill, { state: 'paid' });
          await bills.update(id, { state: 'paid' });
        });
      }
    `,
    async observe({ start, pay }, scene) {
      await start();
      const outcome = await scene.atOnce(/^INSERT/, [() => pay(1)]);
      const paid = await scene.postgres.query(`SELECT count(*)::int FROM bill WHERE state = 'paid'`);
      return { outcome, paid };
    },
    before: { outcome: [NO_CONNECTION], paid: [{ count: 0 }] },
    after: { outcome: ['done'], paid: [{ count: 2 }] },
  }),
  proof({
    ...JOIN,
    rule,
    fix: 'pass-client',
    form: 'a helper that falls back on the pool',
    program: program`
      import { Pool, type PoolClient } from 'pg';

      export const pool = new Pool();

      async function addNote(team: string, client: Pool | PoolClient = pool): Promise<void> {
        await client.query('INSERT INTO notes (team_id) VALUES ($1)', [team]);
      }

      export async function join(team: string): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('UPDATE teams SET members = members + 1 WHERE id = $1', [team]);
          await addNote(team);
          throw new Error('full');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
  }),
  proof({
    ...JOIN,
    rule,
    fix: 'pass-client',
    form: 'a helper that takes no client yet',
    program: program`
      import { Pool, type PoolClient } from 'pg';

      export const pool = new Pool();

      async function addNote(team: string): Promise<void> {
        await pool.query('INSERT INTO notes (team_id) VALUES ($1)', [team]);
      }

      async function withTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const result = await work(client);
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }

      export async function join(team: string): Promise<void> {
        await withTransaction(async (client) => {
          await client.query('UPDATE teams SET members = members + 1 WHERE id = $1', [team]);
          await addNote(team);
          throw new Error('full');
        });
      }
    `,
  }),
  proof({
    ...JOIN,
    rule,
    fix: 'pass-client',
    form: 'helpers of helpers, one of which calls itself',
    program: program`
      import { Pool, type PoolClient } from 'pg';

      export const pool = new Pool();

      async function insertNotes(teams: readonly string[]): Promise<void> {
        const [team, ...others] = teams;
        if (team === undefined) return;
        await pool.query('INSERT INTO notes (team_id) VALUES ($1)', [team]);
        await insertNotes(others);
      }

      async function addNotes(team: string): Promise<void> {
        await insertNotes([team]);
      }

      export async function join(team: string): Promise<void> {
        const client: PoolClient = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('UPDATE teams SET members = members + 1 WHERE id = $1', [team]);
          await addNotes(team);
          throw new Error('full');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
  }),
  proof<{ noteAll: () => Promise<void> }>({
    rule,
    fix: 'read-first',
    form: 'rows of an open cursor, and a pool of one',
    needs: 'postgres',
    setup: TEAMS,
    program: program`
      import { Kysely, PostgresDialect } from 'kysely';
      import { Pool } from 'pg';
      import Cursor from 'pg-cursor';

      interface Tables {
        teams: { id: string };
        notes: { team_id: string };
      }

      export const pool = new Pool({ max: 1, connectionTimeoutMillis: 500 });
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });

      export async function noteAll(): Promise<void> {
        for await (const team of db.selectFrom('teams').select('id').stream()) {
          await db.insertInto('notes').values({ team_id: team.id }).execute();
        }
      }
    `,
    async observe({ noteAll }, scene) {
      const outcome = await noteAll().then(
        () => 'done',
        (error: Error) => error.message,
      );
      return { outcome, notes: await scene.postgres.query('SELECT count(*)::int FROM notes') };
    },
    before: { outcome: NO_CONNECTION, notes: [{ count: 0 }] },
    after: { outcome: 'done', notes: [{ count: 2 }] },
  }),
];
