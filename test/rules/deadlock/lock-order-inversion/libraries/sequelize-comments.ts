// Idiom of github.com/outline/outline: a command that is given the transaction.
import { Model, type Transaction } from 'sequelize';

class Thread extends Model {}

export async function addComment(documentId: string, text: string, transaction: Transaction) {
  await Thread.update({ lastComment: text }, { where: { documentId }, transaction });
}
