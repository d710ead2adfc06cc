// Idiom of github.com/kysely-org/kysely: statements that run at `execute`.
import type { Kysely } from 'kysely';

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

interface Tables {
  seats: { id: string; takenBy: string | null; free: number };
  customers: { email: string; name: string };
  bookings: { seatId: string };
}

export async function take(db: Kysely<Tables>, id: string, person: string) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                    ^^^^^^^^^^ related "Checked here."
  if (seat.takenBy === 'nobody') {
    await db.updateTable('seats').set({ takenBy: 'somebody' }).where('id', '=', id).execute();
    //       ^^^^^^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'seats'"
    await db.insertInto('bookings').values({ seatId: id, person }).execute();
  }
}

export async function register(db: Kysely<Tables>, email: string, name: string) {
  return retryOnConflict(() => db.transaction().setIsolationLevel('serializable').execute(async (trx) => {
    const known = await trx.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
    //                     ^^^^^^^^^^ related "Checked here."
    if (known !== undefined) return false;
    await trx.insertInto('customers').values({ email, name }).execute();
    //       ^^^^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
    return true;
  }));
}

export async function claim(db: Kysely<Tables>, id: string, userId: string) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                    ^^^^^^^^^^ related "Checked here."
  if (seat.takenBy) return false;
  await db
    .updateTable('seats')
  // ^^^^^^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'seats'"
    .set({ takenBy: userId })
    .where('id', '=', id)
    .execute();
  return true;
}

export async function claimFree(db: Kysely<Tables>, id: string, userId: string) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  if (seat.takenBy) return false;
  const result = await db
    .updateTable('seats')
    .set({ takenBy: userId }) // ok toctou/db-check-then-act: only while it is free, and whether it was is looked at
    .where('id', '=', id)
    .where('takenBy', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function claimLocked(db: Kysely<Tables>, id: string, userId: string) {
  return db.transaction().execute(async (trx) => {
    const seat = await trx.selectFrom('seats').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    if (seat.takenBy) return false;
    await trx.updateTable('seats').set({ takenBy: userId }).where('id', '=', id).execute(); // ok toctou/db-check-then-act: locked by its read
    return true;
  });
}

export async function subscribe(db: Kysely<Tables>, email: string, name: string) {
  const known = await db.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
  if (known !== undefined) return;
  // ok toctou/db-check-then-act: a second one does nothing
  await db.insertInto('customers').values({ email, name }).onConflict((oc) => oc.column('email').doNothing()).execute();
}

export async function reserve(db: Kysely<Tables>, id: string, count: number) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                    ^^^^^^^^^^ related "Checked here."
  if (seat.free < count) throw new Error('There are not enough.');
  await db
    .updateTable('seats')
  // ^^^^^^^^^^^ toctou/db-check-then-act high "'free' of 'seats' is checked by 'selectFrom' and changed by 'updateTable'"
    .set((eb) => ({ free: eb('free', '-', count) }))
    .where('id', '=', id)
    .execute();
}

export async function reserveEnough(db: Kysely<Tables>, id: string, count: number) {
  const seat = await db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  if (seat.free < count) throw new Error('There are not enough.');
  const result = await db
    .updateTable('seats')
    .set((eb) => ({ free: eb('free', '-', count) })) // ok toctou/db-check-then-act: the write asks for enough itself, and whether it was is looked at
    .where('id', '=', id)
    .where('free', '>=', count)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw new Error('There are not enough.');
}
