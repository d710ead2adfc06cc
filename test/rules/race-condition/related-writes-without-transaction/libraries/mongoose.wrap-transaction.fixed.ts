// Idiom of github.com/Automattic/mongoose
import mongoose, { type Model } from 'mongoose';

declare const PostTags: Model<{ postId: string; tag: string }>;

export async function setTag(postId: string, tag: string): Promise<void> {
  await mongoose.connection.transaction(async (session) => {
    await PostTags.deleteMany({ postId }, { session });
    await PostTags.insertMany([{ postId, tag }], { session });
  });
  //             ^^^^^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}

export async function setTagTogether(postId: string, tag: string): Promise<void> {
  await mongoose.connection.transaction(async (session) => {
    await PostTags.deleteMany({ postId }, { session });
    await PostTags.insertMany([{ postId, tag }], { session }); // ok race-condition/related-writes-without-transaction: in a transaction
  });
}
