// Idiom of github.com/requarks/wiki
import { Model } from 'objection';

class PageTag extends Model {}

export async function setTag(pageId: number, tag: string): Promise<void> {
  await PageTag.query().delete().where({ pageId });
  await PageTag.query().insert({ pageId, tag });
  //                    ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
}
