// Idiom of github.com/kysely-org/kysely: statements that run at `execute`.
import type { Kysely } from 'kysely';

interface Tables {
  seats: { id: string; takenBy: string | null; free: number };
  customers: { email: string; name: string };
  bookings: { seatId: string };
}

export async function take(db: Kysely<Tables>, id: string, person: string) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                                                                         ^^^^^^^^^^^^^^^^^^^^^^^ related "Checked here."
  if (seat.takenBy === 'nobody') {
    await db.updateTable('seats').set({ takenBy: 'somebody' }).where('id', '=', id).execute();
    //                                                                              ^^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'seats'"
    await db.insertInto('bookings').values({ seatId: id, person }).execute();
  }
}

export async function register(db: Kysely<Tables>, email: string, name: string) {
  const known = await db.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
  //                                                                                    ^^^^^^^^^^^^^^^^ related "Checked here."
  if (known !== undefined) return false;
  // One step only with a unique index on customers (email).
  const stored = await db.insertInto('customers').values({ email, name }).onConflict((oc) => oc.column('email').doNothing()).executeTakeFirst();
  if (stored.numInsertedOrUpdatedRows === 0n) return false;
  //                                                       ^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
  return true;
}
