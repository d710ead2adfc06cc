// Idiom of github.com/Automattic/mongoose: documents handed on with their model's type.
import type { HydratedDocument, Model } from 'mongoose';

interface Wallet {
  balance: number;
}

async function take(wallet: HydratedDocument<Wallet>, amount: number) {
  if (wallet.balance < amount) throw new Error('There is not enough.');
  wallet.balance -= amount;
  await wallet.save();
}

export async function buy(wallets: Model<Wallet>, id: string, price: number) {
  const wallet = await wallets.findById(id);
  //                           ^^^^^^^^ related "Read here."
  if (!wallet) throw new Error('There is no such wallet.');
  await take(wallet, price);
  //    ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

async function takeAtOnce(wallet: HydratedDocument<Wallet>, wallets: Model<Wallet>, amount: number) {
  const result = await wallets.updateOne({ _id: wallet._id, balance: { $gte: amount } }, { $inc: { balance: -amount } });
  if (result.modifiedCount === 0) throw new Error('There is not enough.');
}

export async function buyAtOnce(wallets: Model<Wallet>, id: string, price: number) {
  const wallet = await wallets.findById(id);
  if (!wallet) throw new Error('There is no such wallet.');
  await takeAtOnce(wallet, wallets, price); // ok race-condition/lost-update: relative, and the guard is in the statement
}

async function rename(wallet: HydratedDocument<Wallet & { name: string }>, name: string) {
  wallet.name = name;
  await wallet.save(); // ok race-condition/lost-update: not computed from what was read
}

export async function open(wallets: Model<Wallet>, balance: number) {
  const wallet = await wallets.create({ balance });
  await take(wallet, 1); // ok race-condition/lost-update: nobody else has the new document
}

export { rename };
