// Idiom of github.com/vendure-ecommerce/vendure and github.com/linkwarden/linkwarden: an index written where the row is.
import { Client } from '@elastic/elasticsearch';
import { algoliasearch } from 'algoliasearch';
import { Meilisearch } from 'meilisearch';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Link {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() url!: string;
}

const elastic = new Client({ node: 'http://search:9200' });
const algolia = algoliasearch('app', 'key');
const links = new Meilisearch({ host: 'http://search:7700' }).index<{ id: string; url: string }>('links');

export async function addToElasticsearch(source: DataSource, url: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const link = await manager.save(Link, { url });
    await elastic.index({ index: 'links', id: link.id, document: { url } });
    //            ^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Link' goes back"
  });
}

export async function addToAlgolia(source: DataSource, url: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const link = await manager.save(Link, { url });
    await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['saveObject', JSON.stringify({ indexName: 'links', body: { objectID: link.id, url } })]);
    //            ^^^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Link' goes back"
  });
}

export async function addToMeilisearch(source: DataSource, url: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const link = await manager.save(Link, { url });
    await links.addDocuments([{ id: link.id, url }]);
    //          ^^^^^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Link' goes back"
  });
}

export async function addThenIndex(source: DataSource, url: string) {
  const link = await source.transaction(async (manager) => manager.save(Link, { url }));
  //                                                               ^^^^ related "Written to 'Link' here."
  await links.addDocuments([{ id: link.id, url }]); // ok double-write/effect-in-transaction: after the commit
  //          ^^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function findFirst(source: DataSource, url: string) {
  const { hits } = await links.search(url); // ok double-write/effect-in-transaction: before it begins
  if (hits.length > 0) return;
  await source.transaction(async (manager) => {
    await manager.insert(Link, { url });
  });
}

export async function markPending(source: DataSource, url: string) {
  await source.transaction(async (manager) => {
    await manager.insert(Link, { url });
    await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['index-link', url]); // ok double-write/effect-in-transaction: a row of the transaction
  });
}
