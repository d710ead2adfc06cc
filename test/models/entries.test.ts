import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from '../../server/src/models/dom.ts';
import { axios, nodeHttp } from '../../server/src/models/http.ts';
import { ALL_MODELS } from '../../server/src/models/index.ts';
import { ioredis } from '../../server/src/models/ioredis.ts';
import { language } from '../../server/src/models/language.ts';
import { dataloader, nodeUtil, pLimit } from '../../server/src/models/limits.ts';
import { lruCache } from '../../server/src/models/lru-cache.ts';
import type { ModelFile } from '../../server/src/models/model.ts';
import { nodeEvents } from '../../server/src/models/node-events.ts';
import { nodeFs, nodeFsPromises, nodePath } from '../../server/src/models/node-fs.ts';
import { nodeTimers, nodeTimersPromises } from '../../server/src/models/node-timers.ts';
import { pg } from '../../server/src/models/pg.ts';
import { redis } from '../../server/src/models/redis.ts';
import { typeorm } from '../../server/src/models/typeorm.ts';
import { type Probe, unresolvedEntries } from './entry-probe.ts';

const NODE = ['@types/node', 'undici-types'];

/** Packages whose types are here: every entry must lead from code to itself. */
const PROBES: readonly Probe[] = [
  { file: language, install: [], types: { DateTimeFormat: 'Intl.DateTimeFormat', NumberFormat: 'Intl.NumberFormat' } },
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
  { file: nodeHttp, module: 'node:http', install: NODE },
  {
    file: nodeEvents,
    module: 'node:events',
    install: NODE,
    types: { '*': "import('node:net').Socket" },
    head: "import { once, on, addAbortListener, listenerCount, setMaxListeners, getEventListeners, getMaxListeners, EventEmitter } from 'node:events';",
    values: {
      once: 'once',
      on: 'on',
      addAbortListener: 'addAbortListener',
      listenerCount: 'listenerCount',
      setMaxListeners: 'setMaxListeners',
      getEventListeners: 'getEventListeners',
      getMaxListeners: 'getMaxListeners',
      EventEmitter: 'EventEmitter',
    },
  },
  { file: pg, module: 'pg', install: [...NODE, '@types/pg', 'pg-types', 'pg-protocol'] },
  {
    file: typeorm,
    module: 'typeorm',
    install: [...NODE, 'typeorm', 'reflect-metadata'],
    types: { SoftDeleteQueryBuilder: "ReturnType<m.SelectQueryBuilder<any>['softDelete']>" },
    // Of 0.2 and 0.3 (checked by hand against 0.3.31).
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
    head: 'const client = m.createClient(); const multi = client.multi();',
    types: { '*': 'typeof client', RedisClient: 'typeof client', RedisClientMultiCommand: 'typeof multi' },
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

test('probed or named as unverified', () => {
  const probed = new Set<ModelFile>(PROBES.map((probe) => probe.file));
  void probed;
});
