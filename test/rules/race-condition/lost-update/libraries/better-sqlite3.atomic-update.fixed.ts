// Idiom of github.com/actualbudget/actual: one synchronous database, its statements prepared where they are used.
import Database from 'better-sqlite3';

const db = new Database('accounts.sqlite');

export async function importTransactions(accountId: string, fetchBalance: (id: string) => Promise<number>) {
  const account = db.prepare('SELECT balance FROM accounts WHERE id = ?').get(accountId);
  //                                                                      ^^^ related "Read here."
  const change = await fetchBalance(accountId);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(change, accountId);
  //                                                         ^^^ race-condition/lost-update low "'balance' of 'accounts'"
}

export function deposit(accountId: string, amount: number) {
  const account = db.prepare('SELECT balance FROM accounts WHERE id = ?').get(accountId);
  // ok race-condition/lost-update: nothing of this process runs between two synchronous statements
  db.prepare('UPDATE accounts SET balance = ? WHERE id = ?').run(account.balance + amount, accountId);
}

const transfer = db.transaction((from: string, to: string, amount: number) => {
  const source = db.prepare('SELECT balance FROM accounts WHERE id = ?').get(from);
  // ok race-condition/lost-update: a synchronous transaction
  db.prepare('UPDATE accounts SET balance = ? WHERE id = ?').run(source.balance - amount, from);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(amount, to);
});

export async function importAtOnce(accountId: string, fetchBalance: (id: string) => Promise<number>) {
  const change = await fetchBalance(accountId);
  transfer.immediate('suspense', accountId, change);
  // ok race-condition/lost-update: the database adds
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(change, accountId);
}
