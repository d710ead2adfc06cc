import { Pool } from 'pg';
import { cache, createQueue, debounce, middleware, traced, withTimer } from './wrappers.ts';

const pool = new Pool();

export const getUser = cache(async (id: string) => {
  const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [id]);
  return rows[0];
});

async function findTeam(id: string) {
  const { rows } = await pool.query('SELECT * FROM teams WHERE id = $1', [id]);
  return rows[0];
}
export default traced({ name: 'findTeam' })(findTeam);

export const countOrders = withTimer('orders', async (userId: string) => {
  const { rows } = await pool.query('SELECT count(*) FROM orders WHERE user_id = $1', [userId]);
  return rows[0].count;
});

export const readers = {
  invoice: cache(withTimer('invoice', async (id: string) => pool.query('SELECT * FROM invoices WHERE id = $1', [id]))),
};

export const handle = middleware(async (id: string) => pool.query('SELECT * FROM events WHERE id = $1', [id])).use({});

export const touch = debounce(async (id: string) => {
  await pool.query('SELECT touch($1) FROM users', [id]);
}, 500);

export const enqueue = createQueue(async (id: string) => {
  await pool.query('SELECT * FROM jobs WHERE id = $1', [id]);
});
