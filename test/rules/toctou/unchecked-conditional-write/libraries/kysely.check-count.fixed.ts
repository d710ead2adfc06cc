// Idiom of github.com/kysely-org/kysely
import type { Kysely } from 'kysely';

interface Database {
  seats: { id: number; state: string };
  bookings: { seat_id: number };
}

export async function book(db: Kysely<Database>, id: number): Promise<void> {
  const [updated] = await db.updateTable('seats').set({ state: 'taken' }).where('id', '=', id).where('state', '=', 'free').execute();
  if (updated?.numUpdatedRows === 0n) throw new Error('The row has changed in the meantime');
  //       ^^^^^^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await db.insertInto('bookings').values({ seat_id: id }).execute();
}

export async function bookChecked(db: Kysely<Database>, id: number): Promise<void> {
  const result = await db.updateTable('seats').set({ state: 'taken' }).where('id', '=', id).where('state', '=', 'free').executeTakeFirst(); // ok toctou/unchecked-conditional-write: the count is looked at
  if (result.numUpdatedRows === 0n) throw new Error('taken');
  await db.insertInto('bookings').values({ seat_id: id }).execute();
}

export async function bookReturned(db: Kysely<Database>, id: number): Promise<void> {
  const seat = await db
    .updateTable('seats')
    .set({ state: 'taken' }) // ok toctou/unchecked-conditional-write: the row that comes back is looked at
    .where('id', '=', id)
    .where('state', '=', 'free')
    .returning('id')
    .executeTakeFirst();
  if (seat === undefined) throw new Error('taken');
  await db.insertInto('bookings').values({ seat_id: seat.id }).execute();
}

export async function bookOrThrow(db: Kysely<Database>, id: number): Promise<void> {
  await db
    .updateTable('seats')
    .set({ state: 'taken' }) // ok toctou/unchecked-conditional-write: no row is an error
    .where('id', '=', id)
    .where('state', '=', 'free')
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.insertInto('bookings').values({ seat_id: id }).execute();
}

export async function expire(db: Kysely<Database>): Promise<void> {
  await db.updateTable('seats').set({ state: 'free' }).where('state', '=', 'held').execute(); // ok toctou/unchecked-conditional-write: as many as there are
  await db.insertInto('bookings').values({ seat_id: 0 }).execute();
}
