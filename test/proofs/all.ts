import { lockOrderInversionProofs } from './deadlock-lock-order-inversion.ts';
import { noVictimRetryProofs } from './deadlock-no-victim-retry.ts';
import { relockProofs } from './deadlock-relock.ts';
import { transactionEscapeProofs } from './deadlock-transaction-escape.ts';
import { transactionEscapeMikroOrmProofs } from './deadlock-transaction-escape-mikro-orm.ts';
import { unorderedLocksProofs } from './deadlock-unordered-locks.ts';
import { cacheSetAfterWriteProofs } from './double-write-cache-set-after-write.ts';
import { transactionEffectProofs } from './double-write-transaction-effects.ts';
import type { Proof } from './harness/proof.ts';
import { listenerLeakProofs } from './memory-leak-listener-leak.ts';
import { unboundedCacheProofs } from './memory-leak-unbounded-cache.ts';
import { lazyRelationInLoopProofs } from './n-plus-one-lazy-relation-in-loop.ts';
import { queryInLoopProofs } from './n-plus-one-query-in-loop.ts';
import { resolverNPlusOneProofs } from './n-plus-one-resolver-n-plus-one.ts';
import { lostUpdateProofs } from './race-condition-lost-update.ts';
import { lostUpdateColumnProofs } from './race-condition-lost-update-columns.ts';
import { lostUpdatePrismaProofs } from './race-condition-lost-update-prisma.ts';
import { missingIdempotencyKeyProofs } from './race-condition-missing-idempotency-key.ts';
import { promiseAllInTransactionProofs } from './race-condition-promise-all-in-transaction.ts';
import { relatedWritesWithoutTransactionProofs } from './race-condition-related-writes-without-transaction.ts';
import { staleWriteAfterAwaitProofs } from './race-condition-stale-write-after-await.ts';
import { cacheStampedeProofs } from './throttling-cache-stampede.ts';
import { retryWithoutBackoffProofs } from './throttling-retry-without-backoff.ts';
import { unthrottledApiCallsProofs } from './throttling-unthrottled-api-calls.ts';
import { dbCheckThenActProofs } from './toctou-db-check-then-act.ts';
import { fsCheckThenUseProofs } from './toctou-fs-check-then-use.ts';
import { uncheckedConditionalWriteProofs } from './toctou-unchecked-conditional-write.ts';

export const PROOFS: readonly Proof[] = [
  ...lostUpdateProofs,
  ...lostUpdateColumnProofs,
  ...lostUpdatePrismaProofs,
  ...promiseAllInTransactionProofs,
  ...relatedWritesWithoutTransactionProofs,
  ...staleWriteAfterAwaitProofs,
  ...lazyRelationInLoopProofs,
  ...queryInLoopProofs,
  ...resolverNPlusOneProofs,
  ...cacheStampedeProofs,
  ...retryWithoutBackoffProofs,
  ...unthrottledApiCallsProofs,
  ...cacheSetAfterWriteProofs,
  ...transactionEffectProofs,
  ...missingIdempotencyKeyProofs,
  ...listenerLeakProofs,
  ...unboundedCacheProofs,
  ...dbCheckThenActProofs,
  ...fsCheckThenUseProofs,
  ...uncheckedConditionalWriteProofs,
  ...lockOrderInversionProofs,
  ...noVictimRetryProofs,
  ...relockProofs,
  ...transactionEscapeProofs,
  ...transactionEscapeMikroOrmProofs,
  ...unorderedLocksProofs,
];

/** Fix forms that no service here can prove, by rule and fix, with the reason. */
export const UNPROVED: Readonly<Record<string, string>> = {
  'double-write/effect-in-transaction after-commit-hook':
    'the hook belongs to Sequelize and typeorm-transactional, which are not installed here',
};
