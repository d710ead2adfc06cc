import { unorderedLocksProofs } from './deadlock-unordered-locks.ts';
import { cacheSetAfterWriteProofs } from './double-write-cache-set-after-write.ts';
import type { Proof } from './harness/proof.ts';
import { listenerLeakProofs } from './memory-leak-listener-leak.ts';
import { unboundedCacheProofs } from './memory-leak-unbounded-cache.ts';
import { lazyRelationInLoopProofs } from './n-plus-one-lazy-relation-in-loop.ts';
import { queryInLoopProofs } from './n-plus-one-query-in-loop.ts';
import { lostUpdateProofs } from './race-condition-lost-update.ts';
import { cacheStampedeProofs } from './throttling-cache-stampede.ts';
import { retryWithoutBackoffProofs } from './throttling-retry-without-backoff.ts';
import { unthrottledApiCallsProofs } from './throttling-unthrottled-api-calls.ts';
import { dbCheckThenActProofs } from './toctou-db-check-then-act.ts';
import { fsCheckThenUseProofs } from './toctou-fs-check-then-use.ts';

export const PROOFS: readonly Proof[] = [
  ...lostUpdateProofs,
  ...lazyRelationInLoopProofs,
  ...queryInLoopProofs,
  ...cacheStampedeProofs,
  ...retryWithoutBackoffProofs,
  ...unthrottledApiCallsProofs,
  ...cacheSetAfterWriteProofs,
  ...listenerLeakProofs,
  ...unboundedCacheProofs,
  ...dbCheckThenActProofs,
  ...fsCheckThenUseProofs,
  ...unorderedLocksProofs,
];

/** Fix forms that no service here can prove, by rule and fix, with the reason. */
export const UNPROVED: Readonly<Record<string, string>> = {};
