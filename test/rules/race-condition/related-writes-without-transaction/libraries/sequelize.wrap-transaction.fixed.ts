// Idiom of github.com/outline/outline
import { Model, type Sequelize } from 'sequelize';

declare const sequelize: Sequelize;
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
