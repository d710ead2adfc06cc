// Idiom of github.com/kysely-org/kysely
import type { Kysely } from 'kysely';

interface Database {
  post_tags: { post_id: number; tag: string };
}

export class TagRepository {
  constructor(private readonly db: Kysely<Database>) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.db.deleteFrom('post_tags').where('post_id', '=', postId).execute();
    await this.db.insertInto('post_tags').values({ post_id: postId, tag }).execute();
    //                                                                     ^^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }
}
