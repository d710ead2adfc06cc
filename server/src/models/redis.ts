/**
 * node-redis 4 and later: its types are mapped from command tables, so the commands have no class of their own.
 * Options are objects (`set(key, value, { NX: true, EX: 10 })`).
 */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const key = 'Argument[0]';
const GET: CallModel = { effect: { kind: 'cache', action: 'get', key } };
const WRITE: CallModel = { effect: { kind: 'cache', action: 'set', key, value: 'Arguments[1..]' } };
/** Fields of a hash. */
const field = 'Argument[1]';
const DELETE: CallModel = { effect: { kind: 'cache', action: 'delete', key } };
const INCREMENT: CallModel = { effect: { kind: 'cache', action: 'increment', key } };
const EXPIRE: CallModel = { effect: { kind: 'cache', action: 'expire', key, ttl: 'Argument[1]' } };
const EXISTS: CallModel = { effect: { kind: 'cache', action: 'exists', key } };
const SCRIPT: CallModel = { effect: { kind: 'cache', action: 'increment', key: 'Argument[1].Member[keys].Element' } };
const SUBSCRIBE: CallModel = {
  effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' },
};
const UNSUBSCRIBE: CallModel = {
  effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' },
};

export const redis = defineModels({
  package: 'redis',
  aliases: ['@redis/client'],
  source: 'https://redis.io/docs/latest/develop/clients/nodejs/',
  default: 'RedisClient',
  extends: { RedisClient: 'node:events#EventEmitter' },
  buffers: ['RedisClientMultiCommandType', 'RedisClientMultiCommandTyped'],
  calls: {
    'new RedisClient': { neutral: true, fresh: true },
    ...members([''], 'createClient createCluster createSentinel createClientPool', {
      neutral: true,
      fresh: true,
      instance: 'RedisClient',
    }),
    '*#set': {
      effect: {
        kind: 'cache',
        action: 'set',
        key,
        value: 'Argument[1]',
        ttl: 'Argument[2].Member[EX]',
        absentFlag: 'Argument[2]',
      },
    },
    ...members(['*#'], 'setEx pSetEx', {
      effect: { kind: 'cache', action: 'set', key, value: 'Argument[2]', ttl: 'Argument[1]' },
    }),
    '*#setNX': { effect: { kind: 'cache', action: 'set-if-absent', key, value: 'Argument[1]' } },
    '*#hSetNX': { effect: { kind: 'cache', action: 'set-if-absent', key, value: 'Argument[2]' } },
    '*#mSetNX': { effect: { kind: 'cache', action: 'set-if-absent', key } },
    ...members(
      ['*#'],
      'get mGet hmGet hGetAll hKeys hVals hLen strLen getRange lRange lIndex lLen sMembers sCard sRandMember zRange zRangeByScore zScore zRank zRevRank zCard zCount xRange xLen getEx scan keys',
      GET,
    ),
    ...members(['RedisClient#'], 'scanIterator hScanIterator sScanIterator zScanIterator', GET),
    '*#hGet': { effect: { kind: 'cache', action: 'get', key, field } },
    '*#hSet': { effect: { kind: 'cache', action: 'set', key, field, value: 'Arguments[1..]' } },
    ...members(['*#'], 'mSet getSet setRange setBit lSet', WRITE),
    ...members(
      ['*#'],
      'del unlink hDel getDel lRem lTrim sRem zRem zRemRangeByRank zRemRangeByScore flushDb flushAll',
      DELETE,
    ),
    ...members(
      ['*#'],
      'incr incrBy incrByFloat decr decrBy hIncrBy hIncrByFloat zIncrBy append lPush rPush lPushX rPushX lPop rPop blPop brPop sAdd sPop zAdd zPopMin zPopMax pfAdd xAdd',
      INCREMENT,
    ),
    ...members(['*#'], 'expire pExpire expireAt pExpireAt persist', EXPIRE),
    ...members(['*#'], 'exists hExists sIsMember smIsMember ttl pTTL type', EXISTS),
    ...members(['*#'], 'eval evalSha', SCRIPT),
    '*#publish': { effect: { kind: 'publish', medium: 'bus', topic: 'Argument[0]', payload: 'Argument[1]' } },
    ...members(['RedisClient#'], 'subscribe pSubscribe sSubscribe', SUBSCRIBE),
    ...members(['RedisClient#'], 'unsubscribe pUnsubscribe sUnsubscribe', UNSUBSCRIBE),
    'RedisClient#watch': { effect: { kind: 'cache', action: 'watch', key } },
    'RedisClient#multi': { neutral: true, returns: 'This', buffers: true, instance: 'RedisClientMultiCommand' },
    ...members(['RedisClientMultiCommand#'], 'exec execAsPipeline execTyped execAsPipelineTyped', {
      effect: { kind: 'cache', action: 'increment', key: 'unknown' },
      flushes: true,
    }),
    ...members(['RedisClient#'], 'unwatch connect disconnect quit close destroy duplicate ref unref', NEUTRAL),
    '*#ping': NEUTRAL,
  },
});
