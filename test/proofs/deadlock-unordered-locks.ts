import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'deadlock/unordered-locks';

const TRANSFER = program`
  import { Pool } from 'pg';

  export const pool = new Pool();

  export async function transfer(fromId: string, toId: string, amount: number): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, fromId]);
      await client.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, toId]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
`;

const ACCOUNTS = `CREATE TABLE accounts (id text PRIMARY KEY, balance int NOT NULL);
  INSERT INTO accounts VALUES ('a', 100), ('b', 100)`;

/** PostgreSQL's code for a deadlock that it ended. */
const DEADLOCK = '40P01';

/** Each has its first row before either asks for its second. */
const transfers: Pick<Proof<{ transfer: (from: string, to: string, amount: number) => Promise<void> }>, 'observe'> = {
  async observe({ transfer }, scene) {
    const outcomes = await scene.atOnce(/^UPDATE/, [() => transfer('a', 'b', 10), () => transfer('b', 'a', 30)]);
    return { outcomes, sum: (await scene.postgres.query('SELECT sum(balance)::int FROM accounts'))[0] };
  },
};

interface EntityProgram {
  readonly start: () => Promise<void>;
}

const PURSES = program`
  import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

  @Entity()
  export class Purse {
    @PrimaryGeneratedColumn('increment', { type: 'int' })
    id: number;

    @Column({ type: 'int' })
    coins: number;
  }

  export const dataSource = new DataSource({
    type: 'postgres',
    url: process.env['DATABASE_URL'],
    entities: [Purse],
    synchronize: true,
  });

  export async function start(): Promise<void> {
    await dataSource.initialize();
    await dataSource.getRepository(Purse).insert([{ coins: 100 }, { coins: 100 }]);
  }
`;

export const unorderedLocksProofs: readonly Proof[] = [
  ...['lock-in-one-statement', 'lock-sorted'].map((fix) =>
    proof({
      rule,
      fix,
      form: 'two updates in a transaction',
      needs: 'postgres',
      setup: ACCOUNTS,
      program: TRANSFER,
      ...transfers,
      before: { outcomes: [DEADLOCK, 'done'], sum: { sum: 200 } },
      after: { outcomes: ['done', 'done'], sum: { sum: 200 } },
    }),
  ),
  proof<{ take: (lines: { productId: string; quantity: number }[]) => Promise<void> }>({
    rule,
    fix: 'sort-keys',
    form: 'updates in a loop',
    needs: 'postgres',
    setup: `CREATE TABLE products (id text PRIMARY KEY, stock int NOT NULL); INSERT INTO products VALUES ('p', 10), ('q', 10)`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      interface Line {
        productId: string;
        quantity: number;
      }

      export async function take(lines: readonly Line[]): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          for (const line of lines) {
            await client.query('UPDATE products SET stock = stock - $1 WHERE id = $2', [line.quantity, line.productId]);
          }
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ take }, scene) {
      const p = { productId: 'p', quantity: 1 };
      const q = { productId: 'q', quantity: 2 };
      return scene.atOnce(/^UPDATE/, [() => take([p, q]), () => take([q, p])]);
    },
    before: [DEADLOCK, 'done'],
    after: ['done', 'done'],
  }),
  proof<EntityProgram & { transfer: (from: number, to: number, amount: number) => Promise<void> }>({
    rule,
    fix: 'lock-in-one-statement',
    form: 'TypeORM, two updates by the manager',
    needs: 'postgres',
    program: `${PURSES}
export async function transfer(fromId: number, toId: number, amount: number): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.decrement(Purse, { id: fromId }, 'coins', amount);
    await manager.increment(Purse, { id: toId }, 'coins', amount);
  });
}
`,
    async observe({ start, transfer }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^UPDATE/, [() => transfer(1, 2, 10), () => transfer(2, 1, 30)]);
      return { outcomes, sum: (await scene.postgres.query('SELECT sum(coins)::int FROM purse'))[0] };
    },
    before: { outcomes: [DEADLOCK, 'done'], sum: { sum: 200 } },
    after: { outcomes: ['done', 'done'], sum: { sum: 200 } },
  }),
  proof<EntityProgram & { fill: (rows: { purse: number; coins: number }[]) => Promise<void> }>({
    rule,
    fix: 'sort-rows',
    form: 'TypeORM, a list saved row by row',
    needs: 'postgres',
    program: `${PURSES}
export async function fill(rows: { purse: number; coins: number }[]): Promise<void> {
  await dataSource.getRepository(Purse).save(rows.map((row) => ({ id: row.purse, coins: row.coins })));
}
`,
    async observe({ start, fill }, scene) {
      await start();
      const one = { purse: 1, coins: 7 };
      const two = { purse: 2, coins: 8 };
      return scene.atOnce(/^UPDATE/, [() => fill([one, two]), () => fill([two, { purse: 1, coins: 9 }])]);
    },
    before: [DEADLOCK, 'done'],
    after: ['done', 'done'],
  }),
];
