import { type Proof, program, proof } from './harness/proof.ts';

const BERTHS = `CREATE TABLE berths (id int PRIMARY KEY, free int NOT NULL);
  INSERT INTO berths VALUES (1, 5)`;

/** Both have read the row before either writes it. */
const taking: Pick<Proof<{ take: (id: number) => Promise<void> }>, 'observe' | 'before' | 'after'> = {
  async observe({ take }, scene) {
    const outcomes = await scene.atOnce(/^SELECT free/, [() => take(1), () => take(1)]);
    return { outcomes, free: await scene.postgres.query('SELECT free FROM berths') };
  },
  before: { outcomes: ['40001', 'done'], free: [{ free: 4 }] },
  after: { outcomes: ['done', 'done'], free: [{ free: 3 }] },
};

/** What a MySQL server answers when it ends a transaction, and what it was sent. */
class MysqlServer {
  readonly sent: string[] = [];
  private deadlocks = 1;

  readonly modules = {
    'mysql2/promise': {
      createPool: () => ({ getConnection: async () => this.connection() }),
    },
  };

  private connection(): Record<string, (sql?: string) => Promise<unknown>> {
    const step = (name: string) => async (sql?: string) => {
      this.sent.push(sql?.split(' ')[0] ?? name);
      if (sql?.startsWith('UPDATE') === true && this.deadlocks-- > 0)
        throw Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
      return [{ affectedRows: 1 }];
    };
    const names = ['query', 'beginTransaction', 'commit', 'rollback', 'release'];
    return Object.fromEntries(names.map((name) => [name, step(name)]));
  }

  reset(): void {
    this.sent.length = 0;
    this.deadlocks = 1;
  }
}

const mysql = new MysqlServer();

const ONCE = ['SET', 'beginTransaction', 'UPDATE'];

export const noVictimRetryProofs: readonly Proof[] = [
  proof<{ start: () => Promise<void>; take: (id: number) => Promise<void> }>({
    rule: 'deadlock/no-victim-retry',
    fix: 'retry-transaction',
    form: 'TypeORM, a serializable transaction',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Berth {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        free: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Berth],
        synchronize: true,
      });

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.getRepository(Berth).insert({ free: 5 });
      }

      export async function take(id: number): Promise<void> {
        await dataSource.transaction('SERIALIZABLE', async (manager) => {
          const berth = await manager.findOneByOrFail(Berth, { id });
          await manager.update(Berth, id, { free: berth.free - 1 });
        });
      }
    `,
    async observe({ start, take }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT .* FROM "berth"/s, [() => take(1), () => take(1)]);
      return { outcomes, free: await scene.postgres.query('SELECT free FROM berth') };
    },
    before: { outcomes: ['40001', 'done'], free: [{ free: 4 }] },
    after: { outcomes: ['done', 'done'], free: [{ free: 3 }] },
  }),
  proof<{ take: (id: number) => Promise<void> }>({
    rule: 'deadlock/no-victim-retry',
    fix: 'retry-transaction',
    form: 'statements of node-postgres, the client taken in a wrapper',
    needs: 'postgres',
    setup: BERTHS,
    program: program`
      import { Pool, type PoolClient } from 'pg';

      export const pool = new Pool();

      async function serializable<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
          const result = await run(client);
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }

      export async function take(id: number): Promise<void> {
        await serializable(async (client) => {
          const { rows } = await client.query('SELECT free FROM berths WHERE id = $1', [id]);
          await client.query('UPDATE berths SET free = $2 WHERE id = $1', [id, rows[0].free - 1]);
        });
      }
    `,
    ...taking,
  }),
  proof<{ take: (id: number) => Promise<void> }>({
    rule: 'deadlock/no-victim-retry',
    fix: 'retry-transaction',
    form: 'statements of node-postgres, the client given back outside',
    needs: 'postgres',
    setup: BERTHS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function take(id: number): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
          try {
            const { rows } = await client.query('SELECT free FROM berths WHERE id = $1', [id]);
            await client.query('UPDATE berths SET free = $2 WHERE id = $1', [id, rows[0].free - 1]);
            await client.query('COMMIT');
          } catch (error) {
            await client.query('ROLLBACK');
            throw error;
          }
        } finally {
          client.release();
        }
      }
    `,
    ...taking,
  }),
  proof<{ redeem: (code: string) => Promise<void> }>({
    rule: 'deadlock/no-victim-retry',
    fix: 'retry-transaction',
    form: 'a connection of mysql2, by what it is sent after the error of a deadlock',
    modules: mysql.modules,
    declarations: `declare module 'mysql2/promise' {
      export class Connection {
        query(sql: string, values?: unknown): Promise<[unknown, unknown]>;
        beginTransaction(): Promise<void>;
        commit(): Promise<void>;
        rollback(): Promise<void>;
      }
      export class PoolConnection extends Connection {
        release(): void;
      }
      export class Pool extends Connection {
        getConnection(): Promise<PoolConnection>;
      }
      export function createPool(options: object): Pool;
    }`,
    program: program`
      import { createPool } from 'mysql2/promise';

      const pool = createPool({});

      export async function redeem(code: string): Promise<void> {
        const connection = await pool.getConnection();
        try {
          await connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
          await connection.beginTransaction();
          await connection.query('UPDATE vouchers SET used = 1 WHERE code = ?', [code]);
          await connection.commit();
        } catch (error) {
          await connection.rollback();
          throw error;
        } finally {
          connection.release();
        }
      }
    `,
    async observe({ redeem }) {
      mysql.reset();
      const outcome = await redeem('v').then(
        () => 'done',
        (error: Error) => error.message,
      );
      return { outcome, sent: [...mysql.sent] };
    },
    before: { outcome: 'Deadlock found', sent: [...ONCE, 'rollback', 'release'] },
    after: { outcome: 'done', sent: [...ONCE, 'rollback', 'release', ...ONCE, 'commit', 'release'] },
  }),
];
