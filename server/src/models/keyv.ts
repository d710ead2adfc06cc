/** Keyv: a key-value store over an adapter; without one it is a Map in this process, which types do not say. */

import { members, NEUTRAL } from './entries.ts';
import { defineModels } from './model.ts';

const key = 'Argument[0]';

export const keyv = defineModels({
  package: 'keyv',
  source: 'https://github.com/jaredwray/keyv/tree/main/packages/keyv#api',
  default: 'Keyv',
  calls: {
    'new Keyv': { neutral: true, fresh: true },
    ...members(['Keyv#'], 'get getMany getRaw getManyRaw', { effect: { kind: 'cache', action: 'get', key } }),
    'Keyv#set': { effect: { kind: 'cache', action: 'set', key, value: 'Argument[1]', ttl: 'Argument[2]' } },
    'Keyv#setMany': { effect: { kind: 'cache', action: 'set', key } },
    ...members(['Keyv#'], 'delete deleteMany', { effect: { kind: 'cache', action: 'delete', key } }),
    ...members(['Keyv#'], 'has hasMany', { effect: { kind: 'cache', action: 'exists', key } }),
    'Keyv#clear': { effect: { kind: 'cache', action: 'delete', key: 'unknown' } },
    'Keyv#disconnect': NEUTRAL,
    'EventManager#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    'EventManager#off': {
      effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' },
    },
  },
});
