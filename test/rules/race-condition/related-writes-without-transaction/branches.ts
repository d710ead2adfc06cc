// Idiom of github.com/requarks/wiki: one of two writes, by conditions that stand apart.
import { Pool } from 'pg';

const pool = new Pool();

export async function settle(from: string, to: string, amount: number, isRefund: boolean): Promise<void> {
  if (isRefund) await pool.query('DELETE FROM claims WHERE account_id = $1', [from]);
  await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
  //         ^^^^^ related "Written before."
  await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]);
  //         ^^^^^ race-condition/related-writes-without-transaction high "one of the two has happened"
}

export async function book(from: string, to: string, amount: number, isDebit: boolean): Promise<void> {
  if (isDebit) await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
  if (!isDebit) await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]); // ok race-condition/related-writes-without-transaction: one of the two
}

export async function bookOne(from: string, to: string | null, amount: number): Promise<void> {
  if (to === null) await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
  if (to !== null) await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]); // ok race-condition/related-writes-without-transaction: one of the two
}

export async function bookEither(from: string, to: string, amount: number, isDebit: boolean): Promise<void> {
  if (isDebit) {
    await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
    return;
  }
  await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]); // ok race-condition/related-writes-without-transaction: one of the two
}
