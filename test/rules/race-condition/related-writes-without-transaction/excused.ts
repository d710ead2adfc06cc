// Idiom of github.com/Unleash/unleash
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();

async function withTransaction<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await run(client);
    await client.query('COMMIT');
    return result;
  } finally {
    client.release();
  }
}

// Every caller hands in its transaction.
export async function setTags(client: PoolClient, postId: string, tag: string): Promise<void> {
  await client.query('DELETE FROM post_tags WHERE post_id = $1', [postId]);
  await client.query('INSERT INTO post_tags (post_id, tag) VALUES ($1, $2)', [postId, tag]); // ok race-condition/related-writes-without-transaction: the client is handed in
}

export async function publish(postId: string): Promise<void> {
  await withTransaction((client) => setTags(client, postId, 'published'));
}

// One link of many goes, another comes: no set is written anew.
export async function retag(postId: string, from: string, to: string): Promise<void> {
  await pool.query('DELETE FROM post_tags WHERE post_id = $1 AND tag = $2', [postId, from]);
  await pool.query('INSERT INTO post_tags (post_id, tag) VALUES ($1, $2)', [postId, to]); // ok race-condition/related-writes-without-transaction: one link of many
}

export async function login(userId: string): Promise<void> {
  await pool.query('DELETE FROM sessions WHERE user_id = $1', [userId]);
  await pool.query('INSERT INTO sessions (user_id) VALUES ($1)', [userId]); // ok race-condition/related-writes-without-transaction: a session is made again by the next login
}

export async function addStock(from: string, to: string, amount: number): Promise<void> {
  const isTaken = amount > 0;
  if (isTaken) await pool.query('UPDATE shelves SET stock = stock - $1 WHERE id = $2', [amount, from]);
  else await pool.query('UPDATE shelves SET stock = stock + $1 WHERE id = $2', [amount, to]); // ok race-condition/related-writes-without-transaction: one or the other
}

// That some of them fail is expected.
export async function createOrder(userId: string, productIds: string[]): Promise<string> {
  const { rows } = await pool.query('INSERT INTO orders (user_id) VALUES ($1) RETURNING id', [userId]);
  const added = await Promise.allSettled(
    productIds.map((productId) =>
      pool.query('INSERT INTO order_lines (order_id, product_id) VALUES ($1, $2)', [rows[0].id, productId]), // ok race-condition/related-writes-without-transaction: all of them are settled, however they end
      //   ^^^^^ n-plus-one/query-in-loop low
    ),
  );
  return `${rows[0].id} ${added.length}`;
}
