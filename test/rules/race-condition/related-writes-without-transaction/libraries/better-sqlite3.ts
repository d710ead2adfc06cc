// Idiom of github.com/actualbudget/actual: synchronous statements, nothing of the process between them.
import Database from 'better-sqlite3';

const db = new Database('budget.sqlite');

export function transfer(from: string, to: string, amount: number) {
  db.prepare('UPDATE accounts SET balance = balance - ? WHERE id = ?').run(amount, from);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(amount, to); // ok race-condition/related-writes-without-transaction: nothing comes between but the end of the process
}

export const transferTogether = db.transaction((from: string, to: string, amount: number) => {
  db.prepare('UPDATE accounts SET balance = balance - ? WHERE id = ?').run(amount, from);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(amount, to); // ok race-condition/related-writes-without-transaction: both or none
});

export function close(id: string) {
  db.prepare('UPDATE accounts SET closed = 1 WHERE id = ?').run(id); // ok race-condition/related-writes-without-transaction: one statement
}

export function touch(from: string, to: string) {
  db.prepare('UPDATE accounts SET seen = 1 WHERE id = ?').run(from);
  db.prepare('UPDATE payees SET seen = 1 WHERE id = ?').run(to); // ok race-condition/related-writes-without-transaction: neither needs the other
}
