// Idiom of github.com/brianc/node-postgres: statements with parameters in a list.
import { Pool } from 'pg';

const pool = new Pool();

export async function payBill(accountId: string, amount: number): Promise<void> {
  const result = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
//                          ^^^^^ related "Read here."
  const { balance } = result.rows[0];
  if (balance < amount) throw new Error('insufficient funds');
  await pool.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance - amount, accountId]);
//           ^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function countView(postId: string): Promise<void> {
  const { rows } = await pool.query('SELECT views FROM posts WHERE id = $1', [postId]);
//                            ^^^^^ related "Read here."
  await pool.query('UPDATE posts SET views = $1 WHERE id = $2', [rows[0].views + 1, postId]);
//           ^^^^^ race-condition/lost-update high "a change made in between is lost"
}

// A transaction at the default isolation level protects nothing.
export async function restock(productId: string, quantity: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT stock FROM products WHERE id = $1', [productId]);
//                                ^^^^^ related "Read here."
    await client.query('UPDATE products SET stock = $1 WHERE id = $2', [rows[0].stock + quantity, productId]);
//               ^^^^^ race-condition/lost-update high "a change made in between is lost"
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function restockLocked(productId: string, quantity: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT stock FROM products WHERE id = $1 FOR UPDATE', [productId]);
    // ok race-condition/lost-update: the read locks the row until the commit
    await client.query('UPDATE products SET stock = $1 WHERE id = $2', [rows[0].stock + quantity, productId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function restockSerializable(productId: string, quantity: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
//               ^^^^^ deadlock/no-victim-retry high "nobody runs it again"
    const { rows } = await client.query('SELECT stock FROM products WHERE id = $1', [productId]);
    // ok race-condition/lost-update: one of two serializable transactions is aborted
    await client.query('UPDATE products SET stock = $1 WHERE id = $2', [rows[0].stock + quantity, productId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function countViewAtomically(postId: string): Promise<void> {
  const { rows } = await pool.query('SELECT title FROM posts WHERE id = $1', [postId]);
  if (rows.length === 0) return;
  await pool.query('UPDATE posts SET views = views + 1 WHERE id = $1', [postId]); // ok race-condition/lost-update: the database computes the value
}

export async function renameVersioned(id: string, suffix: string): Promise<boolean> {
  const { rows } = await pool.query('SELECT name, version FROM documents WHERE id = $1', [id]);
  const { name, version } = rows[0];
  // ok race-condition/lost-update: the version must still be the one that was read
  const result = await pool.query('UPDATE documents SET name = $1, version = version + 1 WHERE id = $2 AND version = $3', [
    name + suffix,
    id,
    version,
  ]);
  return result.rowCount === 1;
}

export async function describe(id: string, description: string | undefined): Promise<void> {
  const { rows } = await pool.query('SELECT description FROM products WHERE id = $1', [id]);
  // ok race-condition/lost-update: a default, nothing computed from what was read
  await pool.query('UPDATE products SET description = $1 WHERE id = $2', [description ?? rows[0].description, id]);
}

export async function copyPrice(fromId: string, toId: string): Promise<void> {
  const { rows } = await pool.query('SELECT price FROM products WHERE id = $1', [fromId]);
  await pool.query('UPDATE products SET price = $1 WHERE id = $2', [rows[0].price * 2, toId]); // ok race-condition/lost-update: another row
}

// What was never counted is NULL.
export async function countDownload(fileId: string): Promise<void> {
  const { rows } = await pool.query('SELECT downloads FROM files WHERE id = $1', [fileId]);
//                            ^^^^^ related "Read here."
  await pool.query('UPDATE files SET downloads = COALESCE(downloads, 0) + $1 WHERE id = $2', [1, fileId]);
//           ^^^^^ race-condition/lost-update high "a change made in between is lost"
}
