// Idiom of github.com/brianc/node-postgres: a check, then a statement with parameters in a list.
import { Pool } from 'pg';

declare function notify(orderId: string): Promise<void>;
const pool = new Pool();

export async function ship(orderId: string): Promise<void> {
  const { rows } = await pool.query('SELECT status FROM orders WHERE id = $1', [orderId]);
//                            ^^^^^ related "Checked here."
  if (rows[0].status !== 'paid') throw new Error('not paid');
  const updated = await pool.query('UPDATE orders SET status = $1 WHERE id = $2 AND status = $3 RETURNING status', ['shipped', orderId, 'paid']);
  if (updated.rows.length === 0) throw new Error('not paid');
//           ^^^^^ toctou/db-check-then-act medium "a change of it in between is overwritten"
  await pool.query('INSERT INTO shipments (order_id) VALUES ($1)', [orderId]);
  await notify(orderId);
}

export async function shipOnce(orderId: string): Promise<void> {
  const { rows } = await pool.query('SELECT status FROM orders WHERE id = $1', [orderId]);
  if (rows[0].status !== 'paid') throw new Error('not paid');
  // ok toctou/db-check-then-act: the WHERE checks again
  const updated = await pool.query("UPDATE orders SET status = 'shipped' WHERE id = $1 AND status = 'paid'", [orderId]);
  if (updated.rowCount === 0) return;
  await pool.query('INSERT INTO shipments (order_id) VALUES ($1)', [orderId]);
}

export async function verify(userId: string): Promise<void> {
  const { rows } = await pool.query('SELECT verified FROM users WHERE id = $1', [userId]);
  if (rows[0].verified) return;
  await pool.query('UPDATE users SET verified = true WHERE id = $1', [userId]); // ok toctou/db-check-then-act: setting it twice is the same as once
}

export async function describe(orderId: string, note: string): Promise<void> {
  const { rows } = await pool.query('SELECT status FROM orders WHERE id = $1', [orderId]);
  if (rows[0].status === 'closed') throw new Error('closed');
  await pool.query('UPDATE orders SET note = $1 WHERE id = $2', [note, orderId]); // ok toctou/db-check-then-act: the status is not what is written
}


export async function redeem(code: string, userId: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM coupons WHERE code = $1 AND redeemed_at IS NULL', [code]);
//                            ^^^^^ related "Checked here."
  if (rows.length === 0) throw new Error('no such coupon');
  await pool.query('UPDATE coupons SET redeemed_at = now(), user_id = $1 WHERE id = $2', [userId, rows[0].id]);
//           ^^^^^ toctou/db-check-then-act medium "two runs at once both find it"
}

export async function redeemOnce(code: string, userId: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM coupons WHERE code = $1 AND redeemed_at IS NULL', [code]);
  if (rows.length === 0) throw new Error('no such coupon');
  // ok toctou/db-check-then-act: the WHERE checks again
  const taken = await pool.query('UPDATE coupons SET redeemed_at = now(), user_id = $1 WHERE id = $2 AND redeemed_at IS NULL', [
    userId,
    rows[0].id,
  ]);
  if (taken.rowCount === 0) throw new Error('no such coupon');
}

declare function pack(orderId: string): Promise<void>;

export async function packOrder(orderId: string): Promise<void> {
  const { rows } = await pool.query('SELECT status FROM orders WHERE id = $1', [orderId]);
//                            ^^^^^ related "Checked here."
  if (rows[0].status === 'packed') return;
  try {
    await pack(orderId);
  } catch (error) {
    await pool.query("UPDATE orders SET status = 'failed' WHERE id = $1", [orderId]);
//             ^^^^^ toctou/db-check-then-act low "a change of it in between is overwritten"
    await notify(orderId);
    throw error;
  }
}

declare function looksVerified(domain: string): Promise<boolean>;

export async function refreshDomain(domain: string): Promise<void> {
  const { rows } = await pool.query("SELECT id FROM domains WHERE name = $1 AND status = 'pending'", [domain]);
  if (rows.length === 0) return;
  const verified = await looksVerified(domain);
  // ok toctou/db-check-then-act: both runs find out the same and may leave the row as it was
  await pool.query('UPDATE domains SET status = $1 WHERE id = $2', [verified ? 'active' : 'pending', rows[0].id]);
  await notify(domain);
}
