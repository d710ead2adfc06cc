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
    const updated = await db.updateTable('seats').set({ takenBy: 'somebody' }).where('id', '=', id).where('takenBy', '=', 'nobody').executeTakeFirst();
    if (updated.numUpdatedRows === 0n) throw new Error('The row has changed in the meantime');
    //                                                                              ^^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'seats'"
    await db.insertInto('bookings').values({ seatId: id, person }).execute();
  }
}

export async function register(db: Kysely<Tables>, email: string, name: string) {
  const known = await db.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
  //                                                                                    ^^^^^^^^^^^^^^^^ related "Checked here."
  if (known !== undefined) return false;
  await db.insertInto('customers').values({ email, name }).execute();
  //                                                       ^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
  return true;
}
