// Idiom of github.com/drizzle-team/drizzle-orm
import { and, eq } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';

declare const seats: { id: object; state: object };
declare const bookings: { seatId: object };

export async function book(db: PgDatabase, id: number): Promise<void> {
  await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free')));
  //       ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await db.insert(bookings).values({ seatId: id });
}

export async function bookChecked(db: PgDatabase, id: number): Promise<void> {
  const taken = await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free'))).returning(); // ok toctou/unchecked-conditional-write: the rows are looked at
  if (taken.length === 0) throw new Error('taken');
  await db.insert(bookings).values({ seatId: id });
}

export async function bookDestructured(db: PgDatabase, id: number): Promise<void> {
  // ok toctou/unchecked-conditional-write: the row that comes back is looked at
  const [seat] = await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free'))).returning();
  if (!seat) throw new Error('taken');
  await db.insert(bookings).values({ seatId: seat.id });
}

export async function bookCounted(db: PgDatabase, id: number): Promise<void> {
  const { rowCount } = await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free'))); // ok toctou/unchecked-conditional-write: the count is looked at
  if (rowCount === 0) throw new Error('taken');
  await db.insert(bookings).values({ seatId: id });
}

export async function free(db: PgDatabase, id: number): Promise<void> {
  await db.delete(bookings).where(eq(bookings.seatId, id));
  await db.update(seats).set({ state: 'free' }).where(and(eq(seats.id, id), eq(seats.state, 'taken'))); // ok toctou/unchecked-conditional-write: nothing follows
}
