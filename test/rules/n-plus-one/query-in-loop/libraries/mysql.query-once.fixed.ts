// Idiom of github.com/directus/directus
import type { Pool } from 'mysql2/promise';

interface Customer {
  id: number;
  name: string;
}

export async function customerNames(pool: Pool, orders: { customerId: number }[]) {
  const names: string[] = [];
  const customerIds = Array.from(orders, (order) => order.customerId);
  const [customerRows] = customerIds.length === 0 ? [[]] : await pool.query<Customer[]>('SELECT id, name FROM customers WHERE id IN (?)', [customerIds]);
  const customersById = new Map<string, (typeof customerRows)[number][]>();
  for (const customer of customerRows) {
    const same = customersById.get(String(customer.id));
    if (same === undefined) customersById.set(String(customer.id), [customer]);
    else same.push(customer);
  }
  for (const order of orders) {
    const [rows] = [customersById.get(String(order.customerId)) ?? []];
//                            ^^^^^^^ n-plus-one/query-in-loop medium "'execute' queries 'customers' once per element of 'orders'"
    names.push(rows[0]?.name ?? 'none');
  }
  return names;
}

export async function customersOf(pool: Pool, orders: { customerId: number }[]) {
  if (orders.length === 0) return [];
  const ids = orders.map(({ customerId }) => customerId);
  const [rows] = await pool.query<Customer[]>('SELECT id, name FROM customers WHERE id IN (?)', [ids]); // ok n-plus-one/query-in-loop: one query for all
  return rows;
}

export async function addCustomers(pool: Pool, customers: Customer[]) {
  const rows = customers.map(({ id, name }) => [id, name]);
  await pool.query('INSERT INTO customers (id, name) VALUES ?', [rows]); // ok n-plus-one/query-in-loop: one statement for all rows
}

export async function purge(pool: Pool) {
  for (;;) {
    const [header] = await pool.execute<{ affectedRows: number }>('DELETE FROM customers WHERE deleted = 1 LIMIT 1000', []); // ok n-plus-one/query-in-loop: batch by batch
    if (header.affectedRows === 0) return;
  }
}
