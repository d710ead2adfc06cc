// Idiom of github.com/smithalan92/expense-tracker-backend: a pool, a connection of it for a transaction, rows first in the result.
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

export class BudgetRepository {
  constructor(private readonly pool: Pool) {}

  async spend(budgetId: number, amount: number) {
    const [rows] = await this.pool.execute<RowDataPacket[]>('SELECT spent FROM budgets WHERE id = ?', [budgetId]);
    //                             ^^^^^^^ related "Read here."
    const spent = rows[0]?.spent + amount;
    await this.pool.execute<ResultSetHeader>('UPDATE budgets SET spent = ? WHERE id = ?', [spent, budgetId]);
    //              ^^^^^^^ race-condition/lost-update high "'spent' of 'budgets'"
  }

  async refund(budgetId: number, amount: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const [[budget]] = await connection.query<RowDataPacket[]>('SELECT spent FROM budgets WHERE id = ?', [budgetId]);
      //                                  ^^^^^ related "Read here."
      await connection.query<ResultSetHeader>('UPDATE budgets SET spent = spent - ? WHERE id = ?', [amount, budgetId]);
      //               ^^^^^ race-condition/lost-update high "'spent' of 'budgets'"
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async refundLocked(budgetId: number, amount: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const [[budget]] = await connection.query<RowDataPacket[]>('SELECT spent FROM budgets WHERE id = ? FOR UPDATE', [budgetId]);
      // ok race-condition/lost-update: the row is locked by its read
      await connection.query<ResultSetHeader>('UPDATE budgets SET spent = ? WHERE id = ?', [budget?.spent - amount, budgetId]);
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async spendAtOnce(budgetId: number, amount: number) {
    // ok race-condition/lost-update: the database adds
    const [result] = await this.pool.execute<ResultSetHeader>('UPDATE budgets SET spent = spent + ? WHERE id = ?', [amount, budgetId]);
    if (result.affectedRows === 0) throw new Error('There is no such budget.');
  }

  async rename(budgetId: number, name: string) {
    const [rows] = await this.pool.query<RowDataPacket[]>('SELECT name, spent FROM budgets WHERE id = ?', [budgetId]);
    if (rows[0]?.name === name) return;
    await this.pool.query<ResultSetHeader>('UPDATE budgets SET name = ? WHERE id = ?', [name, budgetId]); // ok race-condition/lost-update: not computed from what was read
  }
}
