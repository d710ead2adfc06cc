// Idiom of github.com/outline/outline
import { Model, type Sequelize, type Transaction } from 'sequelize';

declare const sequelize: Sequelize;
class Post extends Model {}
class PostTag extends Model {}

export async function setTag(postId: number, tag: string): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await PostTag.destroy({ where: { postId }, transaction });
    await PostTag.create({ postId, tag }, { transaction });
  });
  //            ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}

export async function setTagTogether(postId: number, tag: string): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await PostTag.destroy({ where: { postId }, transaction });
    await PostTag.create({ postId, tag }, { transaction }); // ok race-condition/related-writes-without-transaction: in a transaction
  });
}

export async function setTagIn(postId: number, tag: string, transaction: Transaction): Promise<void> {
  await PostTag.destroy({ where: { postId }, transaction });
  await PostTag.create({ postId, tag }, { transaction }); // ok race-condition/related-writes-without-transaction: in the caller's transaction
}

// One of several named things, so that nobody sees from the parameter what it is.
export async function retag({ postId, tag, transaction }: { postId: number; tag: string; transaction?: Transaction }) {
  await PostTag.destroy({ where: { postId }, transaction });
  await PostTag.create({ postId, tag }, { transaction }); // ok race-condition/related-writes-without-transaction: in the transaction that is handed in
}

export async function touch(postId: number): Promise<void> {
  await Post.update({ seenAt: new Date() }, { where: { id: postId } });
  await PostTag.update({ seenAt: new Date() }, { where: { postId } }); // ok race-condition/related-writes-without-transaction: neither needs the other
}

export async function moveCredits(from: number, to: number, credits: number): Promise<void> {
  await Post.decrement({ credits }, { where: { id: from } });
  //         ^^^^^^^^^ related "Written before."
  await Post.increment({ credits }, { where: { id: to } });
  //         ^^^^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
}
