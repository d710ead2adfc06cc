// Idiom of github.com/drizzle-team/drizzle-orm
import { eq, sql } from 'drizzle-orm';
import type { PgDatabase, PgTransaction } from 'drizzle-orm/pg-core';

declare const posts: { id: object; credits: object };
declare const postTags: { postId: object };

export class TagService {
  constructor(private readonly db: PgDatabase) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.delete(postTags).where(eq(postTags.postId, postId));
      await tx.insert(postTags).values({ postId, tag });
    });
    //            ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }

  async addTag(postId: number, tag: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.delete(postTags).where(eq(postTags.postId, postId));
      await tx.insert(postTags).values({ postId, tag }); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }

  async addTagIn(tx: PgTransaction, postId: number, tag: string): Promise<void> {
    await tx.delete(postTags).where(eq(postTags.postId, postId));
    await tx.insert(postTags).values({ postId, tag }); // ok race-condition/related-writes-without-transaction: in the caller's transaction
  }

  async touch(postId: number): Promise<void> {
    await this.db.update(posts).set({ seenAt: new Date() }).where(eq(posts.id, postId));
    await this.db.update(postTags).set({ seenAt: new Date() }).where(eq(postTags.postId, postId)); // ok race-condition/related-writes-without-transaction: neither needs the other
  }

  async moveCredits(from: number, to: number, amount: number): Promise<void> {
    await this.db.update(posts).set({ credits: sql`${posts.credits} - ${amount}` }).where(eq(posts.id, from));
    //            ^^^^^^ related "Written before."
    await this.db.update(posts).set({ credits: sql`${posts.credits} + ${amount}` }).where(eq(posts.id, to));
    //            ^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
  }
}
