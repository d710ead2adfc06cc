// Idiom of github.com/Automattic/mongoose: documents that are loaded, changed and saved.
import type { Model } from 'mongoose';

interface Wallet {
  balance: number;
  labels: string[];
}

export async function deposit(wallets: Model<Wallet>, id: string, amount: number) {
  const wallet = await wallets.findById(id);
  //                           ^^^^^^^^ related "Read here."
  if (!wallet) throw new Error('There is no such wallet.');
  wallet.balance += amount;
  await wallet.save();
  //           ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function spend(wallets: Model<Wallet>, id: string, amount: number) {
  const wallet = await wallets.findById(id);
  //                           ^^^^^^^^ related "Read here."
  if (!wallet || wallet.balance < amount) throw new Error('There is not enough.');
  await wallets.updateOne({ _id: id }, { $set: { balance: wallet.balance - amount } });
  //            ^^^^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function label(wallets: Model<Wallet>, id: string, name: string) {
  const wallet = await wallets.findById(id);
  if (!wallet) return;
  wallet.labels.push(name);
  await wallet.save(); // ok race-condition/lost-update: sent as $push
}

export async function relabel(wallets: Model<Wallet>, id: string, name: string) {
  const wallet = await wallets.findById(id);
  if (!wallet) return;
  wallet.labels = wallet.labels.filter((label) => label !== name);
  await wallet.save(); // ok race-condition/lost-update: a list as a whole is sent with the document's version
}

export async function depositAtOnce(wallets: Model<Wallet>, id: string, amount: number) {
  await wallets.updateOne({ _id: id }, { $inc: { balance: amount } }); // ok race-condition/lost-update: the database adds
}
