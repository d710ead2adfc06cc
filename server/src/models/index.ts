/** All models that come with the product. Two files may describe one package: the first entry found counts. */
import type { ModelFile } from './model.ts';
import { dom } from './dom.ts';
import * as http from './http.ts';
import { ioredis } from './ioredis.ts';
import { language } from './language.ts';
import * as limits from './limits.ts';
import { eventemitter3, mitt, nodeEvents } from './node-events.ts';
import { fsExtra, nodeFs, nodeFsPromises, nodePath } from './node-fs.ts';
import { nodeTimers, nodeTimersPromises } from './node-timers.ts';
import { pg } from './pg.ts';
import { redis } from './redis.ts';
import { typeorm } from './typeorm.ts';

export const ALL_MODELS: readonly ModelFile[] = [
  language,
  dom,
  nodeTimers,
  nodeTimersPromises,
  nodeFs,
  nodeFsPromises,
  fsExtra,
  nodePath,
  nodeEvents,
  eventemitter3,
  mitt,
  pg,
  typeorm,
  ioredis,
  redis,
  ...Object.values(http),
  ...Object.values(limits),
];
