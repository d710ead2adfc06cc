// Idiom of github.com/RocketChat/Rocket.Chat: `withTransaction` runs its callback again after a write conflict.
import type { Collection, MongoClient } from 'mongodb';

export async function archive(client: MongoClient, rooms: Collection, messages: Collection, rid: string) {
  const session = client.startSession();
  // ok deadlock/no-victim-retry: the driver repeats it
  await session.withTransaction(async () => {
    await rooms.updateOne({ _id: rid }, { $set: { archived: true } }, { session });
    await messages.updateMany({ rid }, { $set: { archived: true } }, { session });
  });
}

export async function count(client: MongoClient, messages: Collection, rid: string) {
  const session = client.startSession();
  // ok deadlock/no-victim-retry: it only reads
  return session.withTransaction(async () => messages.countDocuments({ rid }, { session }));
}

export async function touch(rooms: Collection, messages: Collection, rid: string) {
  await rooms.updateOne({ _id: rid }, { $set: { touched: true } }); // ok deadlock/no-victim-retry: no transaction
  await messages.updateMany({ rid }, { $set: { touched: true } });
}
