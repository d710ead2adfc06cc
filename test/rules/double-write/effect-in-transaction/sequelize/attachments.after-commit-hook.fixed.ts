// Idiom of github.com/outline/outline: Sequelize, transactions in the request's context, files in S3, jobs in bull.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import Bull from 'bull';
import { Model, Sequelize, type Transaction } from 'sequelize';

export class Attachment extends Model {
  id!: string;
  key!: string;
}

interface Context {
  state: { transaction: Transaction; user: string };
}

const sequelize = new Sequelize('postgres://db');
const s3 = new S3Client({ region: 'eu-central-1' });
const previews = new Bull<{ attachmentId: string }>('previews');

export async function upload(key: string, body: Buffer) {
  return sequelize.transaction(async (transaction) => {
    const attachment = await Attachment.create({ key }, { transaction });
    transaction.afterCommit(async () => {
      await s3.send(new PutObjectCommand({ Bucket: 'files', Key: key, Body: body }));
    });
    //       ^^^^ double-write/effect-in-transaction low "'send' stores a file"
    return attachment;
  });
}

export async function uploadWithPreview(key: string) {
  await sequelize.transaction(async (transaction) => {
    const attachment = await Attachment.create({ key }, { transaction });
    if (key.endsWith('.pdf')) {
      await previews.add({ attachmentId: attachment.id });
      //             ^^^ double-write/effect-before-commit-visible high "'add' sends the job"
    }
    await attachment.update({ key: `${key}#done` }, { transaction });
  });
}

export async function uploadInContext(ctx: Context, key: string) {
  const { transaction } = ctx.state;
  const attachment = await Attachment.create({ key }, { transaction });
  await previews.add({ attachmentId: attachment.id });
  //             ^^^ double-write/effect-before-commit-visible medium "while the transaction that the caller handed in is open"
}

export async function uploadInEither(ctx: Context, key: string) {
  const attachment = await Attachment.create({ key }, { transaction: ctx.state.transaction });
  if (ctx.state.transaction) {
    ctx.state.transaction.afterCommit(async () => {
      await previews.add({ attachmentId: attachment.id }); // ok double-write/effect-before-commit-visible: the library's hook
    });
  } else {
    await previews.add({ attachmentId: attachment.id }); // ok double-write/effect-before-commit-visible: only where there is no transaction
  }
}

export async function uploadThenPreview(key: string) {
  await sequelize.transaction(async (transaction) => {
    const attachment = await Attachment.create({ key }, { transaction });
    transaction.afterCommit(async () => {
      await previews.add({ attachmentId: attachment.id }); // ok double-write/effect-before-commit-visible: the library's hook
    });
  });
}

export async function uploadByHand(key: string) {
  const transaction = await sequelize.transaction();
  const attachment = await Attachment.create({ key }, { transaction });
  await transaction.commit();
  await previews.add({ attachmentId: attachment.id });
  //             ^^^ double-write/dual-write medium "if it fails the caller gets an error"
}
