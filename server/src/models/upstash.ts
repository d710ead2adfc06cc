/** Upstash Redis: ioredis' words over HTTP, options as objects; values are serialised by the client. */

import { members } from './entries.ts';
import { IOREDIS_COMMANDS } from './ioredis.ts';
import { defineModels } from './model.ts';

const ABSENT_HERE = new Set(['getBuffer', 'hgetBuffer', 'lpushx', 'rpushx', 'quit', 'info', 'config', 'client']);
const UNKNOWN_HERE =
  'xlen zrevrange zrevrangebyscore zrangebyscore psetex blpop brpop expireat unsubscribe punsubscribe watch unwatch discard';

export const upstash = defineModels({
  package: '@upstash/redis',
  aliases: ['@vercel/kv'],
  source: 'https://upstash.com/docs/redis/sdks/ts/commands/overview',
  buffers: ['Pipeline'],
  calls: {
    ...Object.fromEntries(
      Object.entries(IOREDIS_COMMANDS)
        .filter(([name]) => !ABSENT_HERE.has(name) && !UNKNOWN_HERE.split(' ').includes(name))
        .map(([name, model]) => [`Redis#${name}`, model]),
    ),
    'Redis#set': {
      effect: {
        kind: 'cache',
        action: 'set',
        key: 'Argument[0]',
        value: 'Argument[1]',
        ttl: 'Argument[2].Member[ex]',
        absentFlag: 'Argument[2]',
      },
    },
    ...members(['Redis#'], 'pipeline multi', { neutral: true, returns: 'This', buffers: true, instance: 'Pipeline' }),
    'Pipeline#exec': { effect: { kind: 'cache', action: 'increment', key: 'unknown' }, flushes: true },
    'Redis.fromEnv': { neutral: true, fresh: true, instance: 'Redis' },
    'new Redis': { neutral: true, fresh: true },
  },
});

/** Upstash's limiter answers; its caller refuses. `blockUntilReady` waits. */
export const upstashRatelimit = defineModels({
  package: '@upstash/ratelimit',
  source: 'https://upstash.com/docs/redis/sdks/ratelimit-ts/methods',
  calls: {
    ...members(['Ratelimit#'], 'limit blockUntilReady', { effect: { kind: 'wait', for: 'admission' } }),
    ...members(['Ratelimit.', 'RegionRatelimit.'], 'slidingWindow fixedWindow tokenBucket', { neutral: true }),
    // Exported under another name than it is declared by.
    ...members(['new '], 'Ratelimit RegionRatelimit', { neutral: true, fresh: true, instance: 'Ratelimit' }),
  },
});

/** memcached clients. */
export const memcached = defineModels({
  package: 'memcached',
  source: 'https://github.com/3rd-Eden/memcached#public-methods',
  default: 'Memcached',
  calls: {
    ...members(['Memcached#'], 'get gets getMulti', { effect: { kind: 'cache', action: 'get', key: 'Argument[0]' } }),
    ...members(['Memcached#'], 'set replace cas', {
      effect: { kind: 'cache', action: 'set', key: 'Argument[0]', value: 'Argument[1]', ttl: 'Argument[2]' },
    }),
    'Memcached#add': {
      effect: { kind: 'cache', action: 'set-if-absent', key: 'Argument[0]', value: 'Argument[1]', ttl: 'Argument[2]' },
    },
    ...members(['Memcached#'], 'del', { effect: { kind: 'cache', action: 'delete', key: 'Argument[0]' } }),
    ...members(['Memcached#'], 'incr decr append prepend', {
      effect: { kind: 'cache', action: 'increment', key: 'Argument[0]' },
    }),
    'Memcached#touch': { effect: { kind: 'cache', action: 'expire', key: 'Argument[0]', ttl: 'Argument[1]' } },
    'new Memcached': { neutral: true, fresh: true },
  },
});

export const memjs = defineModels({
  package: 'memjs',
  source: 'https://github.com/memcachier/memjs#usage',
  calls: {
    'Client.create': { neutral: true, fresh: true, instance: 'Client' },
    'Client#get': { effect: { kind: 'cache', action: 'get', key: 'Argument[0]' } },
    ...members(['Client#'], 'set replace', {
      effect: { kind: 'cache', action: 'set', key: 'Argument[0]', value: 'Argument[1]' },
    }),
    'Client#add': { effect: { kind: 'cache', action: 'set-if-absent', key: 'Argument[0]', value: 'Argument[1]' } },
    'Client#delete': { effect: { kind: 'cache', action: 'delete', key: 'Argument[0]' } },
    ...members(['Client#'], 'increment decrement append prepend', {
      effect: { kind: 'cache', action: 'increment', key: 'Argument[0]' },
    }),
    'Client#touch': { effect: { kind: 'cache', action: 'expire', key: 'Argument[0]', ttl: 'Argument[1]' } },
  },
});
