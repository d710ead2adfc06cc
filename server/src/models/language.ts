/**
 * The language's own library: what runs a callback, what touches a container in memory, what does neither.
 *
 * An entry that is only `neutral` gives a value computed from its receiver and arguments (`Math.max`, `JSON.parse`).
 */

import { members, NEUTRAL, underEach } from './entries.ts';
import { type CallbackModel, type CallModel, defineModels } from './model.ts';

const TYPED_ARRAYS = [
  'Int8Array#',
  'Uint8Array#',
  'Uint8ClampedArray#',
  'Int16Array#',
  'Uint16Array#',
  'Int32Array#',
  'Uint32Array#',
  'Float32Array#',
  'Float64Array#',
  'BigInt64Array#',
  'BigUint64Array#',
];

/**
 * Once per element, each call started when the one before has returned: an async callback's runs overlap. For a
 * callback without awaits the two are the same.
 */
const PER_ELEMENT: CallbackModel = {
  argument: 'Argument[0]',
  runs: 'each',
  over: 'This',
  concurrency: 'parallel',
  parameters: ['This.Element', 'unknown', 'This'],
  returns: 'nothing',
};

const perElement = (returns?: string): CallModel =>
  returns === undefined ? { callbacks: [PER_ELEMENT] } : { callbacks: [PER_ELEMENT], returns };

/** A reducer awaits the accumulator first in all async code that works: one at a time. */
const REDUCE: CallModel = {
  callbacks: [
    {
      argument: 'Argument[0]',
      runs: 'each',
      over: 'This',
      concurrency: 'sequential',
      parameters: ['unknown', 'This.Element', 'unknown', 'This'],
      returns: 'value',
    },
  ],
};

const COMPARE: CallbackModel = {
  argument: 'Argument[0]',
  runs: 'each',
  over: 'This',
  concurrency: 'sequential',
  parameters: ['This.Element', 'This.Element'],
  returns: 'nothing',
};

const ARRAY_READS: Readonly<Record<string, CallModel>> = {
  map: { callbacks: [{ ...PER_ELEMENT, returns: 'list' }] },
  flatMap: { callbacks: [{ ...PER_ELEMENT, returns: 'list' }] },
  forEach: perElement(),
  filter: perElement('This'),
  some: { ...perElement(), effect: { kind: 'memory', action: 'has', target: 'This' } },
  every: perElement(),
  find: { ...perElement('This.Element'), effect: { kind: 'memory', action: 'get', target: 'This' } },
  findLast: { ...perElement('This.Element'), effect: { kind: 'memory', action: 'get', target: 'This' } },
  findIndex: { ...perElement(), effect: { kind: 'memory', action: 'has', target: 'This' } },
  findLastIndex: { ...perElement(), effect: { kind: 'memory', action: 'has', target: 'This' } },
  reduce: REDUCE,
  reduceRight: REDUCE,
  includes: { effect: { kind: 'memory', action: 'has', target: 'This', value: 'Argument[0]' } },
  indexOf: { effect: { kind: 'memory', action: 'has', target: 'This', value: 'Argument[0]' } },
  lastIndexOf: { effect: { kind: 'memory', action: 'has', target: 'This', value: 'Argument[0]' } },
  at: { effect: { kind: 'memory', action: 'get', target: 'This', key: 'Argument[0]' }, returns: 'This.Element' },
  slice: { neutral: true, returns: 'This', fresh: true },
  concat: { neutral: true, returns: 'This', fresh: true },
  flat: { neutral: true, returns: 'This.Element', fresh: true },
  toSorted: { callbacks: [COMPARE], returns: 'This', fresh: true },
  toReversed: { neutral: true, returns: 'This', fresh: true },
  toSpliced: { neutral: true, returns: 'This', fresh: true },
  with: { neutral: true, returns: 'This', fresh: true },
  join: NEUTRAL,
  keys: NEUTRAL,
  values: { neutral: true, returns: 'This' },
  entries: NEUTRAL,
};

const ARRAY_WRITES: Readonly<Record<string, CallModel>> = {
  push: { effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' } },
  unshift: { effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' } },
  fill: { effect: { kind: 'memory', action: 'add', target: 'This', value: 'Argument[0]' }, returns: 'This' },
  pop: { effect: { kind: 'memory', action: 'delete', target: 'This' }, returns: 'This.Element' },
  shift: { effect: { kind: 'memory', action: 'delete', target: 'This' }, returns: 'This.Element' },
  splice: { effect: { kind: 'memory', action: 'delete', target: 'This', key: 'Argument[0]' }, returns: 'This' },
  sort: { callbacks: [COMPARE], returns: 'This' },
  reverse: { neutral: true, returns: 'This' },
  copyWithin: { neutral: true, returns: 'This' },
};

const ENTRY_CALLBACK: CallModel = {
  callbacks: [{ ...PER_ELEMENT, parameters: ['This.Element', 'unknown', 'This'] }],
};

const MAP_READS: Readonly<Record<string, CallModel>> = {
  get: { effect: { kind: 'memory', action: 'get', target: 'This', key: 'Argument[0]' }, returns: 'This.Element' },
  has: { effect: { kind: 'memory', action: 'has', target: 'This', key: 'Argument[0]' } },
  forEach: ENTRY_CALLBACK,
  keys: { neutral: true, returns: 'This' },
  values: { neutral: true, returns: 'This' },
  entries: { neutral: true, returns: 'This' },
};

const SET: CallModel = {
  effect: { kind: 'memory', action: 'add', target: 'This', key: 'Argument[0]', value: 'Argument[1]' },
  returns: 'This',
};
const ADD: CallModel = {
  effect: { kind: 'memory', action: 'add', target: 'This', key: 'Argument[0]', value: 'Argument[0]' },
  returns: 'This',
};
const HAS: CallModel = { effect: { kind: 'memory', action: 'has', target: 'This', key: 'Argument[0]' } };
const DELETE: CallModel = { effect: { kind: 'memory', action: 'delete', target: 'This', key: 'Argument[0]' } };
const CLEAR: CallModel = { effect: { kind: 'memory', action: 'clear', target: 'This' } };

const SET_ALGEBRA = 'union intersection difference symmetricDifference isSubsetOf isSupersetOf isDisjointFrom';

export const language = defineModels({
  package: 'lib',
  source: 'https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects',
  extends: { ReadonlyArray: 'Array', ReadonlyMap: 'Map', ReadonlySet: 'Set' },
  calls: {
    ...underEach(['Array#'], { ...ARRAY_READS, ...ARRAY_WRITES }),
    ...underEach(['ReadonlyArray#'], ARRAY_READS),
    ...members(
      TYPED_ARRAYS,
      'map forEach filter some every find findIndex reduce reduceRight includes indexOf lastIndexOf slice subarray set join keys values entries at fill sort reverse copyWithin',
      NEUTRAL,
    ),
    'Array.from': {
      callbacks: [
        {
          argument: 'Argument[1]',
          runs: 'each',
          over: 'Argument[0]',
          concurrency: 'parallel',
          parameters: ['Argument[0].Element', 'unknown'],
          returns: 'list',
        },
      ],
      returns: 'Argument[0]',
      fresh: true,
    },
    'Array.of': { neutral: true, returns: 'Arguments[0..]', fresh: true },
    'Array.isArray': NEUTRAL,
    'new Array': { neutral: true, fresh: true },

    ...underEach(['Map#'], { ...MAP_READS, set: SET, delete: DELETE, clear: CLEAR }),
    ...underEach(['ReadonlyMap#'], MAP_READS),
    ...underEach(['Set#'], {
      add: ADD,
      has: HAS,
      delete: DELETE,
      clear: CLEAR,
      forEach: ENTRY_CALLBACK,
      keys: { neutral: true, returns: 'This' },
      values: { neutral: true, returns: 'This' },
      entries: { neutral: true, returns: 'This' },
    }),
    ...underEach(['ReadonlySet#'], { has: HAS, forEach: ENTRY_CALLBACK }),
    ...members(['ReadonlySet#'], 'keys values entries', { neutral: true, returns: 'This' }),
    ...members(['Set#', 'ReadonlySet#'], SET_ALGEBRA, { neutral: true, fresh: true }),
    // Weak collections drop their entries with the key: they never grow on their own, yet can be raced.
    ...underEach(['WeakMap#'], {
      get: { effect: { kind: 'memory', action: 'get', target: 'This', key: 'Argument[0]' }, returns: 'This.Element' },
      has: HAS,
      set: SET,
      delete: DELETE,
    }),
    ...underEach(['WeakSet#'], { add: ADD, has: HAS, delete: DELETE }),
    'WeakRef#deref': NEUTRAL,
    ...members(['new '], 'Map Set', { neutral: true, fresh: true, returns: 'Argument[0]' }),
    ...members(['new '], 'WeakMap WeakSet', { neutral: true, fresh: true }),
    ...members(['new '], 'WeakRef Date Error TypeError RangeError RegExp URL URLSearchParams', {
      neutral: true,
      fresh: true,
    }),
    'Map.groupBy': {
      callbacks: [
        { ...PER_ELEMENT, argument: 'Argument[1]', over: 'Argument[0]', parameters: ['Argument[0].Element'] },
      ],
      returns: 'Argument[0]',
      fresh: true,
    },

    'Promise.all': { neutral: true, returns: 'Argument[0]' },
    'Promise.allSettled': { neutral: true, returns: 'Argument[0]' },
    'Promise.race': { neutral: true, returns: 'Argument[0].Element' },
    'Promise.any': { neutral: true, returns: 'Argument[0].Element' },
    'Promise.resolve': { neutral: true, returns: 'Argument[0]' },
    'Promise.reject': NEUTRAL,
    'Promise.withResolvers': { neutral: true, fresh: true },
    'Promise.try': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }] },
    'new Promise': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'nothing' }], fresh: true },
    ...members(['Promise#', 'PromiseLike#'], 'then', {
      callbacks: [
        { argument: 'Argument[0]', runs: 'once', parameters: ['This.Awaited'], returns: 'value' },
        { argument: 'Argument[1]', runs: 'once', returns: 'value' },
      ],
    }),
    'Promise#catch': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }], returns: 'This' },
    'Promise#finally': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'nothing' }], returns: 'This' },

    'JSON.parse': { neutral: true, returns: 'Argument[0]', fresh: true },
    'JSON.stringify': { neutral: true, returns: 'Argument[0]' },

    // Copies properties onto its first argument: a mutation of an entity when that is one.
    'Object.assign': {
      effect: { kind: 'memory', action: 'add', target: 'Argument[0]', value: 'Arguments[1..]' },
      returns: 'Argument[0]',
    },
    ...members(['Object.'], 'keys values entries fromEntries freeze seal preventExtensions', {
      neutral: true,
      returns: 'Argument[0]',
    }),
    ...members(
      ['Object.'],
      'create is isFrozen isSealed isExtensible getPrototypeOf setPrototypeOf hasOwn getOwnPropertyNames getOwnPropertySymbols getOwnPropertyDescriptor getOwnPropertyDescriptors defineProperty defineProperties',
      NEUTRAL,
    ),
    'Object.groupBy': {
      callbacks: [
        { ...PER_ELEMENT, argument: 'Argument[1]', over: 'Argument[0]', parameters: ['Argument[0].Element'] },
      ],
      returns: 'Argument[0]',
      fresh: true,
    },
    ...members(
      ['Object#'],
      'hasOwnProperty isPrototypeOf propertyIsEnumerable toString toLocaleString valueOf',
      NEUTRAL,
    ),
    ...members(['Reflect.'], 'get set has ownKeys deleteProperty getPrototypeOf defineProperty', NEUTRAL),

    ...members(
      ['Math.'],
      'abs ceil floor round trunc sign max min pow sqrt cbrt exp log log2 log10 random hypot sin cos tan atan atan2 clz32 fround imul',
      NEUTRAL,
    ),
    ...members(['Number.'], 'isFinite isInteger isNaN isSafeInteger parseFloat parseInt', NEUTRAL),
    ...members(['Number#'], 'toFixed toString toPrecision toExponential toLocaleString valueOf', NEUTRAL),
    ...members(['BigInt#', 'Boolean#', 'Symbol#'], 'toString valueOf', NEUTRAL),
    ...members(['BigInt.'], 'asIntN asUintN', NEUTRAL),
    ...members(['Symbol.'], 'for keyFor', NEUTRAL),
    ...members(
      ['String#'],
      'at charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf localeCompare match matchAll normalize padEnd padStart repeat search slice split startsWith substr substring toLocaleLowerCase toLocaleUpperCase toLowerCase toString toUpperCase trim trimEnd trimStart valueOf isWellFormed toWellFormed',
      NEUTRAL,
    ),
    ...underEach(['String#'], {
      replace: {
        callbacks: [
          { argument: 'Argument[1]', runs: 'each', over: 'This', concurrency: 'sequential', returns: 'nothing' },
        ],
      },
      replaceAll: {
        callbacks: [
          { argument: 'Argument[1]', runs: 'each', over: 'This', concurrency: 'sequential', returns: 'nothing' },
        ],
      },
    }),
    ...members(['String.'], 'fromCharCode fromCodePoint raw', NEUTRAL),
    ...members(['RegExp#'], 'test exec toString', NEUTRAL),
    ...members(['Date.'], 'now parse UTC', NEUTRAL),
    ...members(
      ['Date#'],
      'getTime getDate getDay getFullYear getHours getMilliseconds getMinutes getMonth getSeconds getTimezoneOffset getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes getUTCMonth getUTCSeconds setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setTime setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth setUTCSeconds toISOString toJSON toString toDateString toTimeString toUTCString toLocaleString toLocaleDateString toLocaleTimeString valueOf',
      NEUTRAL,
    ),
    ...members(['Error#'], 'toString', NEUTRAL),
    'CallableFunction#bind': { neutral: true, returns: 'This' },
    'CallableFunction#call': {
      callbacks: [
        { argument: 'This', runs: 'once', parameters: ['Argument[1]', 'Argument[2]', 'Argument[3]'], returns: 'value' },
      ],
    },
    'CallableFunction#apply': { callbacks: [{ argument: 'This', runs: 'once', returns: 'value' }] },
    'Function#bind': { neutral: true, returns: 'This' },
    'Function#call': {
      callbacks: [
        { argument: 'This', runs: 'once', parameters: ['Argument[1]', 'Argument[2]', 'Argument[3]'], returns: 'value' },
      ],
    },
    'Function#apply': { callbacks: [{ argument: 'This', runs: 'once', returns: 'value' }] },
    ...members(['Generator#', 'AsyncGenerator#', 'Iterator#', 'AsyncIterator#'], 'next return throw', NEUTRAL),
    ...members(['IteratorObject#'], 'map flatMap', {
      callbacks: [
        { ...PER_ELEMENT, concurrency: 'sequential', parameters: ['This.Element', 'unknown'], returns: 'list' },
      ],
    }),
    ...members(['IteratorObject#'], 'forEach some every', {
      callbacks: [{ ...PER_ELEMENT, parameters: ['This.Element', 'unknown'] }],
    }),
    ...members(['IteratorObject#'], 'filter', {
      callbacks: [{ ...PER_ELEMENT, parameters: ['This.Element', 'unknown'] }],
      returns: 'This',
    }),
    'IteratorObject#find': {
      callbacks: [{ ...PER_ELEMENT, parameters: ['This.Element', 'unknown'] }],
      returns: 'This.Element',
    },
    'IteratorObject#reduce': REDUCE,
    ...members(['IteratorObject#'], 'take drop toArray', { neutral: true, returns: 'This' }),
    ...members(['DateTimeFormat#', 'NumberFormat#'], 'format formatToParts resolvedOptions', NEUTRAL),

    ...members(
      [''],
      'parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI',
      NEUTRAL,
    ),
    ...members([''], 'String Number Boolean BigInt Symbol Date Object Array Error TypeError', NEUTRAL),
  },
});
