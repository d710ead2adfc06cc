// Idiom of github.com/requarks/wiki: Objection models behind an untyped registry.
/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error) {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict(run, attempts = 5) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

const app = globalThis.app;

async function register(email, name) {
  await retryOnConflict(() => app.models.accounts.knex().transaction(async (trx) => {
    const existing = await app.models.accounts.query(trx).findOne({ email });
    //                                                 ^^^^^^^ related "Checked here."
    if (existing) throw new Error('This address is taken.');
    await app.models.accounts.query(trx).insert({ email, name });
  }, { isolationLevel: 'serializable' }));
  //                                ^^^^^^ toctou/db-check-then-act medium "finds no row of 'accounts' with this 'email'"
}

async function registerOnce(email, name) {
  await app.models.accounts.query().insert({ email, name }).onConflict('email').ignore(); // ok toctou/db-check-then-act: the constraint decides
}

async function log(email, text) {
  const account = await app.models.accounts.query().findOne({ email });
  if (!account) throw new Error('There is no such account.');
  await app.models.events.query().insert({ accountId: account.id, text }); // ok toctou/db-check-then-act: another table
}

async function search(index, text) {
  const found = await index.query();
  if (found.length === 0) await index.insert({ text }); // ok toctou/db-check-then-act: 'query' alone is no database
}

module.exports = { register, registerOnce, log, search };
