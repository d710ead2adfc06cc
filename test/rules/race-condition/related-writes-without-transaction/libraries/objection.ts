// Idiom of github.com/requarks/wiki
import { Model, type TransactionOrKnex } from 'objection';

class Page extends Model {}
class PageTag extends Model {}

export async function setTag(pageId: number, tag: string): Promise<void> {
  await PageTag.query().delete().where({ pageId });
  await PageTag.query().insert({ pageId, tag });
  //                    ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}

export async function setTagTogether(pageId: number, tag: string): Promise<void> {
  await PageTag.transaction(async (trx) => {
    await PageTag.query(trx).delete().where({ pageId });
    await PageTag.query(trx).insert({ pageId, tag }); // ok race-condition/related-writes-without-transaction: in a transaction
  });
}

export async function setTagIn(pageId: number, tag: string, trx: TransactionOrKnex): Promise<void> {
  await PageTag.query(trx).delete().where({ pageId });
  await PageTag.query(trx).insert({ pageId, tag }); // ok race-condition/related-writes-without-transaction: in the caller's transaction
}

export async function publish(pageId: number): Promise<void> {
  await Page.query().patch({ seenAt: new Date() }).findById(pageId);
  await PageTag.query().patch({ seenAt: new Date() }).where({ pageId }); // ok race-condition/related-writes-without-transaction: neither needs the other
}

export async function transfer(from: number, to: number, quota: number): Promise<void> {
  await Page.query().findById(from).increment('quota', -quota);
  //                                ^^^^^^^^^ related "Written before."
  await Page.query()
    .findById(to)
    .increment('quota', quota);
  // ^^^^^^^^^ race-condition/related-writes-without-transaction "without a transaction; when it fails"
}
