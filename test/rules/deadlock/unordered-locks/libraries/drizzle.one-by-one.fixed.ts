// Idiom of github.com/lobehub/lobe-chat: many rows updated in one transaction.
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { integer, type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

const groups = pgTable('session_groups', { id: text('id'), sort: integer('sort'), size: integer('size') });

export async function updateOrder(db: PgDatabase, order: { id: string; sort: number }[]) {
  await db.transaction(async (tx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    //                                             ^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
    //                                             ^^^^^^ n-plus-one/query-in-loop low "once per element"
    //                    ^^^ related "The order comes from here."
    //                    ^^^ related "Repeated for each element of 'order'."
    for (const { id, sort } of order) {
      await tx.update(groups).set({ sort }).where(eq(groups.id, id));
    }
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
  });
}

export async function move(db: PgDatabase, from: string, to: string) {
  await db.transaction(async (tx) => {
    await tx.update(groups).set({ size: sql`${groups.size} - 1` }).where(eq(groups.id, from));
    //       ^^^^^^ related "The first row is locked here."
    await tx.update(groups).set({ size: sql`${groups.size} + 1` }).where(eq(groups.id, to));
    //       ^^^^^^ deadlock/unordered-locks high "'from' of 'session_groups'"
  });
}

export async function moveLocked(db: PgDatabase, from: string, to: string) {
  await db.transaction(async (tx) => {
    await tx.select().from(groups).where(inArray(groups.id, [from, to])).orderBy(asc(groups.id)).for('update');
    await tx.update(groups).set({ size: sql`${groups.size} - 1` }).where(eq(groups.id, from));
    await tx.update(groups).set({ size: sql`${groups.size} + 1` }).where(eq(groups.id, to)); // ok deadlock/unordered-locks: both are locked in one order before
  });
}

export async function moveInOrder(db: PgDatabase, ids: string[]) {
  await db.transaction(async (tx) => {
    for (const id of ids.toSorted()) await tx.update(groups).set({ size: 0 }).where(eq(groups.id, id)); // ok deadlock/unordered-locks: everyone goes up
    //                                        ^^^^^^ n-plus-one/query-in-loop low "once per element"
  //^^^ related "Repeated for each element of 'ids.toSorted()'."
  });
}

export async function reset(db: PgDatabase, ids: string[]) {
  await db.transaction(async (tx) => {
    await tx.update(groups).set({ size: 0 }).where(inArray(groups.id, ids)); // ok deadlock/unordered-locks: one statement
  });
}
