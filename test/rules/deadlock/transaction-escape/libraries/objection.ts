// Idiom of github.com/requarks/wiki: a transaction handed to `query`.
import { Model } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: number;
  path!: string;
}
class PageHistory extends Model {
  static override tableName = 'pageHistory';
  pageId!: number;
}

async function addVersion(pageId: number) {
  await PageHistory.query().insert({ pageId });
}

export async function move(id: number, path: string) {
  await Page.transaction(async (trx) => {
  //         ^^^^^^^^^^^ related "The transaction begins here."
    await Page.query(trx).findById(id).patch({ path });
    await PageHistory.query().insert({ pageId: id });
    //                        ^^^^^^ deadlock/transaction-escape low "while a transaction is open that it is not given"
  });
}

export async function moveWithVersion(id: number, path: string) {
  await Page.transaction(async (trx) => {
  //         ^^^^^^^^^^^ related "The transaction begins here."
    await addVersion(id);
    //    ^^^^^^^^^^ deadlock/transaction-escape low "while a transaction is open that it is not given"
    await Page.query(trx).findById(id).patch({ path });
  });
}

export async function moveInside(id: number, path: string) {
  await Page.transaction(async (trx) => {
    const page = await Page.query(trx).findById(id).forUpdate();
    await page?.$query(trx).patch({ path }); // ok deadlock/transaction-escape: the row's own query is given it too
    await PageHistory.query(trx).insert({ pageId: id }); // ok deadlock/transaction-escape: given the transaction
  });
  await addVersion(id); // ok deadlock/transaction-escape: after it has ended
}
