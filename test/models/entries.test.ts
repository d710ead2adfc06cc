import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from '../../server/src/models/dom.ts';
import { axios, nodeHttp } from '../../server/src/models/http.ts';
import { ALL_MODELS } from '../../server/src/models/index.ts';
import { ioredis } from '../../server/src/models/ioredis.ts';
import { language } from '../../server/src/models/language.ts';
import { dataloader, nodeUtil, pLimit } from '../../server/src/models/limits.ts';
import { lruCache } from '../../server/src/models/lru-cache.ts';
import { nodeEvents } from '../../server/src/models/node-events.ts';
import { nodeFs, nodeFsPromises, nodePath } from '../../server/src/models/node-fs.ts';
import { nodeTimers, nodeTimersPromises } from '../../server/src/models/node-timers.ts';
import { pg } from '../../server/src/models/pg.ts';
import { redis } from '../../server/src/models/redis.ts';
import { nodeAsyncHooks } from '../../server/src/models/transactional.ts';
import { typeorm } from '../../server/src/models/typeorm.ts';
import { type Probe, unresolvedEntries } from './entry-probe.ts';

const NODE = ['@types/node', 'undici-types'];

const FROM_EVENTS =
  'once on addAbortListener listenerCount setMaxListeners getEventListeners getMaxListeners EventEmitter';

/** Packages whose types are here: every entry must lead from code to itself. */
const PROBES: readonly Probe[] = [
  {
    file: language,
    install: [],
    types: { DateTimeFormat: 'Intl.DateTimeFormat', NumberFormat: 'Intl.NumberFormat' },
  },
  {
    file: dom,
    install: NODE,
    types: { '*': 'HTMLDivElement', Process: 'NodeJS.Process' },
    values: {
      createObjectURL: 'URL.createObjectURL',
      revokeObjectURL: 'URL.revokeObjectURL',
      timeout: 'AbortSignal.timeout',
      any: 'AbortSignal.any',
      abort: 'AbortSignal.abort',
    },
  },
  { file: nodeTimers, module: 'node:timers', install: NODE, types: { Timeout: 'NodeJS.Timeout' } },
  { file: nodeTimersPromises, module: 'node:timers/promises', install: NODE },
  { file: nodeFs, module: 'node:fs', install: NODE },
  { file: nodeFsPromises, module: 'node:fs/promises', install: NODE },
  { file: nodePath, module: 'node:path', install: NODE },
  { file: nodeUtil, module: 'node:util', install: NODE },
  {
    file: nodeAsyncHooks,
    module: 'node:async_hooks',
    install: NODE,
    types: { AsyncLocalStorage: 'm.AsyncLocalStorage<object>' },
  },
  { file: nodeHttp, module: 'node:http', install: NODE },
  {
    file: nodeEvents,
    module: 'node:events',
    install: NODE,
    head: `import { ${FROM_EVENTS.replaceAll(' ', ', ')} } from 'node:events';`,
    types: { '*': "import('node:net').Socket" },
    values: Object.fromEntries(FROM_EVENTS.split(' ').map((name) => [name, name])),
  },
  { file: pg, module: 'pg', install: [...NODE, '@types/pg', 'pg-types', 'pg-protocol'] },
  {
    file: typeorm,
    module: 'typeorm',
    install: [...NODE, 'typeorm', 'reflect-metadata'],
    types: { SoftDeleteQueryBuilder: "ReturnType<m.SelectQueryBuilder<any>['softDelete']>" },
    // Version 1 has dropped them; 0.3.31 has all of them but `EntityManager#exist`, which 0.3.18 renamed.
    elsewhere: [
      'Repository#findByIds',
      'Repository#findOneById',
      'Repository#exist',
      'EntityManager#findByIds',
      'EntityManager#findOneById',
      'EntityManager#exist',
      'EntityManager#getCustomRepository',
      'DataSource#getCustomRepository',
      'DataSource#connect',
      'DataSource#close',
      'BaseEntity.findByIds',
      'BaseEntity.findOneById',
      'getRepository',
      'getMongoRepository',
      'getCustomRepository',
      'getTreeRepository',
      'getManager',
      'getMongoManager',
      'getConnection',
      'createConnection',
      'createQueryBuilder',
    ],
  },
  {
    file: ioredis,
    module: 'ioredis',
    install: [...NODE, 'ioredis', '@ioredis/commands'],
    types: { RedisCommander: 'm.Redis', Transaction: 'm.Redis', Commander: 'm.Redis' },
  },
  {
    file: redis,
    module: 'redis',
    install: [...NODE, 'redis', '@redis/client', '@redis/bloom', '@redis/json', '@redis/search', '@redis/time-series'],
    head: "const client = m.createClient(); const multi = client.multi(); import { RedisClient } from '@redis/client';",
    types: { '*': 'typeof client', RedisClient: 'typeof client', RedisClientMultiCommand: 'typeof multi' },
    values: { RedisClient: 'RedisClient' },
  },
  { file: axios, module: 'axios', install: [...NODE, 'axios', 'form-data'], values: { axios: 'm.default' } },
  { file: lruCache, module: 'lru-cache', install: [...NODE, 'lru-cache'] },
  {
    file: pLimit,
    module: 'p-limit',
    install: [...NODE, 'p-limit'],
    types: { '*': 'm.LimitFunction' },
    values: { pLimit: 'm.default' },
  },
  {
    file: dataloader,
    module: 'dataloader',
    install: [...NODE, 'dataloader'],
    head: "import DataLoader from 'dataloader';",
    types: { DataLoader: 'DataLoader<any, any>' },
    values: { DataLoader: 'DataLoader' },
  },
];

for (const probe of PROBES) {
  test(`${probe.file.package}: every entry is a member of the published types`, () => {
    assert.deepEqual(unresolvedEntries(probe, ALL_MODELS), []);
  });
}

/** Not among the development dependencies. Most were compared with their types once, by the same probe: the versions. */
const UNVERIFIED: Readonly<Record<string, string>> = {
  '@adyen/api-library': 'not compared with its types',
  '@angular/common': 'compared with 18',
  '@anthropic-ai/sdk': 'requests are any member without an entry',
  '@aws-sdk/client-s3': 'many packages under one model; s3 and sqs looked at',
  '@aws-sdk/lib-storage': 'not compared with its types',
  '@elastic/elasticsearch': 'compared with 9, and OpenSearch 3',
  '@google-cloud/pubsub': 'compared with 5',
  '@mikro-orm/core': 'compared with 5 and 6, whose members differ',
  '@mollie/api-client': 'not compared with its types',
  '@nestjs-cls/transactional': 'compared with 3',
  '@nestjs/axios': 'compared with 4',
  '@nestjs/cqrs': 'compared with 11',
  '@nestjs/microservices': 'compared with 10',
  '@octokit/rest': 'requests are any member without an entry',
  '@paypal/paypal-server-sdk': 'not compared with its types',
  '@prisma/client': 'generated: no types before a schema; shape.test.ts covers the calls',
  '@sendgrid/mail': 'compared with 8',
  '@slack/web-api': 'requests are any member without an entry',
  '@slack/webhook': 'compared with 7',
  '@smithy/smithy-client': 'compared with @aws-sdk/lib-dynamodb',
  '@supabase/postgrest-js': 'compared with supabase-js 2',
  '@upstash/ratelimit': 'compared with 2',
  '@upstash/redis': 'compared with 1',
  algoliasearch: 'compared with 4 and 5, whose members differ',
  amqplib: 'compared with 0.10 and 1; Connection is from before',
  async: 'compared with @types/async 3',
  'async-lock': 'compared with 1',
  'async-mutex': 'compared with 0.5',
  'async-retry': 'compared with 1',
  'better-sqlite3': 'compared with 7; node:sqlite by its documentation',
  bluebird: 'compared with 3',
  bottleneck: 'compared with 2',
  braintree: 'not compared with its types',
  bull: 'compared with 4',
  bullmq: 'compared with 5',
  'cache-manager': 'compared with 5 and 7, whose members differ',
  cockatiel: 'compared with 3',
  delay: 'compared with 6',
  'drizzle-orm': 'compared with 0.45',
  eventemitter2: 'compared with 6',
  eventemitter3: 'compared with 5',
  'exponential-backoff': 'compared with 3',
  'firebase-admin': 'compared with 13',
  'fp-ts/Array': 'compared with 2; told by module: by import only',
  'fp-ts/function': 'compared with 2; told by module: by import only',
  'fp-ts/TaskEither': 'compared with 2; told by module: by import only',
  'fs-extra': 'compared with 11',
  googleapis: 'requests are any member without an entry',
  got: 'compared with 14; its verbs are mapped and have no declaration: by import only',
  inngest: 'compared with 4',
  kafkajs: 'compared with 2',
  keyv: 'compared with 5',
  knex: 'compared with 3',
  ky: 'compared with 1',
  kysely: 'compared with 0.28',
  limiter: 'compared with 3',
  lodash: 'members of @types/lodash are declared by augmentation',
  'lodash/fp': 'by its guide',
  meilisearch: 'compared with 0.45 and later',
  memcached: 'compared with 2',
  memjs: 'compared with 1',
  mitt: 'compared with 3',
  mongodb: 'compared with 7',
  mongoose: 'compared with 9',
  mysql2: 'compared with 3',
  nats: 'compared with 2',
  'node-cache': 'compared with 5',
  'node-fetch': 'compared with 3',
  nodemailer: 'compared with @types/nodemailer',
  objection: 'compared with 3',
  octokit: 'requests are any member without an entry',
  openai: 'requests are any member without an entry',
  'p-all': 'compared with 5',
  'p-map': 'compared with 7',
  'p-map-series': 'compared with 3',
  'p-queue': 'compared with 9',
  'p-retry': 'compared with 7',
  'p-throttle': 'compared with 8; the factory has no name: by import only',
  'pg-boss': 'compared with its default export',
  postgres: 'compared with 3',
  postmark: 'compared with 4',
  'proper-lockfile': 'compared with 4',
  ramda: 'compared with 0.27',
  'rate-limiter-flexible': 'compared with 8',
  razorpay: 'not compared with its types',
  redlock: 'its exports hide its types: by import only',
  remeda: 'by its documentation',
  request: 'compared with @types/request',
  resend: 'compared with 6',
  rxjs: 'compared with 7',
  sequelize: 'compared with 6',
  slonik: 'compared with 48',
  'socket.io': 'compared with 4',
  sqlite3: 'compared with 6',
  square: 'not compared with its types',
  stripe: 'compared with 17 and the latest, whose class names differ',
  superagent: 'compared with 8; its verbs are mapped and have no declaration: by import only',
  twilio: 'compared with 5',
  'typeorm-transactional': 'compared with 0.5',
  typesense: 'compared with 2',
  undici: 'compared with 7',
  ws: 'compared with 8',
};

test('every model is probed or named, with the reason why not', () => {
  const probed = new Set(PROBES.map((probe) => probe.file.package));
  const missing = ALL_MODELS.filter((file) => !probed.has(file.package) && UNVERIFIED[file.package] === undefined);
  assert.deepEqual(
    missing.map((file) => file.package),
    [],
  );
  const known = new Set(ALL_MODELS.map((file) => file.package));
  assert.deepEqual(
    Object.keys(UNVERIFIED).filter((name) => !known.has(name) || probed.has(name)),
    [],
  );
});
