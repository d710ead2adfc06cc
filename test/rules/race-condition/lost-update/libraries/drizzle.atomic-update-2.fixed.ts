// Idiom of github.com/drizzle-team/drizzle-orm: tables as values, conditions as functions.
import { eq, sql } from 'drizzle-orm';
import { integer, type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

const wallets = pgTable('wallets', { id: text('id'), balance: integer('balance').notNull(), level: integer('level') });
const cards = pgTable('loyalty_cards', { id: text('id'), points: integer('points') });

export async function deposit(db: PgDatabase, id: string, amount: number) {
  const [wallet] = await db.select().from(wallets).where(eq(wallets.id, id));
  //                        ^^^^^^ related "Read here."
  if (wallet === undefined) throw new Error('There is no such wallet.');
  await db
    .update(wallets)
  // ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
    .set({ balance: wallet.balance + amount })
    .where(eq(wallets.id, id));
}

export async function spend(db: PgDatabase, id: string, amount: number) {
  const [wallet] = await db.select().from(wallets).where(eq(wallets.id, id));
  //                        ^^^^^^ related "Read here."
  if (wallet === undefined || wallet.balance < amount) throw new Error('There is not enough.');
  await db.update(wallets).set({ balance: wallet.balance - amount }).where(eq(wallets.id, id));
  //       ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
}

export async function charge(db: PgDatabase, id: string, rate: number) {
  await db.transaction(async (tx) => {
    const [wallet] = await tx.select().from(wallets).where(eq(wallets.id, id));
    //                        ^^^^^^ related "Read here."
    if (wallet === undefined) return;
    await tx.update(wallets).set({ balance: wallet.balance * rate }).where(eq(wallets.id, id));
    //       ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
  });
}

export async function chargeLocked(db: PgDatabase, id: string, rate: number) {
  await db.transaction(async (tx) => {
    const [wallet] = await tx.select().from(wallets).where(eq(wallets.id, id)).for('update');
    if (wallet === undefined) return;
    // ok race-condition/lost-update: the row is locked when it is read
    await tx.update(wallets).set({ balance: wallet.balance * rate }).where(eq(wallets.id, id));
  });
}

export async function promote(db: PgDatabase, id: string) {
  const [wallet] = await db.select().from(wallets).where(eq(wallets.id, id));
  if (wallet === undefined) return;
  // ok race-condition/lost-update: the level is computed from another column
  await db.update(wallets).set({ level: Math.floor(wallet.balance / 100) }).where(eq(wallets.id, id));
}

export async function chargeAtOnce(db: PgDatabase, id: string, amount: number) {
  const [wallet] = await db.select().from(wallets).where(eq(wallets.id, id));
  if (wallet === undefined) return;
  await db.update(wallets).set({ balance: sql`${wallets.balance} - ${amount}` }).where(eq(wallets.id, id)); // ok race-condition/lost-update: the database subtracts
}

export async function earn(db: PgDatabase, id: string, points: number) {
  const [card] = await db.select().from(cards).where(eq(cards.id, id));
  //                      ^^^^^^ related "Read here."
  if (card === undefined) throw new Error('There is no such card.');
  await db.update(cards).set({ points: sql`COALESCE(${cards.points}, 0) + ${points}` }).where(eq(cards.id, id));
  //       ^^^^^^ race-condition/lost-update high "'points' of 'loyalty_cards'"
}
