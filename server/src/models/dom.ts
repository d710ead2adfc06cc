/**
 * What browsers and Node share as globals: events, timers, observers, sockets, workers, locks, fetch. Declared by the
 * `dom` and `webworker` libraries and again by `@types/node`.
 */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const ADD: CallModel = {
  effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', options: 'Argument[2]' },
};
const REMOVE: CallModel = {
  effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]', options: 'Argument[2]' },
};

/** Until `disconnect`; observing one more target needs no handler. */
const OBSERVE: CallModel = {
  effect: { kind: 'listener', action: 'add', event: 'Constant[observe]', handler: 'This', disposer: 'This' },
};
const DISCONNECT: CallModel = { effect: { kind: 'listener', action: 'remove-all' } };
const UNOBSERVE: CallModel = {
  effect: { kind: 'listener', action: 'remove', event: 'Constant[observe]', handler: 'This' },
};

const PAGE_TIMERS: Calls = {
  setTimeout: {
    effect: { kind: 'timer', action: 'start', handler: 'Argument[0]', delay: 'Argument[1]', handle: 'ReturnValue' },
    callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }],
  },
  setInterval: {
    effect: {
      kind: 'timer',
      action: 'start',
      repeating: true,
      handler: 'Argument[0]',
      delay: 'Argument[1]',
      handle: 'ReturnValue',
    },
    callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }],
  },
  ...members([''], 'clearTimeout clearInterval', {
    effect: { kind: 'timer', action: 'clear', handle: 'Argument[0]' },
  }),
  queueMicrotask: { callbacks: [{ argument: 'Argument[0]', runs: 'soon', returns: 'nothing' }] },
};

const { queueMicrotask: _onlyGlobal, ...MODULE_TIMERS } = PAGE_TIMERS;

/** Node has these both as globals and as members of a module. */
export const TIMERS: Calls = {
  ...MODULE_TIMERS,
  // Runs once, soon, and holds nothing after: not a leak.
  setImmediate: { callbacks: [{ argument: 'Argument[0]', runs: 'soon', returns: 'nothing' }] },
  clearImmediate: { effect: { kind: 'timer', action: 'clear', handle: 'Argument[0]' } },
};

const FRAME: CallModel = {
  effect: { kind: 'timer', action: 'start', handler: 'Argument[0]', handle: 'ReturnValue' },
  callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }],
};
const CANCEL: CallModel = { effect: { kind: 'timer', action: 'clear', handle: 'Argument[0]' } };

const LOCK_CALLBACK: CallModel = {
  callbacks: [
    {
      argument: 'Argument[-1]',
      runs: 'once',
      lock: { key: 'Argument[0]' },
      returns: 'value',
    },
  ],
};

const acquire = (resource: string): CallModel => ({
  effect: { kind: 'resource', action: 'acquire', resource, in: 'ReturnValue' },
  fresh: true,
});
const release = (resource: string): CallModel => ({
  effect: { kind: 'resource', action: 'release', resource, in: 'This' },
});

export const FETCH: CallModel = { effect: { kind: 'request', url: 'Argument[0]', options: 'Argument[1]' } };

export const dom = defineModels({
  package: 'lib',
  aliases: ['node:globals', 'node:process', 'node:timers', 'node:url', 'node:worker_threads', 'undici-types'],
  source: 'https://developer.mozilla.org/docs/Web/API',
  calls: {
    // Every element type declares the pair anew, for its own events.
    ...underEach(['EventTarget#', '*#'], { addEventListener: ADD, removeEventListener: REMOVE }),
    'EventTarget#dispatchEvent': NEUTRAL,
    'MediaQueryList#addListener': {
      effect: { kind: 'listener', action: 'add', event: 'Constant[change]', handler: 'Argument[0]' },
    },
    'MediaQueryList#removeListener': {
      effect: { kind: 'listener', action: 'remove', event: 'Constant[change]', handler: 'Argument[0]' },
    },
    matchMedia: NEUTRAL,

    'new AbortController': { neutral: true, fresh: true },
    'AbortController#abort': NEUTRAL,
    // Statics here, of a nameless type in the declarations.
    ...members(['AbortSignal.', ''], 'timeout any abort', { neutral: true, fresh: true }),
    'AbortSignal#throwIfAborted': NEUTRAL,

    ...PAGE_TIMERS,
    ...TIMERS,
    ...underEach(['WindowOrWorkerGlobalScope#'], PAGE_TIMERS),
    ...members(['', 'AnimationFrameProvider#'], 'requestAnimationFrame', FRAME),
    ...members(['', 'AnimationFrameProvider#'], 'cancelAnimationFrame', CANCEL),
    ...members(['', 'Window#'], 'requestIdleCallback', FRAME),
    ...members(['', 'Window#'], 'cancelIdleCallback', CANCEL),

    ...members(['new '], 'MutationObserver ResizeObserver IntersectionObserver PerformanceObserver ReportingObserver', {
      neutral: true,
      fresh: true,
    }),
    ...members(
      ['MutationObserver#', 'ResizeObserver#', 'IntersectionObserver#', 'PerformanceObserver#', 'ReportingObserver#'],
      'observe',
      OBSERVE,
    ),
    ...members(
      ['MutationObserver#', 'ResizeObserver#', 'IntersectionObserver#', 'PerformanceObserver#', 'ReportingObserver#'],
      'disconnect',
      DISCONNECT,
    ),
    ...members(['ResizeObserver#', 'IntersectionObserver#'], 'unobserve', UNOBSERVE),
    ...members(['MutationObserver#', 'IntersectionObserver#', 'PerformanceObserver#'], 'takeRecords', NEUTRAL),

    'new WebSocket': acquire('socket'),
    'WebSocket#close': release('socket'),
    'WebSocket#send': NEUTRAL,
    'new BroadcastChannel': acquire('channel'),
    'BroadcastChannel#close': release('channel'),
    'BroadcastChannel#postMessage': NEUTRAL,
    'new EventSource': acquire('event source'),
    'EventSource#close': release('event source'),
    'new Worker': acquire('worker'),
    'Worker#terminate': release('worker'),
    'Worker#postMessage': NEUTRAL,
    'MessagePort#close': release('port'),
    // Members of a nameless type in the declarations.
    ...members(['URL.', ''], 'createObjectURL', acquire('object URL')),
    ...members(['URL.', ''], 'revokeObjectURL', {
      effect: { kind: 'resource', action: 'release', resource: 'object URL', in: 'Argument[0]' },
    }),
    'Process#nextTick': { callbacks: [{ argument: 'Argument[0]', runs: 'soon', returns: 'nothing' }] },
    'ReadableStream#getReader': acquire('stream reader'),
    'ReadableStreamDefaultReader#releaseLock': release('stream reader'),
    'ReadableStreamGenericReader#cancel': release('stream reader'),
    'WritableStream#getWriter': acquire('stream writer'),
    'WritableStreamDefaultWriter#releaseLock': release('stream writer'),
    'WritableStreamDefaultWriter#close': release('stream writer'),
    'Geolocation#watchPosition': {
      effect: { kind: 'timer', action: 'start', repeating: true, handler: 'Argument[0]', handle: 'ReturnValue' },
    },
    'Geolocation#clearWatch': CANCEL,

    fetch: FETCH,
    'WindowOrWorkerGlobalScope#fetch': FETCH,
    ...members(['Body#'], 'json text blob arrayBuffer formData bytes', NEUTRAL),
    ...members(['Response#', 'Request#'], 'clone', NEUTRAL),
    'Navigator#sendBeacon': FETCH,

    // Not reentrant: a request for a name that is held waits.
    'LockManager#request': LOCK_CALLBACK,
    'LockManager#query': NEUTRAL,

    // Synchronous key-value stores of the page: no gap between two calls, but other tabs write too.
    'Storage#getItem': { effect: { kind: 'cache', action: 'get', key: 'Argument[0]', inProcess: true } },
    'Storage#setItem': {
      effect: { kind: 'cache', action: 'set', key: 'Argument[0]', value: 'Argument[1]', inProcess: true },
    },
    'Storage#removeItem': { effect: { kind: 'cache', action: 'delete', key: 'Argument[0]', inProcess: true } },

    'Error.captureStackTrace': NEUTRAL,
    structuredClone: { neutral: true, returns: 'Argument[0]', fresh: true },
    ...members([''], 'atob btoa', NEUTRAL),
    ...members(
      ['Console#', 'console.'],
      'log info warn error debug trace table group groupEnd time timeEnd dir assert count',
      NEUTRAL,
    ),
    ...members(['Performance#'], 'now mark measure', NEUTRAL),
    ...members(['Crypto#'], 'randomUUID getRandomValues', NEUTRAL),
    ...members(['SubtleCrypto#'], 'digest sign verify encrypt decrypt', NEUTRAL),
    ...members(['URLSearchParams#', 'FormData#'], 'get getAll has set append delete keys values entries', NEUTRAL),
    ...members(['Headers#'], 'get has set append delete keys values entries', NEUTRAL),
    ...members(['Document#'], 'createElement createTextNode getElementById', NEUTRAL),
    ...members(['ParentNode#'], 'querySelector querySelectorAll append prepend replaceChildren', NEUTRAL),
    'NonElementParentNode#getElementById': NEUTRAL,
    'ChildNode#remove': NEUTRAL,
    ...members(['Node#'], 'appendChild removeChild insertBefore contains', NEUTRAL),
    ...members(['Element#'], 'getAttribute setAttribute removeAttribute closest matches', NEUTRAL),
  },
});
