/** Caches and key-value stores. */
import { cacheManager } from '../../../server/src/models/cache-manager.ts';
import { keyv } from '../../../server/src/models/keyv.ts';
import { nodeCache } from '../../../server/src/models/node-cache.ts';
import { memcached, memjs, upstash, upstashRatelimit } from '../../../server/src/models/upstash.ts';
import type { Probe } from '../entry-probe.ts';

export const CACHES: readonly Probe[] = [
  // Not exported: the base of `Keyv`.
  { file: keyv, module: 'keyv', types: { EventManager: 'd' } },
  { file: cacheManager, module: 'cache-manager' },
  { file: nodeCache, module: 'node-cache' },
  { file: upstash, module: '@upstash/redis' },
  // Exported under another name than it is declared by.
  { file: upstashRatelimit, module: '@upstash/ratelimit', values: { RegionRatelimit: 'm.Ratelimit' } },
  { file: memcached, module: 'memcached' },
  { file: memjs, module: 'memjs' },
];
