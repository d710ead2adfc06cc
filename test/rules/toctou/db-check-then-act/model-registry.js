// Idiom of github.com/requarks/wiki: Objection models behind an untyped registry.
const app = globalThis.app;

async function register(email, name) {
  const existing = await app.models.accounts.query().findOne({ email });
  //                                                 ^^^^^^^ related "Checked here."
  if (existing) throw new Error('This address is taken.');
  await app.models.accounts.query().insert({ email, name });
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
