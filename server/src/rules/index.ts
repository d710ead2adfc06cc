/** Every rule, once: the order of the checklist's items, then by id. */
import type { AnyRule } from '../rule.ts';
import { unorderedLocks } from './deadlock/unordered-locks/rule.ts';
import { cacheSetAfterWrite } from './double-write/cache-set-after-write/rule.ts';
import { listenerLeak } from './memory-leak/listener-leak/rule.ts';
import { unboundedCache } from './memory-leak/unbounded-cache/rule.ts';
import { lazyRelationInLoop } from './n-plus-one/lazy-relation-in-loop/rule.ts';
import { queryInLoop } from './n-plus-one/query-in-loop/rule.ts';
import { lostUpdate } from './race-condition/lost-update/rule.ts';
import { cacheStampede } from './throttling/cache-stampede/rule.ts';
import { retryWithoutBackoff } from './throttling/retry-without-backoff/rule.ts';
import { unthrottledApiCalls } from './throttling/unthrottled-api-calls/rule.ts';
import { dbCheckThenAct } from './toctou/db-check-then-act/rule.ts';
import { fsCheckThenUse } from './toctou/fs-check-then-use/rule.ts';

export const RULES: readonly AnyRule[] = [
  lostUpdate,
  lazyRelationInLoop,
  queryInLoop,
  cacheStampede,
  retryWithoutBackoff,
  unthrottledApiCalls,
  cacheSetAfterWrite,
  listenerLeak,
  unboundedCache,
  dbCheckThenAct,
  fsCheckThenUse,
  unorderedLocks,
];
