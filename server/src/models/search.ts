/** Search engines: writes are publications to a second source of truth, reads are requests to it. */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const write = (topic: string, payload: string): CallModel => ({
  effect: { kind: 'publish', medium: 'search', topic, payload },
});
const read = (service: string): CallModel => ({ effect: { kind: 'request', service } });

const INDEXED = write('Argument[0].Member[index]', 'Argument[0]');

/** Retries three times on connection errors; 429 and 502–504 too. The client class is a default export. */
export const elasticsearch = defineModels({
  package: '@elastic/elasticsearch',
  aliases: ['@opensearch-project/opensearch', '@nestjs/elasticsearch'],
  source: 'https://www.elastic.co/docs/reference/elasticsearch/clients/javascript/api-reference',
  default: 'Client',
  extends: { ElasticsearchService: 'Client', API: 'Client', OpenSearchAPI: 'Client' },
  calls: {
    'new Client': { neutral: true, fresh: true },
    ...members(['Client#'], 'index create update bulk delete updateByQuery deleteByQuery', INDEXED),
    ...members(['Client#'], 'reindex', INDEXED),
    ...members(['Client#'], 'search get mget msearch count exists scroll', read('elasticsearch')),
    ...members(['Client#'], 'close child ping info', NEUTRAL),
  },
});

export const meilisearch = defineModels({
  package: 'meilisearch',
  source: 'https://github.com/meilisearch/meilisearch-js#readme',
  default: 'Meilisearch',
  // Before version 0.46 the class is `MeiliSearch`, its members those of `Client`.
  extends: { Client: 'Meilisearch' },
  calls: {
    ...members(['new '], 'Meilisearch MeiliSearch', { neutral: true, fresh: true, instance: 'Meilisearch' }),
    'Meilisearch#index': { neutral: true, boundTo: 'Argument[0]', instance: 'Index' },
    ...members(
      ['Index#'],
      'addDocuments addDocumentsInBatches updateDocuments updateDocumentsInBatches deleteDocument deleteDocuments deleteAllDocuments',
      write('This.Entity', 'Argument[0]'),
    ),
    ...members(['Index#'], 'search searchGet getDocument getDocuments getStats', read('meilisearch')),
    ...members(['Meilisearch#'], 'multiSearch createIndex deleteIndex getIndex', read('meilisearch')),
  },
});

/** Version 5 is one object of functions; before it, `SearchIndex`. Retries on other hosts. */
export const algolia = defineModels({
  package: 'algoliasearch',
  aliases: ['@algolia/client-search'],
  source: 'https://www.algolia.com/doc/libraries/sdk/methods/search/',
  default: 'algoliasearch',
  extends: { Algoliasearch: 'SearchClient' },
  calls: {
    algoliasearch: { neutral: true, fresh: true, instance: 'Algoliasearch' },
    'SearchClient#initIndex': { neutral: true, boundTo: 'Argument[0]', instance: 'SearchIndex' },
    ...members(
      ['Algoliasearch#', '*#'],
      'saveObjects saveObject deleteObject deleteObjects partialUpdateObject partialUpdateObjects batch addOrUpdateObject replaceAllObjects',
      write('Argument[0].Member[indexName]', 'Argument[0]'),
    ),
    ...members(
      ['SearchIndex#'],
      'saveObjects saveObject deleteObject deleteObjects partialUpdateObject partialUpdateObjects replaceAllObjects',
      write('This.Entity', 'Argument[0]'),
    ),
    ...members(['Algoliasearch#', 'SearchIndex#', '*#'], 'search getObject getObjects browseObjects', read('algolia')),
  },
});

export const typesense = defineModels({
  package: 'typesense',
  source: 'https://typesense.org/docs/latest/api/documents.html',
  default: 'Documents',
  calls: {
    ...members(['Documents#'], 'create upsert update import delete', write('This.Entity', 'Argument[0]')),
    ...members(['Document#'], 'update delete', write('This.Entity', 'Argument[0]')),
    ...members(['Documents#', 'SearchOnlyDocuments#'], 'search', read('typesense')),
    'Document#retrieve': read('typesense'),
  },
});
