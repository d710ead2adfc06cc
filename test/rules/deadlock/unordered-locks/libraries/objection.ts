// Idiom of github.com/requarks/wiki: models in a transaction, one row after another.
import { Model } from 'objection';

class Account extends Model {
  static override tableName = 'accounts';
  id!: number;
}

export async function transfer(from: number, to: number, amount: number) {
  await Account.transaction(async (trx) => {
    await Account.query(trx).findById(from).increment('balance', -amount);
    //                                      ^^^^^^^^^ related "The first row is locked here."
    await Account.query(trx).findById(to).increment('balance', amount);
    //                                    ^^^^^^^^^ deadlock/unordered-locks high "'from' of 'Account'"
  });
}

export async function reorder(ids: number[]) {
  await Account.transaction(async (trx) => {
    for (const [index, id] of ids.entries()) {
  //^^^ related "The order comes from here."
  //^^^ related "Repeated for each element of 'ids.entries()'."
      await Account.query(trx).findById(id).patch({ position: index });
      //                                    ^^^^^ deadlock/unordered-locks medium "in whatever order they come"
      //                                    ^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  });
}

export async function transferOrdered(from: number, to: number, amount: number) {
  await Account.transaction(async (trx) => {
    const changes = [
      { id: from, change: -amount },
      { id: to, change: amount },
    ].sort((a, b) => a.id - b.id);
    for (const { id, change } of changes) await Account.query(trx).findById(id).increment('balance', change); // ok deadlock/unordered-locks: sorted by key
  });
}

export async function transferLocked(from: number, to: number, amount: number) {
  await Account.transaction(async (trx) => {
    await Account.query(trx).whereIn('id', [from, to]).orderBy('id').forUpdate();
    await Account.query(trx).findById(from).increment('balance', -amount);
    await Account.query(trx).findById(to).increment('balance', amount); // ok deadlock/unordered-locks: both are locked in one order before
  });
}

export async function open(from: number, to: number) {
  await Account.transaction(async (trx) => {
    await Account.query(trx).insert({ id: from });
    await Account.query(trx).insert({ id: to }); // ok deadlock/unordered-locks: new rows, which nobody else locks
  });
}
