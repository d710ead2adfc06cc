// Idiom of github.com/outline/outline: a transaction handed to every statement as an option.
import { Model, type Sequelize, type Transaction } from 'sequelize';

class Document extends Model {}
class Subscription extends Model {}
declare const sequelize: Sequelize;

export async function subscribe(documentId: string, userId: string): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ subscribed: true }, { where: { id: documentId }, transaction });
    await Subscription.create({ documentId, userId });
//                     ^^^^^^ deadlock/transaction-escape high "'create' and another query go through 'Subscription' while a"
    await Subscription.destroy({ where: { documentId } });
//                     ^^^^^^^ related "This is outside as well."
    await subscribeAll(documentId, { transaction }); // ok deadlock/transaction-escape: handed on
  });
}

export async function unsubscribe(documentId: string, userId: string): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await Subscription.destroy({ where: { documentId, userId }, transaction });
  });
  await Document.update({ subscribed: false }, { where: { id: documentId } }); // ok deadlock/transaction-escape: after the commit
}

async function subscribeAll(documentId: string, { transaction }: { transaction?: Transaction }): Promise<void> {
  await Subscription.create({ documentId }, { transaction });
}
