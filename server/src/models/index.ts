/**
 * All models that come with the product. Two files may describe one package: the first entry found counts, so a user's
 * own go before these.
 */

import { cacheManager } from './cache-manager.ts';
import { dom } from './dom.ts';
import { drizzle } from './drizzle.ts';
import * as functional from './functional.ts';
import * as http from './http.ts';
import { ioredis } from './ioredis.ts';
import { keyv } from './keyv.ts';
import { knex } from './knex.ts';
import { kysely } from './kysely.ts';
import { language } from './language.ts';
import * as limits from './limits.ts';
import { lruCache } from './lru-cache.ts';
import { mikroOrm } from './mikro-orm.ts';
import type { ModelFile } from './model.ts';
import { mongodb, mongoose } from './mongoose.ts';
import { nodeCache } from './node-cache.ts';
import { eventemitter2, eventemitter3, mitt, nodeEvents } from './node-events.ts';
import { fsExtra, nodeFs, nodeFsPromises, nodePath } from './node-fs.ts';
import { nodeTimers, nodeTimersPromises } from './node-timers.ts';
import { objection } from './objection.ts';
import * as payments from './payments.ts';
import { pg } from './pg.ts';
import { prisma } from './prisma.ts';
import * as queues from './queues.ts';
import { redis } from './redis.ts';
import { rxjs } from './rxjs.ts';
import * as sdks from './sdks.ts';
import * as search from './search.ts';
import { sequelize } from './sequelize.ts';
import * as sockets from './sockets.ts';
import * as sqlDrivers from './sql-drivers.ts';
import * as transactional from './transactional.ts';
import { typeorm } from './typeorm.ts';
import { memcached, memjs, upstash, upstashRatelimit } from './upstash.ts';

export const ALL_MODELS: readonly ModelFile[] = [
  language,
  dom,
  nodeTimers,
  nodeTimersPromises,
  nodeFs,
  nodeFsPromises,
  fsExtra,
  nodePath,
  ...Object.values(http),
  nodeEvents,
  eventemitter2,
  eventemitter3,
  mitt,
  rxjs,
  pg,
  ...Object.values(sqlDrivers),
  typeorm,
  prisma,
  sequelize,
  knex,
  objection,
  mongoose,
  mongodb,
  kysely,
  drizzle,
  mikroOrm,
  ioredis,
  redis,
  keyv,
  cacheManager,
  nodeCache,
  lruCache,
  upstash,
  upstashRatelimit,
  memcached,
  memjs,
  ...Object.values(functional),
  ...Object.values(limits),
  ...Object.values(queues),
  ...Object.values(search),
  ...Object.values(sdks),
  ...Object.values(payments),
  ...Object.values(transactional),
  ...Object.values(sockets),
];
