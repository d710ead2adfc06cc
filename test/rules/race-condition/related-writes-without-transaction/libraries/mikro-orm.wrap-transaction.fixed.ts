// Idiom of github.com/mikro-orm/mikro-orm
import type { EntityManager } from '@mikro-orm/core';

declare class PostTag {
  postId: number;
  tag: string;
}

export class TagService {
  constructor(private readonly em: EntityManager) {}

  async setTag(postId: number, tag: string): Promise<void> {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(PostTag, { postId });
      await em.insert(PostTag, { postId, tag });
    });
    //            ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }
}
