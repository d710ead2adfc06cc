// Idiom of github.com/brianc/node-postgres
import { Pool } from 'pg';

const pool = new Pool();

export async function transfer(from: string, to: string, amount: number): Promise<void> {
  await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
  //         ^^^^^ related "Written before."
  await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]);
  //         ^^^^^ race-condition/related-writes-without-transaction high "one of the two has happened"
}

export async function payTogether(from: string, amount: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
    await client.query('INSERT INTO ledger_entries (account_id, amount) VALUES ($1, $2)', [from, -amount]); // ok race-condition/related-writes-without-transaction: in a transaction
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function createOrder(userId: string, productId: string): Promise<string> {
  const { rows } = await pool.query('INSERT INTO orders (user_id) VALUES ($1) RETURNING id', [userId]);
  await pool.query('INSERT INTO order_lines (order_id, product_id) VALUES ($1, $2)', [rows[0].id, productId]);
  //         ^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind without it"
  return rows[0].id;
}

export async function setTags(postId: string, tags: string[]): Promise<void> {
  await pool.query('DELETE FROM post_tags WHERE post_id = $1', [postId]);
  await pool.query('INSERT INTO post_tags (post_id, tag) SELECT $1, unnest($2::text[])', [postId, tags]);
  //         ^^^^^ race-condition/related-writes-without-transaction "what was there is gone"
}

export async function register(email: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO users (email) VALUES ($1) RETURNING id', [email]);
  await pool.query('INSERT INTO audit_log (user_id, what) VALUES ($1, $2)', [rows[0].id, 'registered']); // ok race-condition/related-writes-without-transaction: the log may miss an entry
}

export async function openAccount(userId: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO accounts (user_id) VALUES ($1) RETURNING id', [userId]);
  try {
    await pool.query('INSERT INTO account_owners (account_id, user_id) VALUES ($1, $2)', [rows[0].id, userId]); // ok race-condition/related-writes-without-transaction: the catch takes the account back
  } catch (error) {
    await pool.query('DELETE FROM accounts WHERE id = $1', [rows[0].id]);
    throw error;
  }
}

export async function count(from: string, to: string): Promise<void> {
  await pool.query('UPDATE pages SET visits = visits + 1 WHERE id = $1', [from]);
  await pool.query('UPDATE pages SET visits = visits + 1 WHERE id = $1', [to]); // ok race-condition/related-writes-without-transaction: counters of their own
}
