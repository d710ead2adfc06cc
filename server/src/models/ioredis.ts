/** ioredis: commands are declared by `RedisCommander`, for clients, clusters and pipelines alike. */

import { type Calls, members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const key = 'Argument[0]';

/** Reads of one key. */
const GET: CallModel = { effect: { kind: 'cache', action: 'get', key } };
const SET: CallModel = {
  effect: {
    kind: 'cache',
    action: 'set',
    key,
    value: 'Argument[1]',
    // `set(key, value, 'EX', 300, 'NX')`
    ttl: 'Argument[3]',
    absentFlag: 'Arguments[2..]',
  },
};
const WRITE: CallModel = { effect: { kind: 'cache', action: 'set', key, value: 'Arguments[1..]' } };
/** Fields of a hash. */
const field = 'Argument[1]';
const GET_FIELD: CallModel = { effect: { kind: 'cache', action: 'get', key, field } };
const DELETE: CallModel = { effect: { kind: 'cache', action: 'delete', key } };
/** Atomic on the server: counters, and set and list members that do not depend on what was there. */
const INCREMENT: CallModel = { effect: { kind: 'cache', action: 'increment', key } };
const EXPIRE: CallModel = { effect: { kind: 'cache', action: 'expire', key, ttl: 'Argument[1]' } };
const EXISTS: CallModel = { effect: { kind: 'cache', action: 'exists', key } };

export const IOREDIS_COMMANDS: Calls = {
  set: SET,
  setex: { effect: { kind: 'cache', action: 'set', key, value: 'Argument[2]', ttl: 'Argument[1]' } },
  psetex: { effect: { kind: 'cache', action: 'set', key, value: 'Argument[2]', ttl: 'Argument[1]' } },
  setnx: { effect: { kind: 'cache', action: 'set-if-absent', key, value: 'Argument[1]' } },
  hsetnx: { effect: { kind: 'cache', action: 'set-if-absent', key, value: 'Argument[2]' } },
  msetnx: { effect: { kind: 'cache', action: 'set-if-absent', key } },
  hset: { effect: { kind: 'cache', action: 'set', key, field, value: 'Arguments[1..]' } },
  ...members([''], 'hget hgetBuffer', GET_FIELD),
  ...members(
    [''],
    'get getBuffer mget hmget hgetall hkeys hvals hlen strlen getrange lrange lindex llen smembers scard srandmember zrange zrangebyscore zrevrange zrevrangebyscore zscore zrank zrevrank zcard zcount xrange xlen getex scan sscan hscan zscan keys',
    GET,
  ),
  ...members([''], 'mset hmset getset setrange setbit lset', WRITE),
  ...members(
    [''],
    'del unlink hdel getdel lrem ltrim srem zrem zremrangebyrank zremrangebyscore flushdb flushall',
    DELETE,
  ),
  ...members(
    [''],
    'incr incrby incrbyfloat decr decrby hincrby hincrbyfloat zincrby append lpush rpush lpushx rpushx lpop rpop blpop brpop sadd spop zadd zpopmin zpopmax pfadd xadd',
    INCREMENT,
  ),
  ...members([''], 'expire pexpire expireat pexpireat persist', EXPIRE),
  ...members([''], 'exists hexists sismember smismember ttl pttl type', EXISTS),
  watch: { effect: { kind: 'cache', action: 'watch', key } },
  // A script runs atomically: what it does is not read, only that its first key is touched.
  eval: { effect: { kind: 'cache', action: 'increment', key: 'Argument[2]' } },
  evalsha: { effect: { kind: 'cache', action: 'increment', key: 'Argument[2]' } },
  publish: { effect: { kind: 'publish', medium: 'bus', topic: 'Argument[0]', payload: 'Argument[1]' } },
  ...members(
    [''],
    'subscribe psubscribe unsubscribe punsubscribe unwatch discard ping quit info config client time',
    NEUTRAL,
  ),
};

export const ioredis = defineModels({
  package: 'ioredis',
  source: 'https://redis.github.io/ioredis/classes/Redis.html',
  default: 'Redis',
  extends: {
    Redis: 'RedisCommander',
    Cluster: 'RedisCommander',
    ChainableCommander: 'RedisCommander',
    // What `multi` and `pipeline` are declared in.
    RedisCommander: 'Transaction',
    Transaction: 'node:events#EventEmitter',
  },
  buffers: ['ChainableCommander'],
  calls: {
    ...Object.fromEntries(Object.entries(IOREDIS_COMMANDS).map(([name, model]) => [`RedisCommander#${name}`, model])),
    // Queued commands go out together; MULTI makes them atomic, not conditional.
    ...members(['Transaction#'], 'pipeline multi', {
      neutral: true,
      returns: 'This',
      buffers: true,
      instance: 'ChainableCommander',
    }),
    'RedisCommander#exec': { effect: { kind: 'cache', action: 'increment', key: 'unknown' }, flushes: true },
    'Redis#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    'Redis#once': {
      effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', once: true },
    },
    ...members(['Redis#', 'Cluster#'], 'connect disconnect quit duplicate', NEUTRAL),
    'Commander#defineCommand': NEUTRAL,
    'new Redis': { neutral: true, fresh: true },
    'new Cluster': { neutral: true, fresh: true, instance: 'Cluster' },
  },
});
