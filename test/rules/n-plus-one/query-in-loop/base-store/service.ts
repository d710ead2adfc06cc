// Idiom of github.com/Unleash/unleash: stores that hand their table's name to a base class.
import type { AnyStore, SegmentReader, TagStore } from './stores.ts';

export class Service {
  private segments: SegmentReader;
  private tags: TagStore;
  private anything: AnyStore;

  constructor(stores: { segments: SegmentReader; tags: TagStore; anything: AnyStore }) {
    this.segments = stores.segments;
    this.tags = stores.tags;
    this.anything = stores.anything;
  }

  async segmentsOf(ids: string[]) {
    return Promise.all(ids.map((id) => this.segments.get(id)));
//                                                   ^^^ n-plus-one/query-in-loop medium "queries 'segments'"
  }

  async tagsOf(ids: string[]) {
    const found = [];
    for (const id of ids) found.push(await this.tags.get(id));
//                                                   ^^^ n-plus-one/query-in-loop medium "queries 'tags'"
    return found;
  }

  async rowsOf(ids: string[]) {
    return Promise.all(ids.map((id) => this.anything.get(id)));
//                                                   ^^^ n-plus-one/query-in-loop medium "queries the database"
  }

  async atOnce(ids: string[]) {
    return [await this.segments.among(ids), await this.tags.among(ids)]; // ok n-plus-one/query-in-loop: one statement each
  }

  async first(ids: string[]) {
    return ids[0] === undefined ? undefined : this.tags.get(ids[0]); // ok n-plus-one/query-in-loop: one row
  }

  async few() {
    for (const id of ['a', 'b']) await this.tags.get(id); // ok n-plus-one/query-in-loop: two literals
  }
}
