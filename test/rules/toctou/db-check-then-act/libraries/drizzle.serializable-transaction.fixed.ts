// Idiom of github.com/drizzle-team/drizzle-orm: tables as values, conditions as functions.
import { and, eq, isNull } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

const orders = pgTable('orders', { id: text('id'), shop: text('shop'), status: text('status') });
const shipments = pgTable('shipments', { orderId: text('order_id') });
const customers = pgTable('customers', { email: text('email'), name: text('name') });

const seats = pgTable('seats', { id: text('id'), takenBy: text('taken_by'), editedBy: text('edited_by') });

export async function ship(db: PgDatabase, id: string, shop: string) {
  const [order] = await db.select().from(orders).where(and(eq(orders.id, id), eq(orders.shop, shop)));
  //                       ^^^^^^ related "Checked here."
  if (order?.status !== 'paid') throw new Error('The order is not paid.');
  await db.update(orders).set({ status: 'shipped' }).where(and(eq(orders.id, id), eq(orders.shop, shop)));
  //       ^^^^^^ toctou/db-check-then-act medium "'status' of 'orders'"
  await db.insert(shipments).values({ orderId: id });
}

export async function register(db: PgDatabase, email: string, name: string) {
  await retryOnConflict(() => db.transaction(async (tx) => {
    const [known] = await tx.select().from(customers).where(eq(customers.email, email));
    //                       ^^^^^^ related "Checked here."
    if (known) throw new Error('There is such a customer.');
    await tx.insert(customers).values({ email, name });
  }, { isolationLevel: 'serializable' }));
  //       ^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
}

export async function takeSeat(db: PgDatabase, id: string, userId: string) {
  const [seat] = await db.select().from(seats).where(eq(seats.id, id));
  //                      ^^^^^^ related "Checked here."
  if (seat?.takenBy !== null) throw new Error('The seat is taken.');
  await db.update(seats).set({ takenBy: userId }).where(eq(seats.id, id));
  //       ^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'seats'"
}

export async function takeFreeSeat(db: PgDatabase, id: string, userId: string) {
  const [seat] = await db.select().from(seats).where(eq(seats.id, id));
  if (seat?.takenBy !== null) throw new Error('The seat is taken.');
  const taken = await db
    .update(seats)
    .set({ takenBy: userId }) // ok toctou/db-check-then-act: only while it is free, and whether it was is looked at
    .where(and(eq(seats.id, id), isNull(seats.takenBy)))
    .returning();
  if (taken.length === 0) throw new Error('The seat is taken.');
}

export async function takeLockedSeat(db: PgDatabase, id: string, userId: string) {
  await db.transaction(async (tx) => {
    const [seat] = await tx.select().from(seats).where(eq(seats.id, id)).for('update');
    if (seat?.takenBy !== null) throw new Error('The seat is taken.');
    await tx.update(seats).set({ takenBy: userId }).where(eq(seats.id, id)); // ok toctou/db-check-then-act: locked by its read
  });
}

export async function seatBy(db: PgDatabase, id: string, userId: string) {
  const [seat] = await db.select().from(seats).where(eq(seats.id, id));
  if (seat?.takenBy !== null) throw new Error('The seat is taken.');
  await db.update(seats).set({ editedBy: userId }).where(eq(seats.id, id)); // ok toctou/db-check-then-act: whoever edited it last
}

export async function subscribe(db: PgDatabase, email: string, name: string) {
  const [known] = await db.select().from(customers).where(eq(customers.email, email));
  if (known) return;
  await db.insert(customers).values({ email, name }).onConflictDoNothing(); // ok toctou/db-check-then-act: a second one does nothing
}
