/** Majors before the current one, where a model speaks of members that differ. */
import { cacheManager } from '../../../server/src/models/cache-manager.ts';
import { got } from '../../../server/src/models/http.ts';
import { redlock } from '../../../server/src/models/limits.ts';
import { mikroOrm } from '../../../server/src/models/mikro-orm.ts';
import { amqplib } from '../../../server/src/models/queues.ts';
import { algolia, meilisearch } from '../../../server/src/models/search.ts';
import { typeorm } from '../../../server/src/models/typeorm.ts';
import { type Probe, typesIn } from '../entry-probe.ts';
import { STRIPE } from './services.ts';

const mikro: Probe = {
  file: mikroOrm,
  module: '@mikro-orm/core',
  types: typesIn("import('@mikro-orm/knex')", 'SqlEntityManager'),
};

export const PREVIOUS: readonly Probe[] = [
  mikro,
  { file: cacheManager, module: 'cache-manager' },
  { file: algolia, module: 'algoliasearch' },
  STRIPE,
  // Its `exports` hide its types. `on` is Node's emitter's.
  { file: redlock, module: './node_modules/redlock/dist/index', elsewhere: ['Redlock#on'] },
  { file: got, module: 'got' },
  { file: typeorm, module: 'typeorm' },
  { file: amqplib, module: 'amqplib' },
  { file: meilisearch, module: 'meilisearch' },
];
export const EARLIER: readonly Probe[] = [mikro];
