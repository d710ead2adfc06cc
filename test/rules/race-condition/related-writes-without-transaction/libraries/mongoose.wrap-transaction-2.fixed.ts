// Idiom of github.com/Automattic/mongoose
import mongoose, { type ClientSession, type Model } from 'mongoose';

declare const Posts: Model<{ credits: number }>;
declare const PostTags: Model<{ postId: string; tag: string }>;

export async function setTag(postId: string, tag: string): Promise<void> {
  await PostTags.deleteMany({ postId });
  await PostTags.insertMany([{ postId, tag }]);
  //             ^^^^^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}

export async function setTagTogether(postId: string, tag: string): Promise<void> {
  await mongoose.connection.transaction(async (session) => {
    await PostTags.deleteMany({ postId }, { session });
    await PostTags.insertMany([{ postId, tag }], { session }); // ok race-condition/related-writes-without-transaction: in a transaction
  });
}

export async function setTagIn(postId: string, tag: string, session: ClientSession): Promise<void> {
  await PostTags.deleteMany({ postId }, { session });
  await PostTags.insertMany([{ postId, tag }], { session }); // ok race-condition/related-writes-without-transaction: in the caller's transaction
}

export async function touch(postId: string): Promise<void> {
  await Posts.updateOne({ _id: postId }, { $set: { seenAt: new Date() } });
  await PostTags.updateMany({ postId }, { $set: { seenAt: new Date() } }); // ok race-condition/related-writes-without-transaction: neither needs the other
}

export async function moveCredits(from: string, to: string, credits: number): Promise<void> {
  await mongoose.connection.transaction(async (session) => {
    await Posts.updateOne({ _id: from }, { $inc: { credits: -credits } }, { session });
    //          ^^^^^^^^^ related "Written before."
    await Posts.updateOne({ _id: to }, { $inc: { credits } }, { session });
  });
  //          ^^^^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
}
