// Idiom of github.com/requarks/wiki: queries of several models, given one transaction.
import { Model } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: number;
}
class PageTag extends Model {
  static override tableName = 'pageTags';
}
class Comment extends Model {
  static override tableName = 'comments';
}

export async function remove(id: number) {
  await Page.transaction(async (trx) => {
    await Promise.all([
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'delete' and others at once in one transaction,"
      PageTag.query(trx).where({ pageId: id }).delete(),
      Comment.query(trx).where({ pageId: id }).delete(),
    ]);
    await Page.query(trx).deleteById(id);
  });
}

export async function removeInTurn(id: number) {
  await Page.transaction(async (trx) => {
    await PageTag.query(trx).where({ pageId: id }).delete();
    await Comment.query(trx).where({ pageId: id }).delete(); // ok race-condition/promise-all-in-transaction: one after another
  });
}

export async function clear(id: number) {
  // ok race-condition/promise-all-in-transaction: no transaction, a connection for each
  await Promise.all([
    PageTag.query().where({ pageId: id }).delete(),
    Comment.query().where({ pageId: id }).delete(),
  ]);
}

export async function load(id: number) {
  return Page.transaction(async (trx) => {
    // ok race-condition/promise-all-in-transaction: reads only
    const [page, comments] = await Promise.all([
      Page.query(trx).findById(id),
      Comment.query(trx).where({ pageId: id }),
    ]);
    return { page, comments };
  });
}
