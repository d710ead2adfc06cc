// Idiom of github.com/kysely-org/kysely: tables as strings, statements that run at `execute`.
import type { Kysely } from 'kysely';

interface Tables {
  wallets: { id: string; balance: number; opened: number };
  loyaltyCards: { id: string; points: number | null };
}

export async function deposit(db: Kysely<Tables>, id: string, amount: number) {
  const wallet = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                      ^^^^^^^^^^ related "Read here."
  await db
    .updateTable('wallets')
  // ^^^^^^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
    .set((eb) => ({ balance: eb('balance', '+', amount), opened: 1 }))
    .where('id', '=', id)
    .execute();
}

export async function spend(db: Kysely<Tables>, id: string, amount: number) {
  const wallet = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                      ^^^^^^^^^^ related "Read here."
  if (wallet.balance < amount) throw new Error('There is not enough.');
  await db.updateTable('wallets').set({ balance: wallet.balance - amount }).where('id', '=', id).execute();
  //       ^^^^^^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
}

export async function charge(db: Kysely<Tables>, id: string, rate: number) {
  const wallet = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                      ^^^^^^^^^^ related "Read here."
  const charged = wallet.balance * rate;
  await db.updateTable('wallets').set({ balance: charged }).where('id', '=', id).execute();
  //       ^^^^^^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
  return charged;
}

export async function chargeLocked(db: Kysely<Tables>, id: string, rate: number) {
  await db.transaction().execute(async (trx) => {
    const wallet = await trx.selectFrom('wallets').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    // ok race-condition/lost-update: the row is locked when it is read
    await trx.updateTable('wallets').set({ balance: wallet.balance * rate }).where('id', '=', id).execute();
  });
}

export async function chargeUnchanged(db: Kysely<Tables>, id: string, rate: number) {
  const wallet = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const updated = await db
    .updateTable('wallets')
    .set({ balance: wallet.balance * rate })
    .where('id', '=', id)
    .where('balance', '=', wallet.balance)
    .executeTakeFirst(); // ok race-condition/lost-update: only while the balance is the one that was read
  return updated.numUpdatedRows > 0n;
}

export async function chargeAtOnce(db: Kysely<Tables>, id: string, amount: number) {
  const wallet = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  if (wallet.opened === 0) return;
  // ok race-condition/lost-update: the database subtracts
  await db.updateTable('wallets').set((eb) => ({ balance: eb('balance', '-', amount) })).where('id', '=', id).execute();
}

export async function earn(db: Kysely<Tables>, id: string, points: number) {
  const card = await db.selectFrom('loyaltyCards').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  //                    ^^^^^^^^^^ related "Read here."
  await db.updateTable('loyaltyCards').set({ points: (card.points ?? 0) + points }).where('id', '=', id).execute();
  //       ^^^^^^^^^^^ race-condition/lost-update high "'points' of 'loyaltyCards'"
}
