// Idiom of github.com/outline/outline: events that are named after what they tell of.
import { Queue } from 'bullmq';
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();
const events = new Queue('events');

async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } finally {
    client.release();
  }
}

// What anyone does at any time.
export async function place(productId: string): Promise<void> {
  await inTransaction(async (client) => {
    const { rows } = await client.query('INSERT INTO orders (product_id) VALUES ($1) RETURNING id', [productId]);
    await events.add('placed', { orderId: rows[0].id });
    //           ^^^ double-write/effect-before-commit-visible high "before 'orders' is committed"
    await client.query('INSERT INTO order_log (order_id) VALUES ($1)', [rows[0].id]);
  });
}

// The new share is told of as well, but the title is the order's.
export async function rename(id: string, userId: string, title: string): Promise<void> {
  const rows = await inTransaction(async (client) => {
    const { rows } = await client.query('INSERT INTO shares (order_id, user_id) VALUES ($1, $2) RETURNING id', [id, userId]);
    await client.query('UPDATE orders SET title = $1 WHERE id = $2', [title, id]);
    return rows;
    //           ^^^ double-write/effect-before-commit-visible medium "before 'orders' is committed"
  });
  await events.add('orders.title-change', { id, userId, shareId: rows[0].id });
}

export async function ship(id: string): Promise<void> {
  await inTransaction((client) => client.query('UPDATE orders SET shipped = TRUE WHERE id = $1', [id]));
  await events.add('shipped', { orderId: id }); // ok double-write/effect-before-commit-visible: after the commit
  //           ^^^ double-write/dual-write low
}
