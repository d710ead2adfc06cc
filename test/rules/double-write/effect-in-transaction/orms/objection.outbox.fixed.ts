// Idiom of github.com/requarks/wiki: pages by Objection models, their copies in Algolia and on disk.
import { algoliasearch } from 'algoliasearch';
import { Model } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: string;
  title!: string;
}
class OutboxRow extends Model {
  static override tableName = 'outbox';
}

const index = algoliasearch('app', 'key');

export async function createPage(title: string) {
  return Page.transaction(async (trx) => {
  //          ^^^^^^^^^^^ related "The transaction begins here."
    const page = await Page.query(trx).insert({ title });
    await trx('outbox').insert({ topic: 'saveObject', payload: JSON.stringify({ indexName: 'pages', body: { objectID: page.id, title } }) });
    //          ^^^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Page' goes back to what it was and this does"
    return page;
  });
}

export async function createThenIndex(title: string) {
  const page = await Page.transaction((trx) => Page.query(trx).insert({ title }));
  //                                                           ^^^^^^ related "Written to 'Page' here."
  await index.saveObject({ indexName: 'pages', body: { objectID: page.id, title } }); // ok double-write/effect-in-transaction: after the commit
  //          ^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return page;
}

export async function createThroughOutbox(title: string) {
  await Page.transaction(async (trx) => {
    const page = await Page.query(trx).insert({ title });
    await OutboxRow.query(trx).insert({ topic: 'index-page', payload: page.id }); // ok double-write/effect-in-transaction: a row of the transaction
  });
}

export async function hide(id: string) {
  await index.deleteObject({ indexName: 'pages', objectID: id }); // ok double-write/effect-in-transaction: before it begins
  await Page.transaction((trx) => Page.query(trx).findById(id).patch({ hidden: true }));
}
