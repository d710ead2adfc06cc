import type { Knex } from 'knex';

export abstract class Store<Row> {
  protected db: Knex;
  protected tableName: string;

  constructor(tableName: string, db: Knex) {
    this.tableName = tableName;
    this.db = db;
  }

  async get(id: string): Promise<Row> {
    const [row] = await this.db(this.tableName).where({ id }).select('*');
    return row;
  }

  async among(ids: string[]): Promise<Row[]> {
    return this.db(this.tableName).whereIn('id', ids).select('*');
  }
}

export interface Segment {
  id: string;
  name: string;
}

export interface SegmentReader {
  get(id: string): Promise<Segment>;
  among(ids: string[]): Promise<Segment[]>;
}

export class SegmentStore extends Store<Segment> implements SegmentReader {
  constructor(db: Knex) {
    super('segments', db);
  }

  async names(ids: string[]) {
    const names: string[] = [];
    for (const id of ids) names.push((await this.get(id)).name);
//                                               ^^^ n-plus-one/query-in-loop medium "queries 'segments'"
    return names;
  }
}

const TAGS = 'tags';

export class TagStore extends Store<{ id: string }> {
  constructor(db: Knex) {
    super(TAGS, db);
  }
}

/** Its table is the caller's to know. */
export class AnyStore extends Store<{ id: string }> {}
