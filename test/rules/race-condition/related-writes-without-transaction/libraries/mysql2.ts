// Idiom of github.com/smithalan92/expense-tracker-backend: an expense and its users.
import type { Pool, ResultSetHeader } from 'mysql2/promise';

export class ExpenseRepository {
  constructor(private readonly pool: Pool) {}

  async pay(from: number, to: number, amount: number) {
    await this.pool.execute<ResultSetHeader>('UPDATE budgets SET amount = amount - ? WHERE id = ?', [amount, from]);
    //              ^^^^^^^ related "Written before."
    await this.pool.execute<ResultSetHeader>('UPDATE budgets SET amount = amount + ? WHERE id = ?', [amount, to]);
    //              ^^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
  }

  async setUsers(expenseId: number, users: number[]) {
    await this.pool.query<ResultSetHeader>('DELETE FROM expense_users WHERE expense_id = ?', [expenseId]);
    const rows = users.map((user) => [expenseId, user]);
    await this.pool.query<ResultSetHeader>('INSERT INTO expense_users (expense_id, user_id) VALUES ?', [rows]);
    //              ^^^^^ race-condition/related-writes-without-transaction medium "'query' writes anew what 'query' has deleted from 'expense_users',"
  }

  async setUsersTogether(expenseId: number, users: number[]) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.query<ResultSetHeader>('DELETE FROM expense_users WHERE expense_id = ?', [expenseId]);
      await connection.query<ResultSetHeader>('INSERT INTO expense_users (expense_id, user_id) VALUES ?', [users.map((user) => [expenseId, user])]); // ok race-condition/related-writes-without-transaction: both or none
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async addUser(expenseId: number, user: number) {
    await this.pool.query<ResultSetHeader>('INSERT IGNORE INTO expense_users (expense_id, user_id) VALUES (?, ?)', [expenseId, user]); // ok race-condition/related-writes-without-transaction: one statement
  }

  async create(amount: number, user: number) {
    const [header] = await this.pool.execute<ResultSetHeader>('INSERT INTO expenses (amount) VALUES (?)', [amount]);
    try {
      await this.addUser(header.insertId, user); // ok race-condition/related-writes-without-transaction: the catch takes the first away again
    } catch (error) {
      await this.pool.execute<ResultSetHeader>('DELETE FROM expenses WHERE id = ?', [header.insertId]);
      throw error;
    }
  }
}
