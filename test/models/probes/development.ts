import { dom } from '../../../server/src/models/dom.ts';
import { axios, nodeHttp } from '../../../server/src/models/http.ts';
import { ioredis } from '../../../server/src/models/ioredis.ts';
import { language } from '../../../server/src/models/language.ts';
import { dataloader, nodeUtil, pLimit } from '../../../server/src/models/limits.ts';
import { lruCache } from '../../../server/src/models/lru-cache.ts';
import { nodeEvents } from '../../../server/src/models/node-events.ts';
import { nodeFs, nodeFsPromises, nodePath } from '../../../server/src/models/node-fs.ts';
import { nodeTimers, nodeTimersPromises } from '../../../server/src/models/node-timers.ts';
import { pg } from '../../../server/src/models/pg.ts';
import { redis } from '../../../server/src/models/redis.ts';
import { nodeAsyncHooks } from '../../../server/src/models/transactional.ts';
import { typeorm } from '../../../server/src/models/typeorm.ts';
import type { Probe } from '../entry-probe.ts';

const FROM_EVENTS =
  'once on addAbortListener listenerCount setMaxListeners getEventListeners getMaxListeners EventEmitter';

/** The language's, Node's, and the packages that the tests need for other things as well. */
export const DEVELOPMENT: readonly Probe[] = [
  {
    file: language,
    types: { DateTimeFormat: 'Intl.DateTimeFormat', NumberFormat: 'Intl.NumberFormat' },
  },
  {
    file: dom,
    types: { '*': 'HTMLDivElement', Process: 'NodeJS.Process' },
    values: {
      createObjectURL: 'URL.createObjectURL',
      revokeObjectURL: 'URL.revokeObjectURL',
      timeout: 'AbortSignal.timeout',
      any: 'AbortSignal.any',
      abort: 'AbortSignal.abort',
    },
  },
  { file: nodeTimers, module: 'node:timers', types: { Timeout: 'NodeJS.Timeout' } },
  { file: nodeTimersPromises, module: 'node:timers/promises' },
  { file: nodeFs, module: 'node:fs' },
  { file: nodeFsPromises, module: 'node:fs/promises' },
  { file: nodePath, module: 'node:path' },
  { file: nodeUtil, module: 'node:util' },
  {
    file: nodeAsyncHooks,
    module: 'node:async_hooks',
    types: { AsyncLocalStorage: 'm.AsyncLocalStorage<object>' },
  },
  { file: nodeHttp, module: 'node:http' },
  {
    file: nodeEvents,
    module: 'node:events',
    head: `import { ${FROM_EVENTS.replaceAll(' ', ', ')} } from 'node:events';`,
    types: { '*': "import('node:net').Socket" },
    values: Object.fromEntries(FROM_EVENTS.split(' ').map((name) => [name, name])),
  },
  { file: pg, module: 'pg' },
  {
    file: typeorm,
    module: 'typeorm',
    types: { SoftDeleteQueryBuilder: "ReturnType<m.SelectQueryBuilder<any>['softDelete']>" },
    // 0.3.18 has renamed it; the version before 1 is probed too.
    elsewhere: ['EntityManager#exist'],
  },
  {
    file: ioredis,
    module: 'ioredis',
    types: { RedisCommander: 'm.Redis', Transaction: 'm.Redis', Commander: 'm.Redis' },
  },
  {
    file: redis,
    module: 'redis',
    head: "const client = m.createClient(); const multi = client.multi(); import { RedisClient } from '@redis/client';",
    types: { '*': 'typeof client', RedisClient: 'typeof client', RedisClientMultiCommand: 'typeof multi' },
    values: { RedisClient: 'RedisClient' },
  },
  { file: axios, module: 'axios', values: { axios: 'm.default' } },
  { file: lruCache, module: 'lru-cache' },
  {
    file: pLimit,
    module: 'p-limit',
    types: { '*': 'm.LimitFunction' },
    values: { pLimit: 'm.default' },
  },
  {
    file: dataloader,
    module: 'dataloader',
    head: "import DataLoader from 'dataloader';",
    types: { DataLoader: 'DataLoader<any, any>' },
    values: { DataLoader: 'DataLoader' },
  },
];
