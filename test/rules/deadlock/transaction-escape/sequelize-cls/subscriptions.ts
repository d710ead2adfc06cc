// Idiom of github.com/sequelize/sequelize: a namespace puts every query into the current transaction.
import { Model, Sequelize } from 'sequelize';

class Document extends Model {}
class Subscription extends Model {}
declare const sequelize: Sequelize;
declare const namespace: unknown;

Sequelize.useCLS(namespace);

export async function subscribe(documentId: string, userId: string): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ subscribed: true }, { where: { id: documentId }, transaction });
    await Subscription.create({ documentId, userId }); // ok deadlock/transaction-escape: the namespace carries the transaction
  });
}
