// Idiom of github.com/actualbudget/actual: a synchronous database in an asynchronous server.
import Database from 'better-sqlite3';

const db = new Database('account.sqlite');

export async function bootstrap(password: string, hash: (text: string) => Promise<string>) {
  const owner = db.prepare('SELECT id FROM users WHERE role = ?').get('owner');
  //                                                              ^^^ related "Checked here."
  if (owner) throw new Error('already-bootstrapped');
  const hashed = await hash(password);
  db.prepare('INSERT INTO users (role, password) VALUES (?, ?)').run('owner', hashed);
  //                                                             ^^^ toctou/db-check-then-act low "two runs at once both store theirs"
}

export async function bootstrapAfterHash(password: string, hash: (text: string) => Promise<string>) {
  const hashed = await hash(password);
  const owner = db.prepare('SELECT id FROM users WHERE role = ?').get('owner');
  if (owner) throw new Error('already-bootstrapped');
  db.prepare('INSERT INTO users (role, password) VALUES (?, ?)').run('owner', hashed); // ok toctou/db-check-then-act: nothing runs between two synchronous statements
}

export function claimInvitation(token: string) {
  const invitation = db.prepare('SELECT used FROM invitations WHERE token = ?').get(token);
  if (!invitation || invitation.used === 1) return false;
  db.prepare('UPDATE invitations SET used = 1 WHERE token = ?').run(token); // ok toctou/db-check-then-act: the same
  return true;
}

export async function take(budgetId: string, userId: string, confirm: (userId: string) => Promise<void>) {
  const budget = db.prepare('SELECT holder FROM budgets WHERE id = ?').get(budgetId);
  if (budget.holder !== null) throw new Error('taken');
  const updated = db.prepare('UPDATE budgets SET holder = ? WHERE id = ? AND holder IS NULL').run(userId, budgetId);
  if (updated.changes === 0) throw new Error('taken');

  await confirm(userId);
  //                                                       ^^^ toctou/db-check-then-act medium "'holder' of 'budgets' is checked by 'get' and set by 'run' in a later"
}

export async function claimAtOnce(token: string, audit: (token: string) => Promise<void>) {
  await audit(token);
  const { changes } = db.prepare('UPDATE invitations SET used = 1 WHERE token = ? AND used = 0').run(token); // ok toctou/db-check-then-act: checked by the statement that writes
  return changes > 0;
}
