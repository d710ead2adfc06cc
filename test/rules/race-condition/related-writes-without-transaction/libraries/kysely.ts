// Idiom of github.com/kysely-org/kysely
import type { Kysely, Transaction } from 'kysely';

interface Database {
  posts: { id: number; credits: number };
  post_tags: { post_id: number; tag: string };
}

export class TagRepository {
  constructor(private readonly db: Kysely<Database>) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.db.deleteFrom('post_tags').where('post_id', '=', postId).execute();
    await this.db.insertInto('post_tags').values({ post_id: postId, tag }).execute();
    //            ^^^^^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }

  async setTagTogether(postId: number, tag: string): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('post_tags').where('post_id', '=', postId).execute();
      await trx.insertInto('post_tags').values({ post_id: postId, tag }).execute(); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }

  async setTagIn(trx: Transaction<Database>, postId: number, tag: string): Promise<void> {
    await trx.deleteFrom('post_tags').where('post_id', '=', postId).execute();
    await trx.insertInto('post_tags').values({ post_id: postId, tag }).execute(); // ok race-condition/related-writes-without-transaction: in the caller's transaction
  }

  async touch(postId: number): Promise<void> {
    await this.db.updateTable('posts').set({ seen_at: new Date() }).where('id', '=', postId).execute();
    // ok race-condition/related-writes-without-transaction: neither needs the other
    await this.db.updateTable('post_tags').set({ seen_at: new Date() }).where('post_id', '=', postId).execute();
  }

  async moveCredits(from: number, to: number, amount: number): Promise<void> {
    await this.db
      .updateTable('posts')
    // ^^^^^^^^^^^ related "Written before."
      .set((eb) => ({ credits: eb('credits', '-', amount) }))
      .where('id', '=', from)
      .execute();
    await this.db
      .updateTable('posts')
    // ^^^^^^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
      .set((eb) => ({ credits: eb('credits', '+', amount) }))
      .where('id', '=', to)
      .execute();
  }
}
