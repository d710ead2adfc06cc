/**
 * Event emitters: Node's, whose members many classes declare anew (`Socket#on`, `Process#on`), and two packages with
 * the same words.
 */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const ADD: CallModel = {
  effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' },
  returns: 'This',
};
const ONCE: CallModel = {
  effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', once: true },
  returns: 'This',
};
const REMOVE: CallModel = {
  effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' },
  returns: 'This',
};
const REMOVE_ALL: CallModel = {
  effect: { kind: 'listener', action: 'remove-all', event: 'Argument[0]' },
  returns: 'This',
};

export const EMITTER: Calls = {
  ...members([''], 'on addListener prependListener', ADD),
  ...members([''], 'once prependOnceListener', ONCE),
  ...members([''], 'off removeListener', REMOVE),
  removeAllListeners: REMOVE_ALL,
  setMaxListeners: { neutral: true, returns: 'This' },
  ...members([''], 'emit listenerCount listeners rawListeners eventNames getMaxListeners', NEUTRAL),
};

const MODULES = [
  'node:fs',
  'node:process',
  'node:globals',
  'node:net',
  'node:tls',
  'node:http',
  'node:https',
  'node:http2',
  'node:stream',
  'node:child_process',
  'node:worker_threads',
  'node:cluster',
  'node:readline',
  'node:dgram',
  'node:zlib',
  'node:repl',
  'node:inspector',
];

export const nodeEvents = defineModels({
  package: 'node:events',
  aliases: MODULES,
  source: 'https://nodejs.org/api/events.html',
  default: 'EventEmitter',
  extends: { EventEmitterAsyncResource: 'EventEmitter' },
  calls: {
    ...underEach(['EventEmitter#', '*#'], EMITTER),
    'new EventEmitter': { neutral: true, fresh: true },
    // Promises: they remove their listener themselves, or with the `signal` given.
    ...members(['EventEmitter.', ''], 'once', NEUTRAL),
    ...members(['EventEmitter.', ''], 'on', {
      effect: {
        kind: 'listener',
        action: 'add',
        event: 'Argument[1]',
        options: 'Argument[2]',
        disposer: 'ReturnValue',
      },
      executor: 'Argument[0]',
    }),
    ...members(['EventEmitter.', ''], 'addAbortListener', {
      effect: {
        kind: 'listener',
        action: 'add',
        event: 'Constant[abort]',
        handler: 'Argument[1]',
        disposer: 'ReturnValue',
      },
      executor: 'Argument[0]',
    }),
    ...members(['EventEmitter.', ''], 'listenerCount setMaxListeners getEventListeners getMaxListeners', NEUTRAL),
  },
});

const PLAIN_EMITTER: Calls = {
  ...members([''], 'on addListener', ADD),
  once: ONCE,
  ...members([''], 'off removeListener', REMOVE),
  removeAllListeners: REMOVE_ALL,
  ...members([''], 'emit listenerCount listeners eventNames', NEUTRAL),
};

export const eventemitter3 = defineModels({
  package: 'eventemitter3',
  source: 'https://github.com/primus/eventemitter3#usage',
  default: 'EventEmitter',
  calls: {
    ...underEach(['EventEmitter#'], PLAIN_EMITTER),
    'new EventEmitter': { neutral: true, fresh: true },
  },
});

/** Also behind Nest's `@nestjs/event-emitter`. */
export const eventemitter2 = defineModels({
  package: 'eventemitter2',
  source: 'https://github.com/EventEmitter2/EventEmitter2#api',
  default: 'EventEmitter2',
  calls: {
    ...underEach(['EventEmitter2#'], PLAIN_EMITTER),
    ...members(['EventEmitter2#'], 'emitAsync', NEUTRAL),
    'EventEmitter2#many': ADD,
    'EventEmitter2#onAny': {
      effect: { kind: 'listener', action: 'add', event: 'Constant[*]', handler: 'Argument[0]' },
    },
    'EventEmitter2#offAny': {
      effect: { kind: 'listener', action: 'remove', event: 'Constant[*]', handler: 'Argument[0]' },
    },
    'new EventEmitter2': { neutral: true, fresh: true },
  },
});

export const mitt = defineModels({
  package: 'mitt',
  source: 'https://github.com/developit/mitt#api',
  default: 'mitt',
  calls: {
    mitt: { neutral: true, fresh: true, instance: 'Emitter' },
    'Emitter#on': ADD,
    'Emitter#off': REMOVE,
    'Emitter#emit': NEUTRAL,
  },
});
