// Idiom of github.com/requarks/wiki: models with queries, a transaction handed to each.
import { Model, type TransactionOrKnex } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: number;
  authorId!: number;
}
class Author extends Model {
  static override tableName = 'authors';
  id!: number;
}
class PageTag extends Model {
  static override tableName = 'pageTags';
  pageId!: number;
}

async function countPages(authorId: number, trx: TransactionOrKnex) {
  await Author.query(trx).findById(authorId).increment('pages', 1);
}

/** The page, then its author. */
export async function publish(id: number) {
  await Page.transaction(async (trx) => {
    const page = await Page.query(trx).findById(id).forUpdate().throwIfNotFound();
    await page.$query(trx).patch({ isPublished: true });
    await countPages(page.authorId, trx);
  });
}

/** The author, then the pages. */
export async function reassign(authorId: number, heir: number) {
  await Page.transaction(async (trx) => {
    await Page.query(trx).where({ authorId }).patch({ authorId: heir });
    await Author.query(trx).findById(authorId).patch({ pages: 0 });
    //                                        ^^^^^ deadlock/lock-order-inversion high "'patch' takes a row of 'Page' while a row of 'Author' is held, and"
  });
}

export async function tag(id: number, tag: string) {
  await Page.transaction(async (trx) => {
    await Page.query(trx).findById(id).patch({ tagged: true });
    await PageTag.query(trx).where({ pageId: id }).patch({ tag }); // ok deadlock/lock-order-inversion: pages come first everywhere
  });
}

export async function untag(id: number) {
  await Page.transaction(async (trx) => {
    await Page.query(trx).findById(id).patch({ tagged: false });
    await PageTag.query(trx).where({ pageId: id }).delete();
  });
}

export async function move(id: number, path: string) {
  await PageTag.query().where({ pageId: id }).patch({ path }); // ok deadlock/lock-order-inversion: no transaction holds it
  await Page.query().findById(id).patch({ path });
}

export async function draft(authorId: number) {
  await Page.transaction(async (trx) => {
    await Author.query(trx).findById(authorId).patch({ writing: true });
    await Page.query(trx).insert({ authorId }); // ok deadlock/lock-order-inversion: a new row
  });
}
