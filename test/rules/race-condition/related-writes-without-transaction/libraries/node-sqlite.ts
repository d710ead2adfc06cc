// Idiom of github.com/nodejs/node: `DatabaseSync`, nothing of the process between two statements.
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync('budget.db');

export function transfer(from: string, to: string, amount: number) {
  db.prepare('UPDATE accounts SET balance = balance - ? WHERE id = ?').run(amount, from);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(amount, to); // ok race-condition/related-writes-without-transaction: nothing comes between but the end of the process
}

export function transferTogether(from: string, to: string, amount: number) {
  db.exec('BEGIN');
  db.prepare('UPDATE accounts SET balance = balance - ? WHERE id = ?').run(amount, from);
  db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?').run(amount, to); // ok race-condition/related-writes-without-transaction: both or none
  db.exec('COMMIT');
}

export function setTags(note: string, tags: string[]) {
  db.prepare('DELETE FROM tags WHERE note = ?').run(note);
  for (const tag of tags) db.prepare('INSERT INTO tags (note, name) VALUES (?, ?)').run(note, tag); // ok race-condition/related-writes-without-transaction: nobody reads the list while it is empty
}
