// Idiom of github.com/drizzle-team/drizzle-orm
import { eq } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';

declare const postTags: { postId: object };


export class TagService {
  constructor(private readonly db: PgDatabase) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.db.delete(postTags).where(eq(postTags.postId, postId));
    await this.db.insert(postTags).values({ postId, tag });
    //                             ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }

  async addTag(postId: number, tag: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.delete(postTags).where(eq(postTags.postId, postId));
      await tx.insert(postTags).values({ postId, tag }); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }
}
