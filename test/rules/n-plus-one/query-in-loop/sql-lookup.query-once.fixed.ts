// Idiom of github.com/brianc/node-postgres: statements with parameters in a list.
import type { Pool } from 'pg';

interface Order {
  id: string;
  customer_id: string;
  customer?: unknown;
}

export async function withCustomers(pool: Pool, orders: Order[]) {
  const customerIds = orders.map((order) => order.customer_id);
  const customers = await pool.query('SELECT id, name FROM customers WHERE id = ANY($1)', [customerIds]);
  const customersById = new Map<string, typeof customers.rows>();
  for (const customer of customers.rows) {
    const same = customersById.get(String(customer.id));
    if (same === undefined) customersById.set(String(customer.id), [customer]);
    else same.push(customer);
  }
  for (const order of orders) {
    const rows = customersById.get(String(order.customer_id)) ?? [];
    //                          ^^^^^ n-plus-one/query-in-loop medium "'query' queries 'customers' once per element of 'orders'"
    order.customer = rows[0];
  }
  return orders;
}

export async function withItems(pool: Pool) {
  const { rows: orders } = await pool.query<Order>('SELECT * FROM orders WHERE paid LIMIT 100');
  return Promise.all(
    orders.map(async (order) => {
      const items = await pool.query('SELECT * FROM order_items WHERE order_id = $1 ORDER BY position', [order.id]);
      //                       ^^^^^ n-plus-one/query-in-loop high "order_items"
      return { ...order, items: items.rows };
    }),
  );
}

export async function itemsInTwoQueries(pool: Pool, orders: Order[]) {
  const ids = orders.map((order) => order.id);
  const items = await pool.query('SELECT * FROM order_items WHERE order_id = ANY($1)', [ids]); // ok n-plus-one/query-in-loop: one query for all
  return orders.map((order) => ({ ...order, items: items.rows.filter((item) => item.order_id === order.id) }));
}

function chunk<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < list.length; start += size) chunks.push(list.slice(start, start + size));
  return chunks;
}

export async function removeInChunks(pool: Pool, ids: string[]) {
  for (const part of chunk(ids, 250)) {
    await pool.query('DELETE FROM order_items WHERE order_id = ANY($1)', [part]); // ok n-plus-one/query-in-loop: a statement per 250 rows
  }
}

export async function countPerState(pool: Pool) {
  const counts: Record<string, unknown> = {};
  for (const state of ['new', 'paid', 'sent']) {
    const { rows } = await pool.query('SELECT count(*) AS n FROM orders WHERE state = $1', [state]); // ok n-plus-one/query-in-loop: three of them
    counts[state] = rows[0]?.n;
  }
  return counts;
}

export async function everyOrder(pool: Pool, visit: (order: Order) => void) {
  let last = '';
  let more = true;
  while (more) {
    const page = await pool.query('SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT 500', [last]); // ok n-plus-one/query-in-loop: a query per page
    for (const order of page.rows) visit(order);
    last = page.rows.at(-1)?.id ?? '';
    more = page.rows.length === 500;
  }
}
