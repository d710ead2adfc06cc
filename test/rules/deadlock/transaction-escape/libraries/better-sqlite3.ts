// Idiom of github.com/WiseLibs/better-sqlite3: statements prepared once, functions wrapped into transactions.
import Database from 'better-sqlite3';

const db = new Database('shop.db');
const insertLine = db.prepare('INSERT INTO lines (order_id, sku) VALUES (?, ?)');

function touchOrder(orderId: number) {
  db.prepare('UPDATE orders SET touched = 1 WHERE id = ?').run(orderId);
}

export const addLines = db.transaction((orderId: number, skus: string[]) => {
  for (const sku of skus) insertLine.run(orderId, sku); // ok deadlock/transaction-escape: one connection, so every statement is inside
  db.prepare('UPDATE orders SET lines = lines + ? WHERE id = ?').run(skus.length, orderId); // ok deadlock/transaction-escape: the same through the database
  touchOrder(orderId); // ok deadlock/transaction-escape: the same through a function
});
