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
  { file: language, install: [] },
  { file: dom, install: NODE },
  { file: nodeTimers, module: 'node:timers', install: NODE },
  { file: nodeTimersPromises, module: 'node:timers/promises', install: NODE },
  { file: nodeFs, module: 'node:fs', install: NODE },
  { file: nodeFsPromises, module: 'node:fs/promises', install: NODE },
  { file: nodePath, module: 'node:path', install: NODE },
  { file: nodeUtil, module: 'node:util', install: NODE },
  { file: nodeHttp, module: 'node:http', install: NODE },
  { file: nodeEvents, module: 'node:events', install: NODE, types: { '*': "import('node:net').Socket" } },
  { file: pg, module: 'pg', install: [...NODE, '@types/pg', 'pg-types', 'pg-protocol'] },
  { file: typeorm, module: 'typeorm', install: [...NODE, 'typeorm', 'reflect-metadata'] },
  { file: ioredis, module: 'ioredis', install: [...NODE, 'ioredis', '@ioredis/commands'] },
  {
    file: redis,
    module: 'redis',
    install: [...NODE, 'redis', '@redis/client', '@redis/bloom', '@redis/json', '@redis/search', '@redis/time-series'],
  },
  { file: axios, module: 'axios', install: [...NODE, 'axios', 'form-data'] },
  { file: lruCache, module: 'lru-cache', install: [...NODE, 'lru-cache'] },
  { file: pLimit, module: 'p-limit', install: [...NODE, 'p-limit'] },
  { file: dataloader, module: 'dataloader', install: [...NODE, 'dataloader'] },
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
