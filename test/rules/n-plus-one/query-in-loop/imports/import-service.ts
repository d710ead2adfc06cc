// Idiom of github.com/Unleash/unleash
import type { ItemTagStore, Tag, TagStore } from './tag-stores.ts';

interface Sheet {
  rows: { item: string; tag: Tag }[];
}

export class TagService {
  private tags: TagStore;
  private itemTags: ItemTagStore;
  constructor(tags: TagStore, itemTags: ItemTagStore) {
    this.tags = tags;
    this.itemTags = itemTags;
  }

  async addTag(item: string, tag: Tag): Promise<void> {
    if (!(await this.tags.exists(tag))) await this.tags.create(tag);
    //                                                  ^^^^^^ toctou/db-check-then-act low
    await this.itemTags.attach(item, tag);
  }
}

export class ImportService {
  private tagService: TagService;
  constructor(tagService: TagService) {
    this.tagService = tagService;
  }

  async importTags(sheet: Sheet): Promise<void> {
    for (const row of sheet.rows) {
      await this.tagService.addTag(row.item, row.tag);
      //                    ^^^^^^ n-plus-one/query-in-loop medium "'addTag' (through 'find') queries 'tags'"
    }
  }
}

/** A tool that somebody runs once. */
export async function importOnce(tagService: TagService, sheet: Sheet): Promise<void> {
  for (const row of sheet.rows) {
    await tagService.addTag(row.item, row.tag);
    //               ^^^^^^ n-plus-one/query-in-loop low
  }
}
