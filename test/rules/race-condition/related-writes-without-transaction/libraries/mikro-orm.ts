// Idiom of github.com/mikro-orm/mikro-orm
import type { EntityManager } from '@mikro-orm/core';

declare class Post {
  id: number;
  seenAt: Date;
}
declare class PostTag {
  seenAt: Date;
  postId: number;
  tag: string;
}

export class TagService {
  constructor(private readonly em: EntityManager) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.em.nativeDelete(PostTag, { postId });
    await this.em.insert(PostTag, { postId, tag });
    //            ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }

  async setTagTogether(postId: number, tag: string): Promise<void> {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(PostTag, { postId });
      await em.insert(PostTag, { postId, tag }); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }

  async touch(postId: number): Promise<void> {
    await this.em.nativeUpdate(Post, { id: postId }, { seenAt: new Date() });
    await this.em.nativeUpdate(PostTag, { postId }, { seenAt: new Date() }); // ok race-condition/related-writes-without-transaction: neither needs the other
  }

  async add(postId: number, tag: string): Promise<void> {
    const post = await this.em.findOneOrFail(Post, { id: postId });
    post.seenAt = new Date();
    this.em.create(PostTag, { postId, tag });
    await this.em.flush(); // ok race-condition/related-writes-without-transaction: one flush is one transaction
  }
}
