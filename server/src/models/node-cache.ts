/** node-cache: synchronous, in this process. */

import { members, NEUTRAL } from './entries.ts';
import { defineModels } from './model.ts';

const inProcess = true;
const key = 'Argument[0]';

export const nodeCache = defineModels({
  package: 'node-cache',
  source: 'https://github.com/node-cache/node-cache#usage',
  default: 'NodeCache',
  extends: { NodeCache: 'node:events#EventEmitter' },
  calls: {
    'new NodeCache': { neutral: true, fresh: true },
    ...members(['NodeCache#'], 'get mget', { effect: { kind: 'cache', action: 'get', key, inProcess } }),
    'NodeCache#set': {
      effect: { kind: 'cache', action: 'set', key, value: 'Argument[1]', ttl: 'Argument[2]', inProcess },
    },
    'NodeCache#mset': { effect: { kind: 'cache', action: 'set', key, inProcess } },
    ...members(['NodeCache#'], 'del take', { effect: { kind: 'cache', action: 'delete', key, inProcess } }),
    'NodeCache#ttl': { effect: { kind: 'cache', action: 'expire', key, ttl: 'Argument[1]', inProcess } },
    ...members(['NodeCache#'], 'has getTtl', { effect: { kind: 'cache', action: 'exists', key, inProcess } }),
    'NodeCache#flushAll': { effect: { kind: 'cache', action: 'delete', key: 'unknown', inProcess } },
    ...members(['NodeCache#'], 'keys getStats flushStats close', NEUTRAL),
  },
});
