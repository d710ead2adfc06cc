// Idiom of github.com/directus/directus
import type { Pool } from 'mysql2/promise';

interface Customer {
  id: number;
  name: string;
}

export async function customerNames(pool: Pool, orders: { customerId: number }[]) {
  const names: string[] = [];
  for (const order of orders) {
    const [rows] = await pool.execute<Customer[]>('SELECT id, name FROM customers WHERE id = ?', [order.customerId]);
//                            ^^^^^^^ n-plus-one/query-in-loop high "The query on 'customers' runs once per element of"
    names.push(rows[0]?.name ?? 'none');
  }
  return names;
}
