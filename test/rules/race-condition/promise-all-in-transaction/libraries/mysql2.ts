// Idiom of github.com/smithalan92/expense-tracker-backend: one connection from `beginTransaction` to `release`.
import type { Pool, ResultSetHeader } from 'mysql2/promise';

export async function saveExpense(pool: Pool, id: number, users: number[], tags: string[]) {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    //               ^^^^^^^^^^^^^^^^ related "The transaction begins here."
    await Promise.all([
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
      connection.query<ResultSetHeader>('INSERT INTO expense_users (expense_id, user_id) VALUES ?', [users.map((user) => [id, user])]),
      connection.query<ResultSetHeader>('INSERT INTO expense_tags (expense_id, tag) VALUES ?', [tags.map((tag) => [id, tag])]),
    ]);
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
}

export async function saveInTurn(pool: Pool, id: number, users: number[]) {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    await connection.query<ResultSetHeader>('DELETE FROM expense_users WHERE expense_id = ?', [id]);
    await connection.query<ResultSetHeader>('INSERT INTO expense_users (expense_id, user_id) VALUES ?', [users.map((user) => [id, user])]); // ok race-condition/promise-all-in-transaction: one after another
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
}

export async function deleteExpenses(pool: Pool, ids: number[]) {
  // ok race-condition/promise-all-in-transaction: a pool, a connection for each
  await Promise.all([
    pool.query<ResultSetHeader>('DELETE FROM expense_users WHERE expense_id IN (?)', [ids]),
    pool.query<ResultSetHeader>('DELETE FROM expense_tags WHERE expense_id IN (?)', [ids]),
  ]);
}

export async function readExpense(pool: Pool, id: number) {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    // ok race-condition/promise-all-in-transaction: both only read
    const found = await Promise.all([
      connection.query<ResultSetHeader>('SELECT user_id FROM expense_users WHERE expense_id = ?', [id]),
      connection.query<ResultSetHeader>('SELECT tag FROM expense_tags WHERE expense_id = ?', [id]),
    ]);
    await connection.commit();
    return found;
  } finally {
    connection.release();
  }
}
