// Idiom of github.com/outline/outline: rows locked by `transaction.LOCK.UPDATE`, a transaction in the options.
import { Model, type Sequelize, type Transaction } from 'sequelize';
import { addComment } from './sequelize-comments.ts';

class Document extends Model {
  declare id: string;
  declare collectionId: string;
  declare archivedAt: Date | null;
}
class Collection extends Model {
  declare id: string;
}
class Share extends Model {}
class Star extends Model {}
class Team extends Model {}
class Invitation extends Model {}

declare const sequelize: Sequelize;

/** The document, then its collection. */
export async function archiveDocument(id: string) {
  await sequelize.transaction(async (transaction) => {
    const document = await Document.findByPk(id, { transaction, lock: transaction.LOCK.UPDATE });
    if (!document) return;
    await document.update({ archivedAt: new Date() }, { transaction });
    await Collection.update({ documentsChangedAt: new Date() }, { where: { id: document.collectionId }, transaction });
  });
}

/** The collection, then its documents. */
export async function archiveCollection(id: string) {
  await sequelize.transaction(async (transaction) => {
    const collection = await Collection.findByPk(id, { transaction, lock: transaction.LOCK.UPDATE });
    if (!collection) return;
    await archiveDocuments(collection, transaction);
    //    ^^^^^^^^^^^^^^^^ deadlock/lock-order-inversion high "'archiveDocuments' (through 'update') takes a row of 'Document' while"
    await collection.update({ archivedAt: new Date() }, { transaction });
  });
}

async function archiveDocuments(collection: Collection, transaction: Transaction) {
  await Document.update({ archivedAt: new Date() }, { where: { collectionId: collection.id }, transaction });
}

export async function share(id: string) {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ shared: true }, { where: { id }, transaction });
    await Share.update({ published: true }, { where: { documentId: id }, transaction }); // ok deadlock/lock-order-inversion: who goes the other way does not wait
  });
}

export async function revoke(documentId: string) {
  await sequelize.transaction(async (transaction) => {
    await Share.update({ published: false }, { where: { documentId }, transaction });
    const [document] = await Document.findAll({ where: { id: documentId }, lock: true, skipLocked: true, transaction }); // ok deadlock/lock-order-inversion: a row that is taken is passed over
    await document?.update({ shared: false }, { transaction });
  });
}

export async function star(documentId: string, userId: string) {
  await sequelize.transaction(async (transaction) => {
    await Star.create({ documentId, userId }, { transaction });
    await Document.increment({ stars: 1 }, { where: { id: documentId }, transaction }); // ok deadlock/lock-order-inversion: the star is new
  });
}

export async function unstar(documentId: string, userId: string) {
  await sequelize.transaction(async (transaction) => {
    await Document.decrement({ stars: 1 }, { where: { id: documentId }, transaction });
    await Star.destroy({ where: { documentId, userId }, transaction });
  });
}

export async function comment(documentId: string, text: string) {
  await sequelize.transaction(async (transaction) => {
    await addComment(documentId, text, transaction);
    await Document.update({ commentedAt: new Date() }, { where: { id: documentId }, transaction });
  });
}

export async function closeComments(documentId: string) {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ commentsClosed: true }, { where: { id: documentId }, transaction });
  });
  await sequelize.transaction(async (transaction) => {
    await addComment(documentId, 'closed', transaction); // ok deadlock/lock-order-inversion: the first transaction has ended
  });
}

export async function lockTeam(id: string) {
  await sequelize.transaction(async (transaction) => {
    await Team.update({ locked: true }, { where: { id }, transaction });
    await Invitation.update({ open: false }, { where: { teamId: id }, transaction });
  });
}

export async function reopen(teamId: string) {
  await sequelize.transaction(async (transaction) => {
    await Invitation.update({ open: true }, { where: { teamId }, transaction });
    await Team.update({ locked: false }, { where: { id: teamId }, transaction });
    //         ^^^^^^ deadlock/lock-order-inversion high "'update' takes a row of 'Team' while a row of 'Invitation' is held,"
  });
}
