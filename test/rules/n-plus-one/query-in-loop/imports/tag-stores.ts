import type { Knex } from 'knex';

export interface Tag {
  type: string;
  value: string;
}

export interface TagStore {
  exists(tag: Tag): Promise<boolean>;
  create(tag: Tag): Promise<void>;
}

export interface ItemTagStore {
  attach(item: string, tag: Tag): Promise<void>;
}

export class SqlTagStore implements TagStore {
  private db: Knex;
  constructor(db: Knex) {
    this.db = db;
  }

  async exists(tag: Tag): Promise<boolean> {
    const row = await this.db('tags').where({ type: tag.type, value: tag.value }).first();
    return row !== undefined;
  }

  async create(tag: Tag): Promise<void> {
    await this.db('tags').insert({ type: tag.type, value: tag.value });
  }
}

export class SqlItemTagStore implements ItemTagStore {
  private db: Knex;
  constructor(db: Knex) {
    this.db = db;
  }

  async attach(item: string, tag: Tag): Promise<void> {
    await this.db('item_tags').insert({ item, type: tag.type, value: tag.value });
  }
}
