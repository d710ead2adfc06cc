/**
 * What names alone suggest where nothing resolves. Every entry errs towards silence: a function that sounds like a
 * retry is believed to back off, one that sounds like a limiter to limit. Fixtures: `test/rules/throttling/…/named-wrappers`.
 */

/** `withTransaction(cb)`, `runInTx(cb)`, `db.transaction(cb)`. */
export function soundsLikeTransaction(name: string): boolean {
  return /transaction|^(with|run|in|begin)?_?(in)?tx$|withTx|inTx|runTx|atomically?$/i.test(name);
}

/** `mutex.runExclusive(cb)`, `withLock(key, cb)`, `synchronized(cb)`. */
export function soundsLikeLock(name: string): boolean {
  return (
    /lock(ed)?$|^lock|mutex|exclusive|synchroni[sz]e|singleflight|serialize[dr]?$/i.test(name) &&
    !/block|clock|unlock/i.test(name)
  );
}

export function soundsLikeLimiter(name: string): boolean {
  return /limit|throttle|rateLimit|bottleneck|semaphore|concurren|enqueue|schedule$/i.test(name);
}

export function soundsLikeRetry(name: string): boolean {
  return /retry|backoff|withAttempts/i.test(name);
}

export function soundsLikeAttempt(name: string): boolean {
  return /^(attempt|attempts|retry|retries|tries|try_?count|retry_?count|attempt_?count|num_?(retries|attempts))\w*$/i.test(
    name,
  );
}

/** Splits a list into parts, so that iterating the result is iterating batches. */
export function soundsLikeChunking(name: string): boolean {
  return /chunk|batch|partition|split.*(array|list)|in_?groups|paginate/i.test(name);
}

/** `pricingApi`, `stripeClient`, `PaymentGateway`: an injected object that stands for a remote service. */
export function soundsLikeRemote(name: string): boolean {
  // What a library calls the interface it gives to its own parts.
  if (
    /(db|database|graphql|grid|table|editor|plugin|extension|theme|form|chart|calendar|storage|cache|history|state|store|dom|view|canvas|draw|modal)_?api$/i.test(
      name,
    )
  )
    return false;
  return /(Api|API|Gateway|Sdk|SDK|HttpClient|RestClient|ApiClient)$/.test(name) || /^(api|sdk)$/i.test(name);
}

/** `tx.afterCommit(cb)`, `runOnTransactionCommit(cb)`, `onCommitted(cb)`: runs when the transaction is over. */
function soundsLikeAfterCommit(name: string): boolean {
  return /(after|on|post|upon)_?(transaction_?)?(commit|rollback|complete)/i.test(name);
}

/** Registers a callback for later: what it runs is not part of this call. */
export function soundsLikeRegistration(name: string): boolean {
  if (soundsLikeAfterCommit(name)) return true;
  return /^(on|once|use|get|post|put|patch|delete|all|head|options|route|listen|subscribe|describe|it|test|before|after|beforeEach|afterEach|addEventListener|addListener|register|handle|command|job|process|cron|schedule|watch|effect|useEffect|useLayoutEffect|useCallback|useMemo|computed)$/i.test(
    name,
  );
}

/** Steps with which a chained statement may end, and calls that run whatever text they are given. */
const SAYS_NOTHING =
  /^(where\w*|and[A-Z]\w*|or[A-Z]\w*|on[A-Z]\w*|ignore|merge|returning|limit|offset|orderBy|groupBy|execute\w*|exec|first|join|\w+Join|from|into|table|values|set|eq|neq|lt|gt|match|run|all|get|raw|one|any|many|none|oneOrNone|manyOrNone|select|getOne|getMany|getRawMany|getRawOne|[$]queryRaw\w*|[$]executeRaw\w*)$/;

/** Whether a database call's name tells a reader what it does. */
export function saysWhatIsDone(name: string): boolean {
  return !SAYS_NOTHING.test(name);
}
