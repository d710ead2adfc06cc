// Idiom of github.com/directus/directus
import type { Pool } from 'mysql2/promise';

interface Customer {
  id: number;
  name: string;
}

export async function customerNames(pool: Pool, orders: { customerId: number }[]) {
  const names: string[] = [];
  const customerIds = Array.from(orders, (order) => order.customerId);
  const [customers] = customerIds.length === 0 ? [[]] : await pool.query<Customer[]>('SELECT id, name FROM customers WHERE id IN (?)', [customerIds]);
  const customersById = new Map<unknown, (typeof customers)[number][]>();
  for (const customer of customers) {
    const same = customersById.get(String(customer.id));
    if (same === undefined) customersById.set(String(customer.id), [customer]);
    else same.push(customer);
  }
  for (const order of orders) {
    const [rows] = [customersById.get(String(order.customerId)) ?? []];
//                            ^^^^^^^ n-plus-one/query-in-loop high "The query on 'customers' runs once per element of"
    names.push(rows[0]?.name ?? 'none');
  }
  return names;
}
