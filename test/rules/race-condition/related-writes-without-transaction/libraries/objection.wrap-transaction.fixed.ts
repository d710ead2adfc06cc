// Idiom of github.com/requarks/wiki
import { Model } from 'objection';

class PageTag extends Model {}

export async function setTag(pageId: number, tag: string): Promise<void> {
  await PageTag.transaction(async (trx) => {
    await PageTag.query(trx).delete().where({ pageId });
    await PageTag.query(trx).insert({ pageId, tag });
  });
  //                    ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}
