import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'race-condition/promise-all-in-transaction';

type Book = (lines: readonly string[], check: (line: string) => Promise<void>) => Promise<void>;

/** The check of 'a' fails at once, that of 'b' succeeds once the transaction has been rolled back. */
async function failFirst(book: Book): Promise<string> {
  let finish = (): void => {};
  const rolledBack = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const checks = async (line: string): Promise<void> => {
    if (line === 'a') throw new Error('a is closed');
    await rolledBack;
  };
  const outcome = await book(['a', 'b'], checks).then(
    () => 'done',
    (error: Error) => error.message,
  );
  finish();
  return outcome;
}

export const promiseAllInTransactionProofs: readonly Proof[] = [
  proof<{ book: Book }>({
    rule,
    fix: 'one-by-one',
    form: 'a list, on a connection in BEGIN',
    needs: 'postgres',
    setup: 'CREATE TABLE bookings (line text NOT NULL); CREATE TABLE entries (line text NOT NULL)',
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function book(lines: readonly string[], check: (line: string) => Promise<void>): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await Promise.all(
            lines.map(async (line) => {
              await client.query('INSERT INTO bookings (line) VALUES ($1)', [line]);
              await check(line);
              await client.query('INSERT INTO entries (line) VALUES ($1)', [line]);
            }),
          );
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ book }, scene) {
      const outcome = await failFirst(book);
      // What is still under way arrives behind what is asked on the same connection.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { outcome, entries: await scene.postgres.query('SELECT line FROM entries') };
    },
    // Rolled back, and written all the same.
    before: { outcome: 'a is closed', entries: [{ line: 'b' }] },
    after: { outcome: 'a is closed', entries: [] },
  }),
];
