// Idiom of github.com/requarks/wiki: pages by Objection models, copied into Algolia; a key that only its mail holds.
import { algoliasearch } from 'algoliasearch';
import { createTransport } from 'nodemailer';
import { Model } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: string;
  path!: string;
  title!: string;
}
class UserKey extends Model {
  static override tableName = 'userKeys';
  id!: string;
  token!: string;
  userId!: string;
}

const index = algoliasearch('app', 'key');
const mailer = createTransport('smtp://mail');

export async function createPage(path: string, title: string) {
  const page = await Page.transaction(async (trx) => {
    const page = await Page.query(trx).insert({ path, title });
    await trx('outbox').insert({ topic: 'saveObject', payload: JSON.stringify({ indexName: 'pages', body: { objectID: page.id, path, title } }) });
    return page;
  });
  //                              ^^^^^^ related "Written to 'Page' here."
  //          ^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return page;
}

export async function deletePage(id: string) {
  await Page.query().deleteById(id);
  //                 ^^^^^^^^^^ related "Written to 'Page' here."
  try {
    await index.deleteObject({ indexName: 'pages', objectID: id });
    //          ^^^^^^^^^^^^ double-write/dual-write high "if it fails nobody learns of it, and the two disagree from then on"
  } catch (error) {
    console.warn('not removed from the index', error);
  }
}

export async function requestReset(userId: string, email: string, token: string) {
  const open = await UserKey.query().findOne({ userId });
  //                                 ^^^^^^^ related "Checked here."
  if (open) throw new Error('There is an open request.');
  await UserKey.query().insert({ userId, token });
  //                    ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  //                    ^^^^^^ related "Written to 'UserKey' here."
  await mailer.sendMail({ to: email, subject: 'Reset your password', text: `/reset/${token}` });
  //           ^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function renamePage(id: string, title: string) {
  await Page.query().findById(id).patch({ title });
  try {
    await index.saveObject({ indexName: 'pages', body: { objectID: id, title } }); // ok double-write/dual-write: the catch leaves it to the next run
  } catch {
    await Page.query().findById(id).patch({ indexedAt: null });
  }
}

export async function suggest(path: string) {
  const page = await Page.query().findOne({ path });
  if (page) await index.saveObject({ indexName: 'suggestions', body: { objectID: page.id, path } }); // ok double-write/dual-write: nothing is written
}

/** Every night. */
export async function reindexAll() {
  const pages = await Page.query().where('published', true);
  await index.saveObjects({ indexName: 'archive', objects: pages.map(({ id, title }) => ({ objectID: id, title })) }); // ok double-write/dual-write: nothing is written
}

export async function greet(id: string, email: string) {
  await Page.query().findById(id).patch({ greeted: true });
  await mailer.sendMail({ to: email, subject: 'Your first page', text: id }); // ok double-write/dual-write: a notice, no state
}
