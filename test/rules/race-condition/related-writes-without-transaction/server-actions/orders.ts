'use server';
// Idiom of github.com/formbricks/formbricks
import { Pool } from 'pg';

const pool = new Pool();

export async function createOrder(userId: string): Promise<string> {
  const { rows } = await pool.query('INSERT INTO orders (user_id) VALUES ($1) RETURNING id', [userId]);
  return rows[0].id;
}

export async function addLine(orderId: string, productId: string): Promise<void> {
  await pool.query('INSERT INTO order_lines (order_id, product_id) VALUES ($1, $2)', [orderId, productId]);
}

// Both in one request: they can share a transaction.
export async function createWithFirst(userId: string, productId: string): Promise<string> {
  const id = await createOrder(userId);
  await addLine(id, productId);
  //    ^^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind without it"
  return id;
}
