// Idiom of github.com/TereshonokVladimir/FrontentdCourses: orders by plain SQL, and what each belongs to.
declare const db: { query(sql: string, params?: unknown[]): Promise<any> };

export async function getOrdersWithCustomers() {
  const orders = await db.query('SELECT * FROM orders LIMIT 100');
  for (const order of orders) {
    order.customer = await db.query('SELECT * FROM customers WHERE id = $1', [order.customer_id]);
    //                        ^^^^^ n-plus-one/query-in-loop high "'query' queries 'customers' once per element of 'orders'"
  }
  return orders;
}

export async function firstFreeSlot(slots: { id: string }[]) {
  for (const slot of slots) {
    const bookings = await db.query('SELECT id FROM bookings WHERE slot_id = $1 LIMIT 1', [slot.id]);
    //                        ^^^^^ n-plus-one/query-in-loop low "bookings"
    if (bookings.length > 0) continue;
    return slot;
  }
  return undefined;
}

export async function closeAll(ids: string[]) {
  await db.query('UPDATE tickets SET open = false WHERE id = ANY($1)', [ids]);
}
