// Idiom of github.com/hagopj13/node-express-boilerplate: a model in a file of its own, services that use it; no package is installed.
import { Account } from './account-model.js';

export async function spend(id, amount) {
  const account = await Account.findById(id);
  //                            ^^^^^^^^ related "Read here."
  account.balance = account.balance - amount;
  await account.save();
  //            ^^^^ race-condition/lost-update "'balance' of 'Account' is read by 'findById' and written back"
}

export async function spendInDatabase(id, amount) {
  const account = await Account.findById(id);
  // ok race-condition/lost-update: the database subtracts
  await Account.updateOne({ _id: id, balance: { $gte: amount } }, { $inc: { balance: -amount } });
  return account;
}

export async function rename(id, name) {
  const account = await Account.findById(id);
  account.name = name;
  // ok race-condition/lost-update: what is written was not read
  await account.save();
}

export async function log(id, file) {
  const account = await Account.findById(id);
  // ok race-condition/lost-update: no row is written
  await file.save(`${account.balance}`);
}
