// Idiom of github.com/actualbudget/actual: SQLite in the process, where a query costs no round trip.
import Database from 'better-sqlite3';

const db = new Database('budget.sqlite');
const insert = db.prepare('INSERT INTO payees (id, name) VALUES (?, ?)');

export const addPayees = db.transaction((payees: { id: string; name: string }[]) => {
  for (const payee of payees) insert.run(payee.id, payee.name); // ok n-plus-one/query-in-loop: a prepared statement, in the process
});

export function payeeNames(transactions: { payeeId: string }[]) {
  const find = db.prepare('SELECT name FROM payees WHERE id = ?');
  return transactions.map(({ payeeId }) => find.get(payeeId)?.name); // ok n-plus-one/query-in-loop: the same
}

export function payeesOf(ids: string[]) {
  const marks = ids.map(() => '?').join(', ');
  return db.prepare(`SELECT id, name FROM payees WHERE id IN (${marks})`).all(...ids); // ok n-plus-one/query-in-loop: one query for all
}
