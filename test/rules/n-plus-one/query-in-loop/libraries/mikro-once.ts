// Idiom of github.com/mikro-orm/mikro-orm
import { EntityManager } from '@mikro-orm/core';

export class Publisher {
  id: number;
  name: string;
}
declare function chunk<T>(list: readonly T[], size: number): T[][];

export async function publisherNames(em: EntityManager, books: { publisherId: number }[]) {
  const publishers = await em.find(Publisher, { id: { $in: books.map((book) => book.publisherId) } });
  const byId = new Map(publishers.map((publisher) => [publisher.id, publisher]));
  return books.map((book) => byId.get(book.publisherId)?.name); // ok n-plus-one/query-in-loop: from the map
}

export async function publishersOf(em: EntityManager, ids: number[]) {
  const found: Publisher[] = [];
  for (const batch of chunk(ids, 500)) {
    // ok n-plus-one/query-in-loop: one query for five hundred
    found.push(...(await em.find(Publisher, { id: { $in: batch } })));
  }
  return found;
}

export async function addPublishers(em: EntityManager, names: string[]) {
  for (const name of names) {
    em.persist(em.create(Publisher, { name })); // ok n-plus-one/query-in-loop: nothing is sent before the flush
  }
  await em.flush();
}
