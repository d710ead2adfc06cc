// Idiom of github.com/kysely-org/kysely: statements that run at `execute`.
import type { Kysely } from 'kysely';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = 'code' in error ? error.code : undefined;
  const inner = 'driverError' in error ? error.driverError : 'parent' in error ? error.parent : undefined;
  return CONFLICTS.has(code) || isConflict(inner);
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
  return retryOnConflict(() => db.transaction().setIsolationLevel('serializable').execute(async (trx) => {
    const known = await trx.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
    //                                                                                    ^^^^^^^^^^^^^^^^ related "Checked here."
    if (known !== undefined) return false;
    await trx.insertInto('customers').values({ email, name }).execute();
    //                                                       ^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
    return true;
  }));
}
