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
];
