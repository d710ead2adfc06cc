// Idiom of github.com/RocketChat/Rocket.Chat: MongoDB does not wait for a document, it gives up and runs again.
import type { Collection, MongoClient } from 'mongodb';

export async function transfer(client: MongoClient, accounts: Collection, from: string, to: string, amount: number) {
  const session = client.startSession();
  await session.withTransaction(async () => {
    await accounts.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
    await accounts.updateOne({ _id: to }, { $inc: { balance: amount } }, { session }); // ok deadlock/unordered-locks: a write conflict ends one of two at once
  });
}

export async function reorder(client: MongoClient, tasks: Collection, ids: string[]) {
  const session = client.startSession();
  await session.withTransaction(async () => {
    for (const [position, _id] of ids.entries()) {
  //^^^ related "Repeated for each element of 'ids.entries()'."
      await tasks.updateOne({ _id }, { $set: { position } }, { session }); // ok deadlock/unordered-locks: the same
      //          ^^^^^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  });
}

export async function touch(tasks: Collection, ids: string[]) {
  await tasks.bulkWrite(ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: { touched: true } } } }))); // ok deadlock/unordered-locks: no transaction
}
