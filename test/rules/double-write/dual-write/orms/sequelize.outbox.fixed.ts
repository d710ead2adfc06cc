// Idiom of github.com/outline/outline: models with their tasks in a Bull queue, events published after the commit.
import Queue from 'bull';
import { Model, type Sequelize, type Transaction } from 'sequelize';

class FileOperation extends Model {
  id!: string;
  state!: string;
}
class Attachment extends Model {
  id!: string;
  key!: string;
}

const tasks = new Queue<object>('tasks');

export async function exportCollection(collectionId: string) {
  const operation = await FileOperation.create({ collectionId, state: 'creating' });
  //                                    ^^^^^^ related "Written to 'FileOperation' here."
  await tasks.add({ name: 'ExportTask', props: { fileOperationId: operation.id } });
  //          ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return operation;
}

export async function deleteAttachment(id: string) {
  await Attachment.destroy({ where: { id } });
  //               ^^^^^^^ related "Written to 'Attachment' here."
  void tasks.add({ name: 'DeleteAttachmentTask', props: { attachmentId: id } });
  //         ^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
}

export async function exportInTransaction(sequelize: Sequelize, collectionId: string) {
  return sequelize.transaction(async (transaction: Transaction) => {
    const operation = await FileOperation.create({ collectionId, state: 'creating' }, { transaction });
    transaction.afterCommit(() => {
      void tasks.add({ name: 'ExportTask', props: { fileOperationId: operation.id } });
    });
    return operation;
  });
}

export async function exportOrFail(collectionId: string) {
  const operation = await FileOperation.create({ collectionId, state: 'creating' });
  try {
    await tasks.add({ name: 'ExportTask', props: { fileOperationId: operation.id } }); // ok double-write/dual-write: the catch marks the row
  } catch (error) {
    await operation.update({ state: 'error' });
    throw error;
  }
  return operation;
}

export async function retryExport(id: string) {
  const operation = await FileOperation.findByPk(id);
  if (operation) await tasks.add({ name: 'ExportTask', props: { fileOperationId: operation.id } }); // ok double-write/dual-write: a read, and then a job
}

export async function viewed(id: string) {
  await Attachment.update({ lastAccessedAt: new Date() }, { where: { id } });
  //               ^^^^^^ related "Written to 'Attachment' here."
  void tasks.add({ name: 'AnalyticsTask', props: { attachmentId: id } }); // ok double-write/dual-write: a notice, nothing relies on it
  //         ^^^ double-write/dual-write low "if it fails nobody learns of it, and the two disagree from then on"
}

export class Attachments {
  constructor(private readonly sequelize: Sequelize) {}

  async remove(id: string) {
    await this.sequelize.transaction(async (transaction) => {
      await Attachment.destroy({ where: { id }, transaction });
      await this.sequelize.query('INSERT INTO outbox (topic, payload) VALUES (?, ?)', { replacements: ['tasks', JSON.stringify({ name: 'DeleteAttachmentTask', props: { attachmentId: id } })], transaction });
    });
    //               ^^^^^^^ related "Written to 'Attachment' here."
    //          ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  }
}
