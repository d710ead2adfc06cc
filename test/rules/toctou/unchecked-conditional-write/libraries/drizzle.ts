// Idiom of github.com/drizzle-team/drizzle-orm
import { and, eq } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';

declare const seats: { id: object; state: object };
declare const bookings: { seatId: object };

export async function book(db: PgDatabase, id: number): Promise<void> {
  await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free')));
  //                                             ^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await db.insert(bookings).values({ seatId: id });
}

export async function bookChecked(db: PgDatabase, id: number): Promise<void> {
  const taken = await db.update(seats).set({ state: 'taken' }).where(and(eq(seats.id, id), eq(seats.state, 'free'))).returning(); // ok toctou/unchecked-conditional-write: the rows are looked at
  if (taken.length === 0) throw new Error('taken');
  await db.insert(bookings).values({ seatId: id });
}
