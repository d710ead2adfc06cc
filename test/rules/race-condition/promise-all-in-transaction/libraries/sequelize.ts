// Idiom of github.com/outline/outline: a transaction in the options of each call.
import { Model, type Sequelize, type Transaction } from 'sequelize';

class Document extends Model {
  declare id: string;
}
class Share extends Model {
  declare documentId: string;
}

async function revoke(documentId: string, transaction: Transaction) {
  await Share.destroy({ where: { documentId }, transaction });
}

export async function remove(sequelize: Sequelize, ids: string[]) {
  await sequelize.transaction(async (transaction) => {
  //              ^^^^^^^^^^^ related "The transaction begins here."
    await Promise.all(ids.map((id) => revoke(id, transaction)));
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
    //                                ^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
    //                    ^^^ related "The order comes from here."
    //                                ^^^^^^ n-plus-one/query-in-loop medium "once per element"
    //                    ^^^ related "Repeated for each element of 'ids'."
    await Document.destroy({ where: { id: ids }, transaction });
  });
}

export async function removeInTurn(sequelize: Sequelize, id: string) {
  await sequelize.transaction(async (transaction) => {
    await revoke(id, transaction);
    await Document.destroy({ where: { id }, transaction }); // ok race-condition/promise-all-in-transaction: one after another
  });
}

export async function removeOutside(sequelize: Sequelize, ids: string[]) {
  const transaction = await sequelize.transaction();
  await Document.destroy({ where: { id: ids }, transaction });
  await transaction.commit();
  await Promise.all(ids.map((id) => Share.destroy({ where: { documentId: id } }))); // ok race-condition/promise-all-in-transaction: after the commit
  //                                      ^^^^^^^ n-plus-one/query-in-loop medium "once per element"
  //                    ^^^ related "Repeated for each element of 'ids'."
}

export async function load(sequelize: Sequelize, id: string) {
  return sequelize.transaction(async (transaction) =>
    // ok race-condition/promise-all-in-transaction: reads only
    Promise.all([Document.findByPk(id, { transaction }), Share.findAll({ where: { documentId: id }, transaction })]),
  );
}
