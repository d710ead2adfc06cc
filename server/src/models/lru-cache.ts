/** lru-cache: synchronous, bounded by `max`, in this process. `fetch` runs one computation per key at a time. */

import { members, NEUTRAL } from './entries.ts';
import { defineModels } from './model.ts';

const inProcess = true;
const key = 'Argument[0]';

export const lruCache = defineModels({
  package: 'lru-cache',
  aliases: ['quick-lru', 'tiny-lru'],
  source: 'https://isaacs.github.io/node-lru-cache/classes/LRUCache.html',
  calls: {
    'new LRUCache': { neutral: true, fresh: true, returns: 'Argument[0]' },
    ...members(['LRUCache#'], 'get peek', { effect: { kind: 'cache', action: 'get', key, inProcess } }),
    ...members(['LRUCache#'], 'fetch forceFetch memo', { effect: { kind: 'cache', action: 'get', key, inProcess } }),
    'LRUCache#set': {
      effect: { kind: 'cache', action: 'set', key, value: 'Argument[1]', ttl: 'Argument[2]', inProcess },
      returns: 'This',
    },
    'LRUCache#delete': { effect: { kind: 'cache', action: 'delete', key, inProcess } },
    'LRUCache#pop': { effect: { kind: 'cache', action: 'delete', key: 'unknown', inProcess } },
    'LRUCache#clear': { effect: { kind: 'cache', action: 'delete', key: 'unknown', inProcess } },
    'LRUCache#has': { effect: { kind: 'cache', action: 'exists', key, inProcess } },
    ...members(['LRUCache#'], 'forEach rforEach', {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'each',
          over: 'This',
          concurrency: 'parallel',
          parameters: ['This.Element', 'unknown', 'This'],
          returns: 'nothing',
        },
      ],
    }),
    ...members(
      ['LRUCache#'],
      'find keys rkeys values rvalues entries rentries getRemainingTTL purgeStale info dump load',
      NEUTRAL,
    ),
  },
});
