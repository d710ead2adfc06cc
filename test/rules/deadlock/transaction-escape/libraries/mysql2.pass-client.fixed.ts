// Idiom of github.com/smithalan92/expense-tracker-backend: a connection of the pool for a transaction.
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';

export class ExpenseRepository {
  constructor(private readonly pool: Pool) {}

  private async addTag(expenseId: number, tag: string, connection: Pool | PoolConnection = this.pool) {
    await connection.execute<ResultSetHeader>('INSERT INTO expense_tags (expense_id, tag) VALUES (?, ?)', [expenseId, tag]);
  }

  async create(amount: number, tag: string) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      //               ^^^^^^^^^^^^^^^^ related "The transaction begins here."
      const [header] = await connection.execute<ResultSetHeader>('INSERT INTO expenses (amount) VALUES (?)', [amount]);
      await connection.execute<ResultSetHeader>('UPDATE totals SET amount = amount + ?', [amount]);
      //              ^^^^^^^ deadlock/transaction-escape high "'execute' and another query go through 'this.pool' while a transaction is open that they are not given"
      await this.addTag(header.insertId, tag, connection);
      //         ^^^^^^ related "This is outside as well."
      await this.addTag(header.insertId, tag, connection); // ok deadlock/transaction-escape: given the connection
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async remove(id: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('DELETE FROM expenses WHERE id = ?', [id]); // ok deadlock/transaction-escape: its own
      await connection.commit();
    } finally {
      connection.release();
    }
    await this.pool.execute<ResultSetHeader>('DELETE FROM expense_tags WHERE expense_id = ?', [id]); // ok deadlock/transaction-escape: after it has ended
  }
}
