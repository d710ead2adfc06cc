/** Limiters, retries, locks and batching: what makes a call wait its turn, try again, or run alone. */

import { members, NEUTRAL } from './entries.ts';
import { type CallbackModel, type CallModel, defineModels } from './model.ts';

const ADMISSION: CallModel = { effect: { kind: 'wait', for: 'admission' } };

/** Runs the function once, when there is room. */
const limitedRun = (argument: string, rest: Partial<CallbackModel> = {}): CallModel => ({
  callbacks: [{ argument, runs: 'once', limited: true, returns: 'value', ...rest }],
});
const retried = (argument: string, rest: Partial<CallbackModel> = {}): CallModel => ({
  callbacks: [{ argument, runs: 'retry', returns: 'value', ...rest }],
});

export const pLimit = defineModels({
  package: 'p-limit',
  source: 'https://github.com/sindresorhus/p-limit#api',
  default: 'pLimit',
  calls: {
    pLimit: { neutral: true, fresh: true, instance: 'LimitFunction' },
    'LimitFunction()': limitedRun('Argument[0]', { parameters: ['Argument[1]', 'Argument[2]', 'Argument[3]'] }),
    // Members of a nameless type in the declarations.
    '*#map': {
      callbacks: [
        {
          argument: 'Argument[1]',
          runs: 'each',
          over: 'Argument[0]',
          concurrency: 'limited',
          parameters: ['Argument[0].Element', 'unknown'],
          limited: true,
          returns: 'list',
        },
      ],
    },
    '*#clearQueue': NEUTRAL,
    limitFunction: { wraps: { argument: 'Argument[0]', runs: 'once', limited: true, returns: 'value' } },
  },
});

/** Without `concurrency` (or `intervalCap`) a queue runs everything at once. */
export const pQueue = defineModels({
  package: 'p-queue',
  source: 'https://github.com/sindresorhus/p-queue#api',
  default: 'PQueue',
  extends: { PQueue: 'eventemitter3#EventEmitter' },
  calls: {
    'new PQueue': { neutral: true, fresh: true, returns: 'Argument[0]' },
    'PQueue#add': {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', limitedIf: 'This.Member[concurrency]', returns: 'value' }],
    },
    'PQueue#addAll': {
      callbacks: [
        {
          argument: 'Argument[0].Element',
          runs: 'each',
          over: 'Argument[0]',
          concurrency: 'parallel',
          limitedIf: 'This.Member[concurrency]',
          returns: 'list',
        },
      ],
    },
    ...members(['PQueue#'], 'onIdle onEmpty onSizeLessThan onPendingZero onRateLimit onRateLimitCleared', ADMISSION),
    ...members(['PQueue#'], 'start pause clear sizeBy setPriority onError', NEUTRAL),
  },
});

/** `concurrency` is Infinity unless given. */
const MAPPED: CallbackModel = {
  argument: 'Argument[1]',
  runs: 'each',
  over: 'Argument[0]',
  concurrency: 'parallel',
  parameters: ['Argument[0].Element', 'unknown'],
  limitedIf: 'Argument[2].Member[concurrency]',
  returns: 'list',
};

export const pMap = defineModels({
  package: 'p-map',
  aliases: ['p-each-series', 'p-filter'],
  source: 'https://github.com/sindresorhus/p-map#api',
  default: 'pMap',
  calls: {
    pMap: { callbacks: [MAPPED] },
    pMapIterable: { callbacks: [MAPPED] },
  },
});

export const pMapSeries = defineModels({
  package: 'p-map-series',
  source: 'https://github.com/sindresorhus/p-map-series',
  default: 'pMapSeries',
  calls: {
    pMapSeries: {
      callbacks: [
        {
          argument: 'Argument[1]',
          runs: 'each',
          over: 'Argument[0]',
          concurrency: 'sequential',
          parameters: ['Argument[0].Element', 'unknown'],
          returns: 'list',
        },
      ],
    },
  },
});

export const pAll = defineModels({
  package: 'p-all',
  source: 'https://github.com/sindresorhus/p-all',
  default: 'pAll',
  calls: {
    pAll: {
      callbacks: [
        {
          argument: 'Argument[0].Element',
          runs: 'each',
          over: 'Argument[0]',
          concurrency: 'parallel',
          limitedIf: 'Argument[1].Member[concurrency]',
          returns: 'list',
        },
      ],
    },
  },
});

export const pThrottle = defineModels({
  package: 'p-throttle',
  source: 'https://github.com/sindresorhus/p-throttle#api',
  default: 'pThrottle',
  calls: {
    pThrottle: { neutral: true, fresh: true, instance: 'ThrottledFunctionFactory' },
    'ThrottledFunctionFactory()': {
      wraps: { argument: 'Argument[0]', runs: 'once', limited: true, returns: 'value' },
    },
  },
});

const SCHEDULE: CallModel = {
  ...limitedRun('Argument[0]', { parameters: ['Argument[1]', 'Argument[2]', 'Argument[3]'] }),
  forms: [
    {
      arguments: ['object', 'value', '...'],
      model: limitedRun('Argument[1]', { parameters: ['Argument[2]', 'Argument[3]', 'Argument[4]'] }),
    },
  ],
};

export const bottleneck = defineModels({
  package: 'bottleneck',
  source: 'https://github.com/SGrondin/bottleneck#api',
  default: 'Bottleneck',
  calls: {
    'new Bottleneck': { neutral: true, fresh: true, returns: 'Argument[0]' },
    ...members(['Bottleneck#'], 'schedule', SCHEDULE),
    'Bottleneck#submit': limitedRun('Argument[0]'),
    'Bottleneck#wrap': { wraps: { argument: 'Argument[0]', runs: 'once', limited: true, returns: 'value' } },
    'Bottleneck#chain': { neutral: true, returns: 'This' },
    'Group#key': { neutral: true, returns: 'This', instance: 'Bottleneck' },
    'Bottleneck#updateSettings': NEUTRAL,
    ...members(
      ['Bottleneck#'],
      'counts jobStatus jobs queued empty running done check stop disconnect ready incrementReservoir currentReservoir',
      NEUTRAL,
    ),
    'Bottleneck#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    'Bottleneck#once': {
      effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', once: true },
    },
    'Bottleneck#removeAllListeners': { effect: { kind: 'listener', action: 'remove-all', event: 'Argument[0]' } },
  },
});

export const limiter = defineModels({
  package: 'limiter',
  source: 'https://github.com/jhurliman/node-rate-limiter#usage',
  calls: {
    ...members(['new '], 'RateLimiter TokenBucket', { neutral: true, fresh: true }),
    ...members(['RateLimiter#', 'TokenBucket#'], 'removeTokens', ADMISSION),
    ...members(['RateLimiter#', 'TokenBucket#'], 'tryRemoveTokens getWaitTime', NEUTRAL),
    ...members(['RateLimiter#'], 'getTokensRemaining', NEUTRAL),
    'TokenBucket#drip': NEUTRAL,
  },
});

/** `consume` rejects instead of waiting: what comes after it is admitted. */
export const rateLimiterFlexible = defineModels({
  package: 'rate-limiter-flexible',
  source: 'https://github.com/animir/node-rate-limiter-flexible/wiki/API-methods',
  calls: {
    'RateLimiterAbstract#consume': ADMISSION,
    'RateLimiterQueue#removeTokens': ADMISSION,
    ...members(['RateLimiterAbstract#'], 'penalty reward get set block delete getKey', NEUTRAL),
    ...members(
      ['new '],
      'RateLimiterMemory RateLimiterRedis RateLimiterQueue RateLimiterMongo RateLimiterPostgres RateLimiterMySQL RateLimiterCluster RateLimiterMemcache',
      { neutral: true, fresh: true },
    ),
  },
  extends: {
    RateLimiterMemory: 'RateLimiterAbstract',
    RateLimiterStoreAbstract: 'RateLimiterAbstract',
    RateLimiterRedis: 'RateLimiterStoreAbstract',
    RateLimiterMongo: 'RateLimiterStoreAbstract',
    RateLimiterPostgres: 'RateLimiterStoreAbstract',
    RateLimiterMySQL: 'RateLimiterStoreAbstract',
    RateLimiterMemcache: 'RateLimiterStoreAbstract',
    RateLimiterCluster: 'RateLimiterAbstract',
  },
});

/** `each(list, iteratee)`; `eachLimit(list, n, iteratee)`. */
const asyncEach = (argument: number, concurrency: CallbackModel['concurrency'], list = false): CallModel => ({
  callbacks: [
    {
      argument: `Argument[${argument}]`,
      runs: 'each',
      over: 'Argument[0]',
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(concurrency === 'limited' ? ({ limited: true } as const) : {}),
      parameters: ['Argument[0].Element'],
      returns: list ? 'list' : 'nothing',
    },
  ],
});

const TASKS = (concurrency: CallbackModel['concurrency']): CallModel => ({
  callbacks: [
    {
      argument: 'Argument[0].Element',
      runs: 'each',
      over: 'Argument[0]',
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(concurrency === 'limited' ? ({ limited: true } as const) : {}),
      returns: 'list',
    },
  ],
});

const ASYNC_LISTS = 'map flatMap concat mapValues groupBy filter select reject sortBy';
const ASYNC_TESTS = 'each forEach eachOf forEachOf detect find some any every all';
const suffixed = (names: string, suffix: string): string =>
  names
    .split(' ')
    .map((name) => `${name}${suffix}`)
    .join(' ');

export const asyncLibrary = defineModels({
  package: 'async',
  source: 'https://caolan.github.io/async/v3/docs.html',
  default: 'async',
  calls: {
    ...members([''], ASYNC_LISTS, asyncEach(1, 'parallel', true)),
    ...members([''], ASYNC_TESTS, asyncEach(1, 'parallel')),
    ...members([''], suffixed(ASYNC_LISTS.replace(' sortBy', ''), 'Series'), asyncEach(1, 'sequential', true)),
    ...members([''], suffixed(ASYNC_TESTS, 'Series'), asyncEach(1, 'sequential')),
    ...members([''], suffixed(ASYNC_LISTS.replace(' sortBy', ''), 'Limit'), asyncEach(2, 'limited', true)),
    ...members([''], suffixed(ASYNC_TESTS, 'Limit'), asyncEach(2, 'limited')),
    ...members([''], 'parallel', TASKS('parallel')),
    ...members([''], 'series waterfall', TASKS('sequential')),
    parallelLimit: TASKS('limited'),
    ...members([''], 'times', asyncEach(1, 'parallel', true)),
    timesSeries: asyncEach(1, 'sequential', true),
    timesLimit: asyncEach(2, 'limited', true),
    // Attempts follow at once or at a constant interval, unless `interval` is a function.
    retry: {
      ...retried('Argument[1]'),
      forms: [{ arguments: ['function', '...'], model: retried('Argument[0]') }],
    },
    retryable: {
      wraps: { argument: 'Argument[-1]', runs: 'retry', returns: 'value' },
    },
    // A worker per task, at most `concurrency` (1 by default) at a time.
    ...members([''], 'queue priorityQueue cargo cargoQueue', {
      callbacks: [
        { argument: 'Argument[0]', runs: 'later', limited: true, concurrency: 'limited', returns: 'nothing' },
      ],
      instance: 'QueueObject',
    }),
    ...members(['QueueObject#'], 'push unshift pushAsync unshiftAsync', NEUTRAL),
    ...members(['QueueObject#'], 'drain idle kill pause resume', NEUTRAL),
    ...members([''], 'whilst until doWhilst doUntil forever', {
      callbacks: [{ argument: 'Argument[-1]', runs: 'later', returns: 'nothing' }],
    }),
    ...members([''], 'asyncify reflect ensureAsync timeout', {
      wraps: { argument: 'Argument[0]', runs: 'once', returns: 'value' },
    }),
  },
});

/** Ten retries by default, waits doubling from one second; jitter only with `randomize`. */
const BACKED_OFF = retried('Argument[0]', { backoff: true });

export const pRetry = defineModels({
  package: 'p-retry',
  source: 'https://github.com/sindresorhus/p-retry#api',
  default: 'pRetry',
  calls: {
    pRetry: BACKED_OFF,
    makeRetriable: { wraps: { argument: 'Argument[0]', runs: 'retry', backoff: true, returns: 'value' } },
    'new AbortError': NEUTRAL,
  },
});

export const asyncRetry = defineModels({
  package: 'async-retry',
  source: 'https://github.com/vercel/async-retry#api',
  default: 'AsyncRetry',
  calls: { AsyncRetry: BACKED_OFF },
});

export const exponentialBackoff = defineModels({
  package: 'exponential-backoff',
  source: 'https://github.com/coveo/exponential-backoff#backoff',
  calls: { backOff: BACKED_OFF },
});

/** `retry(policy, { maxAttempts, backoff })`: without `backoff` attempts follow each other at once. */
export const cockatiel = defineModels({
  package: 'cockatiel',
  source: 'https://github.com/connor4312/cockatiel#retrypolicy-options',
  extends: {
    RetryPolicy: 'IPolicy',
    BulkheadPolicy: 'IPolicy',
    CircuitBreakerPolicy: 'IPolicy',
    TimeoutPolicy: 'IPolicy',
    FallbackPolicy: 'IPolicy',
    NoopPolicy: 'IPolicy',
    IMergedPolicy: 'IPolicy',
  },
  calls: {
    retry: { neutral: true, fresh: true, returns: 'Argument[1]', instance: 'RetryPolicy' },
    bulkhead: { neutral: true, fresh: true, instance: 'BulkheadPolicy' },
    circuitBreaker: { neutral: true, fresh: true, instance: 'CircuitBreakerPolicy' },
    timeout: { neutral: true, fresh: true, instance: 'TimeoutPolicy' },
    fallback: { neutral: true, fresh: true, instance: 'FallbackPolicy' },
    wrap: { neutral: true, fresh: true, returns: 'Argument[0]', instance: 'IMergedPolicy' },
    'RetryPolicy#execute': retried('Argument[0]', { backoffIf: 'This.Member[backoff]' }),
    'BulkheadPolicy#execute': limitedRun('Argument[0]'),
    ...members(['IPolicy#', 'CircuitBreakerPolicy#', 'TimeoutPolicy#', 'FallbackPolicy#', 'NoopPolicy#'], 'execute', {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }],
    }),
    ...members([''], 'handleAll handleType handleWhen handleResultType handleWhenResult noop usePolicy', NEUTRAL),
    ...members(['new '], 'ExponentialBackoff ConstantBackoff IterableBackoff DelegateBackoff', {
      neutral: true,
      fresh: true,
    }),
    ...members(['new '], 'ConsecutiveBreaker SamplingBreaker CountBreaker', { neutral: true, fresh: true }),
  },
});

const EXCLUSIVE: CallModel = {
  callbacks: [{ argument: 'Argument[0]', runs: 'once', lock: { key: 'This' }, returns: 'value' }],
};
const ACQUIRE: CallModel = {
  effect: { kind: 'lock', action: 'acquire', key: 'This', releaser: 'ReturnValue.Awaited' },
};

/** Not reentrant. A semaphore of more than one permit bounds concurrency and excludes nobody. */
export const asyncMutex = defineModels({
  package: 'async-mutex',
  source: 'https://github.com/DirtyHairy/async-mutex#api',
  extends: { Mutex: 'MutexInterface', Semaphore: 'SemaphoreInterface' },
  calls: {
    ...members(['new '], 'Mutex Semaphore', { neutral: true, fresh: true }),
    ...members(['Mutex#', 'MutexInterface#'], 'runExclusive', EXCLUSIVE),
    ...members(['Mutex#', 'MutexInterface#'], 'acquire', ACQUIRE),
    ...members(['Mutex#', 'MutexInterface#'], 'release', { effect: { kind: 'lock', action: 'release', key: 'This' } }),
    ...members(['Semaphore#', 'SemaphoreInterface#'], 'runExclusive', limitedRun('Argument[0]')),
    ...members(['Semaphore#', 'SemaphoreInterface#'], 'acquire', ADMISSION),
    ...members(['Semaphore#', 'SemaphoreInterface#'], 'release getValue setValue', NEUTRAL),
    ...members(
      ['Mutex#', 'MutexInterface#', 'Semaphore#', 'SemaphoreInterface#'],
      'isLocked waitForUnlock cancel',
      NEUTRAL,
    ),
    ...members([''], 'withTimeout tryAcquire', { neutral: true, returns: 'Argument[0]', instance: 'MutexInterface' }),
  },
});

/** `acquire(key, fn)`, `acquire([keys], fn)`; reentrant only with `domainReentrant`. */
export const asyncLock = defineModels({
  package: 'async-lock',
  source: 'https://github.com/rogierschouten/async-lock#usage',
  default: 'AsyncLock',
  calls: {
    'new AsyncLock': { neutral: true, fresh: true },
    'AsyncLock#acquire': {
      callbacks: [{ argument: 'Argument[1]', runs: 'once', lock: { key: 'Argument[0]' }, returns: 'value' }],
    },
    'AsyncLock#isBusy': NEUTRAL,
  },
});

/** Version 5 (`acquire`, `using`) and 4 (`lock`, `unlock`). */
export const redlock = defineModels({
  package: 'redlock',
  aliases: ['@sesamecare-oss/redlock'],
  source: 'https://github.com/mike-marcacci/node-redlock#usage',
  default: 'Redlock',
  calls: {
    'new Redlock': { neutral: true, fresh: true },
    ...members(['Redlock#'], 'acquire lock', {
      effect: { kind: 'lock', action: 'acquire', key: 'Argument[0]', distributed: true },
      instance: 'Lock',
    }),
    'Redlock#using': {
      callbacks: [
        {
          argument: 'Argument[-1]',
          runs: 'once',
          lock: { key: 'Argument[0]', distributed: true },
          returns: 'value',
        },
      ],
    },
    ...members(['Lock#'], 'release unlock', {
      effect: { kind: 'lock', action: 'release', key: 'This', distributed: true },
    }),
    ...members(['Redlock#'], 'release unlock', {
      effect: { kind: 'lock', action: 'release', key: 'Argument[0]', distributed: true },
    }),
    ...members(['Lock#', 'Redlock#'], 'extend', NEUTRAL),
    'Redlock#quit': NEUTRAL,
    'Redlock#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
  },
});

export const properLockfile = defineModels({
  package: 'proper-lockfile',
  source: 'https://github.com/moxystudio/node-proper-lockfile#api',
  calls: {
    lock: {
      effect: {
        kind: 'lock',
        action: 'acquire',
        key: 'Argument[0]',
        distributed: true,
        releaser: 'ReturnValue.Awaited',
      },
    },
    lockSync: {
      effect: { kind: 'lock', action: 'acquire', key: 'Argument[0]', distributed: true, releaser: 'ReturnValue' },
    },
    ...members([''], 'unlock unlockSync', {
      effect: { kind: 'lock', action: 'release', key: 'Argument[0]', distributed: true },
    }),
    ...members([''], 'check checkSync', NEUTRAL),
  },
});

export const bluebird = defineModels({
  package: 'bluebird',
  source: 'http://bluebirdjs.com/docs/api/promise.map.html',
  default: 'Bluebird',
  calls: {
    ...members(['Bluebird.'], 'map filter', { callbacks: [MAPPED] }),
    ...members(['Bluebird.'], 'each mapSeries reduce', asyncEach(1, 'sequential', true)),
    'Bluebird#map': {
      callbacks: [
        {
          ...MAPPED,
          argument: 'Argument[0]',
          over: 'This.Awaited',
          parameters: ['This.Awaited.Element', 'unknown'],
          limitedIf: 'Argument[1].Member[concurrency]',
        },
      ],
    },
    ...members(['Bluebird#'], 'each mapSeries', {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'each',
          over: 'This.Awaited',
          concurrency: 'sequential',
          parameters: ['This.Awaited.Element', 'unknown'],
          returns: 'list',
        },
      ],
    }),
    ...members(['Bluebird.'], 'all allSettled props', { neutral: true, returns: 'Argument[0]' }),
    ...members(['Bluebird.'], 'resolve', { neutral: true, returns: 'Argument[0]' }),
    ...members(['Bluebird.'], 'delay', { effect: { kind: 'wait', for: 'time', duration: 'Argument[0]' } }),
    ...members(['Bluebird.'], 'promisify method', {
      wraps: { argument: 'Argument[0]', runs: 'once', returns: 'value' },
    }),
    ...members(['Bluebird.'], 'try attempt', {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }],
    }),
    'Bluebird#then': {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', parameters: ['This.Awaited'], returns: 'value' }],
    },
    'Bluebird#catch': { callbacks: [{ argument: 'Argument[-1]', runs: 'once', returns: 'value' }], returns: 'This' },
    'Bluebird#finally': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'nothing' }], returns: 'This' },
    'Bluebird#delay': { effect: { kind: 'wait', for: 'time', duration: 'Argument[0]' }, returns: 'This' },
  },
});

/** Keys asked for in one tick go to the batch function together. */
export const dataloader = defineModels({
  package: 'dataloader',
  source: 'https://github.com/graphql/dataloader#batching',
  default: 'DataLoader',
  calls: {
    'new DataLoader': {
      callbacks: [{ argument: 'Argument[0]', runs: 'later', batched: true, returns: 'list' }],
      fresh: true,
    },
    ...members(['DataLoader#'], 'load loadMany clear clearAll prime', NEUTRAL),
  },
});

/** Small waits by their own name. */
export const delay = defineModels({
  package: 'delay',
  aliases: ['p-sleep', 'sleep-promise', 'timeout-as-promise'],
  source: 'https://github.com/sindresorhus/delay#api',
  default: 'delay',
  calls: { delay: { effect: { kind: 'wait', for: 'time', duration: 'Argument[0]' } } },
});

/** lodash's wrappers: each keeps calls of the wrapped function apart in time; none of them limits an awaited loop. */
export const lodash = defineModels({
  package: 'lodash',
  aliases: ['lodash-es', 'underscore', 'es-toolkit'],
  source: 'https://lodash.com/docs',
  default: '_',
  calls: {
    ...members(['', 'LoDashStatic#', '_.'], 'debounce throttle', {
      wraps: { argument: 'Argument[0]', runs: 'later', returns: 'nothing' },
    }),
    ...members(['', 'LoDashStatic#', '_.'], 'once memoize partial', {
      wraps: { argument: 'Argument[0]', runs: 'once', returns: 'value' },
    }),
    ...members(['', 'LoDashStatic#', '_.'], 'map flatMap', asyncEach(1, 'parallel', true)),
    ...members(['', 'LoDashStatic#', '_.'], 'forEach each', asyncEach(1, 'parallel')),
    // Pieces of a list: a loop over them is batched already.
    ...members(
      ['', 'LoDashStatic#', '_.'],
      'chunk filter sortBy orderBy uniq uniqBy compact groupBy keyBy partition difference union take drop reject cloneDeep clone flatten values',
      { neutral: true, returns: 'Argument[0]', fresh: true },
    ),
    ...members(
      ['', 'LoDashStatic#', '_.'],
      'get has pick omit isEmpty isEqual isNil merge set range size sum sumBy max min maxBy minBy find some every includes keys entries capitalize camelCase kebabCase snakeCase',
      NEUTRAL,
    ),
  },
});

/** Wraps a callback function. */
export const nodeUtil = defineModels({
  package: 'node:util',
  source: 'https://nodejs.org/api/util.html#utilpromisifyoriginal',
  calls: {
    ...members([''], 'promisify callbackify deprecate', {
      wraps: { argument: 'Argument[0]', runs: 'once', returns: 'value' },
    }),
    ...members([''], 'inspect format isDeepStrictEqual', NEUTRAL),
  },
});
