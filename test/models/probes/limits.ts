/** Limiters, retries, locks, and functions that run functions. */
import {
  fpTsFunction,
  fpTsList,
  fpTsTask,
  lodashFp,
  lodashFpTypes,
  ramda,
  remeda,
} from '../../../server/src/models/functional.ts';
import * as limits from '../../../server/src/models/limits.ts';
import type { Probe } from '../entry-probe.ts';

export const LIMITS: readonly Probe[] = [
  { file: limits.pQueue, module: 'p-queue' },
  { file: limits.pRetry, module: 'p-retry' },
  { file: limits.pMap, module: 'p-map' },
  { file: limits.pMapSeries, module: 'p-map-series' },
  { file: limits.pAll, module: 'p-all' },
  {
    file: limits.pThrottle,
    module: 'p-throttle',
    // The factory's type has no name: for code without types.
    elsewhere: ['ThrottledFunctionFactory()'],
  },
  { file: limits.bottleneck, module: 'bottleneck', types: { Group: 'd.Group' } },
  { file: limits.limiter, module: 'limiter' },
  { file: limits.rateLimiterFlexible, module: 'rate-limiter-flexible' },
  { file: limits.asyncLibrary, module: 'async' },
  { file: limits.asyncRetry, module: 'async-retry' },
  { file: limits.exponentialBackoff, module: 'exponential-backoff' },
  { file: limits.cockatiel, module: 'cockatiel' },
  { file: limits.asyncMutex, module: 'async-mutex' },
  { file: limits.asyncLock, module: 'async-lock' },
  { file: limits.redlock, module: 'redlock' },
  { file: limits.properLockfile, module: 'proper-lockfile' },
  { file: limits.bluebird, module: 'bluebird' },
  { file: limits.delay, module: 'delay' },
  { file: limits.lodash, module: 'lodash', values: { _: 'd' } },
  { file: lodashFp, module: 'lodash/fp' },
  { file: lodashFpTypes, module: 'lodash/fp', types: { LoDashFp: "typeof import('lodash/fp')" } },
  ...['Array', 'NonEmptyArray'].map((name) => ({ file: fpTsList, module: `fp-ts/${name}` })),
  ...['TaskEither', 'TaskOption', 'Task', 'Option', 'Either'].map((name) => ({
    file: fpTsTask,
    module: `fp-ts/${name}`,
  })),
  { file: fpTsFunction, module: 'fp-ts/function' },
  { file: ramda, module: 'ramda' },
  { file: remeda, module: 'remeda' },
];
