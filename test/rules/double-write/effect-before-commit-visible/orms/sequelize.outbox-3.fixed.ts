// Idiom of github.com/outline/outline: commands that are given a transaction, events and tasks in Bull's queues.
import Queue from 'bull';
import { Model, type Sequelize } from 'sequelize';

class Document extends Model {
  id!: string;
  title!: string;
}

const tasks = new Queue<object>('tasks');

export async function publish(sequelize: Sequelize, id: string) {
  await sequelize.transaction(async (transaction) => {
  //              ^^^^^^^^^^^ related "The transaction begins here."
    await Document.update({ publishedAt: new Date() }, { where: { id }, transaction });
    await tasks.add({ name: 'DocumentPublishedTask', props: { documentId: id } });
    //          ^^^ double-write/effect-before-commit-visible medium "a consumer can be at work before 'Document' is committed, or although"
  });
}

export async function create(sequelize: Sequelize, title: string) {
  const transaction = await sequelize.transaction();
  //                                  ^^^^^^^^^^^ related "The transaction begins here."
  try {
    const document = await Document.create({ title }, { transaction });
    await tasks.add({ name: 'IndexDocumentTask', props: { documentId: document.id } });
    //          ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Document' is committed, or although"
    await transaction.commit();
    return document;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

export async function publishWithHook(sequelize: Sequelize, id: string) {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ publishedAt: new Date() }, { where: { id }, transaction });
    transaction.afterCommit(() => {
      void tasks.add({ name: 'DocumentPublishedTask', props: { documentId: id } }); // ok double-write/effect-before-commit-visible: the hook waits for the commit
    });
  });
}

export async function publishThenSend(sequelize: Sequelize, id: string) {
  await sequelize.transaction(async (transaction) => {
    await Document.update({ publishedAt: new Date() }, { where: { id }, transaction });
    await sequelize.query('INSERT INTO outbox (topic, payload) VALUES (?, ?)', { replacements: ['tasks', JSON.stringify({ name: 'DocumentPublishedTask', props: { documentId: id } })], transaction });
    //             ^^^^^^ related "Written to 'Document' here."
  });
   // ok double-write/effect-before-commit-visible: after the commit
  //          ^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
}

export async function touch(id: string) {
  await Document.update({ touchedAt: new Date() }, { where: { id } });
  //             ^^^^^^ related "Written to 'Document' here."
  await tasks.add({ name: 'DocumentTouchedTask', props: { documentId: id } }); // ok double-write/effect-before-commit-visible: no transaction is open
  //          ^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
}
