// Idiom of github.com/drizzle-team/drizzle-orm: tables as values, conditions as functions.
import { and, eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

const orders = pgTable('orders', { id: text('id'), shop: text('shop'), status: text('status') });
const shipments = pgTable('shipments', { orderId: text('order_id') });
const customers = pgTable('customers', { email: text('email'), name: text('name') });

export async function ship(db: PgDatabase, id: string, shop: string) {
  const [order] = await db.select().from(orders).where(and(eq(orders.id, id), eq(orders.shop, shop)));
  //                                             ^^^^^ related "Checked here."
  if (order?.status !== 'paid') throw new Error('The order is not paid.');
  const updated = await db.update(orders).set({ status: 'shipped' }).where(and(eq(orders.id, id), eq(orders.shop, shop), eq(orders.status, 'paid'))).returning({ status: orders.status });
  if (updated.length === 0) throw new Error('The order is not paid.');
  //                                                 ^^^^^ toctou/db-check-then-act medium "'status' of 'orders'"
  await db.insert(shipments).values({ orderId: id });
}

export async function register(db: PgDatabase, email: string, name: string) {
  const [known] = await db.select().from(customers).where(eq(customers.email, email));
  //                                                ^^^^^ related "Checked here."
  if (known) throw new Error('There is such a customer.');
  await db.insert(customers).values({ email, name });
  //                         ^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
}
