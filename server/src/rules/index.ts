/** Every rule, once: the order of the checklist's items, then by id. */
import type { AnyRule } from '../rule.ts';
import { lockOrderInversion } from './deadlock/lock-order-inversion/rule.ts';
import { noVictimRetry } from './deadlock/no-victim-retry/rule.ts';
import { relock } from './deadlock/relock/rule.ts';
import { transactionEscape } from './deadlock/transaction-escape/rule.ts';
import { unorderedLocks } from './deadlock/unordered-locks/rule.ts';
import { cacheSetAfterWrite } from './double-write/cache-set-after-write/rule.ts';
import { dualWrite } from './double-write/dual-write/rule.ts';
import { effectBeforeCommitVisible } from './double-write/effect-before-commit-visible/rule.ts';
import { effectInTransaction } from './double-write/effect-in-transaction/rule.ts';
import { listenerLeak } from './memory-leak/listener-leak/rule.ts';
import { unboundedCache } from './memory-leak/unbounded-cache/rule.ts';
import { lazyRelationInLoop } from './n-plus-one/lazy-relation-in-loop/rule.ts';
import { queryInLoop } from './n-plus-one/query-in-loop/rule.ts';
import { resolverNPlusOne } from './n-plus-one/resolver-n-plus-one/rule.ts';
import { lostUpdate } from './race-condition/lost-update/rule.ts';
import { missingIdempotencyKey } from './race-condition/missing-idempotency-key/rule.ts';
import { promiseAllInTransaction } from './race-condition/promise-all-in-transaction/rule.ts';
import { relatedWritesWithoutTransaction } from './race-condition/related-writes-without-transaction/rule.ts';
import { staleWriteAfterAwait } from './race-condition/stale-write-after-await/rule.ts';
import { cacheStampede } from './throttling/cache-stampede/rule.ts';
import { retryWithoutBackoff } from './throttling/retry-without-backoff/rule.ts';
import { unthrottledApiCalls } from './throttling/unthrottled-api-calls/rule.ts';
import { dbCheckThenAct } from './toctou/db-check-then-act/rule.ts';
import { fsCheckThenUse } from './toctou/fs-check-then-use/rule.ts';
import { uncheckedConditionalWrite } from './toctou/unchecked-conditional-write/rule.ts';

export const RULES: readonly AnyRule[] = [
  lostUpdate,
  missingIdempotencyKey,
  promiseAllInTransaction,
  relatedWritesWithoutTransaction,
  staleWriteAfterAwait,
  lazyRelationInLoop,
  queryInLoop,
  resolverNPlusOne,
  cacheStampede,
  retryWithoutBackoff,
  unthrottledApiCalls,
  cacheSetAfterWrite,
  dualWrite,
  effectBeforeCommitVisible,
  effectInTransaction,
  listenerLeak,
  unboundedCache,
  dbCheckThenAct,
  fsCheckThenUse,
  uncheckedConditionalWrite,
  lockOrderInversion,
  noVictimRetry,
  relock,
  transactionEscape,
  unorderedLocks,
];
