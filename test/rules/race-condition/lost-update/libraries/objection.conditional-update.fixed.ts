// Idiom of github.com/Vincit/objection.js: models with queries.
import { Model, raw } from 'objection';

export class Wallet extends Model {
  id!: string;
  balance!: number;
}

export async function deposit(id: string, amount: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  //                                  ^^^^^^^^ related "Read here."
  await Wallet.query().findById(id).patch({ balance: wallet.balance + amount });
  //                                ^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function spend(id: string, amount: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  //                                  ^^^^^^^^ related "Read here."
  if (wallet.balance < amount) throw new Error('There is not enough.');
  const updated = await Wallet.query().findById(id).where('balance', '>=', amount).patch({ balance: raw('?? - ?', ['balance', amount]) });
  if (updated === 0) throw new Error('There is not enough.');
  //                                ^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function charge(id: string, rate: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  //                                  ^^^^^^^^ related "Read here."
  await Wallet.query().findById(id).patch({ balance: wallet.balance * rate });
  //                                ^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function chargeLocked(id: string, rate: number) {
  await Wallet.transaction(async (trx) => {
    const wallet = await Wallet.query(trx).findById(id).forUpdate().throwIfNotFound();
    await Wallet.query(trx).findById(id).patch({ balance: wallet.balance * rate }); // ok race-condition/lost-update: the row is locked when it is read
  });
}

export async function depositAtOnce(id: string, amount: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  await Wallet.query().findById(wallet.id).increment('balance', amount); // ok race-condition/lost-update: the database adds
}

export async function chargeUnchanged(id: string, rate: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  const count = await Wallet.query()
    .patch({ balance: wallet.balance * rate }) // ok race-condition/lost-update: only while the balance is the one that was read
    .where('id', id)
    .where('balance', wallet.balance);
  if (count === 0) throw new Error('The balance has changed.');
}

export async function settle(id: string, rate: number) {
  const wallet = await Wallet.query().findById(id).throwIfNotFound();
  //                                  ^^^^^^^^ related "Read here."
  await Wallet.query()
    .patch({ balance: wallet.balance * rate })
  // ^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
    .findById(id);
}
