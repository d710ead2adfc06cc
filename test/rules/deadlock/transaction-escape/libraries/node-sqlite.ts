// Idiom of github.com/nodejs/node: `DatabaseSync`, a transaction by statements.
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync('notes.db');

function renumber(notebookId: number) {
  db.prepare('UPDATE notebooks SET notes = notes + 1 WHERE id = ?').run(notebookId);
}

export function addNote(notebookId: number, text: string) {
  db.exec('BEGIN');
  try {
    db.prepare('INSERT INTO notes (notebook_id, text) VALUES (?, ?)').run(notebookId, text); // ok deadlock/transaction-escape: one connection, so every statement is inside
    renumber(notebookId); // ok deadlock/transaction-escape: the same through a function
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK'); // ok deadlock/transaction-escape: the transaction's own
    throw error;
  }
}
