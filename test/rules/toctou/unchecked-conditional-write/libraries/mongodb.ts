// Idiom of github.com/RocketChat/Rocket.Chat: guards in the filter, counts in the result.
import type { Collection, MongoClient, ObjectId } from 'mongodb';

interface Upload {
  name: string;
  state: string;
}

export async function complete(client: MongoClient, uploads: Collection<Upload>, files: Collection, _id: ObjectId) {
  const session = client.startSession();
  await session.withTransaction(async () => {
    await uploads.updateOne({ _id, state: 'pending' }, { $set: { state: 'complete' } }, { session });
    //            ^^^^^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
    await files.insertOne({ upload: _id }, { session });
    //          ^^^^^^^^^ related "Happens whether the row was changed or not."
  });
}

export async function completeCounted(client: MongoClient, uploads: Collection<Upload>, files: Collection, _id: ObjectId) {
  const session = client.startSession();
  await session.withTransaction(async () => {
    // ok toctou/unchecked-conditional-write: the count is looked at
    const { modifiedCount } = await uploads.updateOne({ _id, state: 'pending' }, { $set: { state: 'complete' } }, { session });
    if (modifiedCount === 0) throw new Error('error-not-pending');
    await files.insertOne({ upload: _id }, { session });
  });
}

export async function claim(uploads: Collection<Upload>, files: Collection, _id: ObjectId) {
  const upload = await uploads.findOneAndUpdate({ _id, state: 'pending' }, { $set: { state: 'claimed' } }); // ok toctou/unchecked-conditional-write: nothing found is looked at
  if (!upload) return;
  await files.insertOne({ upload: _id });
}

export async function abandon(uploads: Collection<Upload>) {
  await uploads.updateMany({ state: 'pending' }, { $set: { state: 'abandoned' } }); // ok toctou/unchecked-conditional-write: there may be none
}
