/** cache-manager 4 to 7, also as Nest's `CACHE_MANAGER`: the store may be memory or Redis, which types do not say. */

import { members, underEach } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const key = 'Argument[0]';

/** One computation per key at a time, within this process. */
const WRAP: CallModel = {
  effect: { kind: 'cache', action: 'get', key, ttl: 'Argument[2]' },
  callbacks: [{ argument: 'Argument[1]', runs: 'once', returns: 'value' }],
};

const CLEAR: CallModel = { effect: { kind: 'cache', action: 'delete', key: 'unknown' } };

const STORE: Readonly<Record<string, CallModel>> = {
  ...members([''], 'get mget', { effect: { kind: 'cache', action: 'get', key } }),
  set: { effect: { kind: 'cache', action: 'set', key, value: 'Argument[1]', ttl: 'Argument[2]' } },
  mset: { effect: { kind: 'cache', action: 'set', key } },
  ...members([''], 'del mdel', { effect: { kind: 'cache', action: 'delete', key } }),
  reset: CLEAR,
  ttl: { effect: { kind: 'cache', action: 'exists', key } },
};

export const cacheManager = defineModels({
  package: 'cache-manager',
  aliases: ['@nestjs/cache-manager', '@nestjs/common'],
  source: 'https://github.com/jaredwray/cacheable/tree/main/packages/cache-manager#methods',
  extends: { MemoryCache: 'Cache', MultiCache: 'Cache' },
  calls: {
    // In version 5 a cache keeps the members for several keys in its `store`; `MultiCache` takes them from there.
    ...underEach(['Cache#', 'Store#'], STORE),
    'Cache#clear': CLEAR,
    'Cache#wrap': WRAP,
    ...members([''], 'createCache caching multiCaching', { neutral: true, fresh: true, instance: 'Cache' }),
  },
});
