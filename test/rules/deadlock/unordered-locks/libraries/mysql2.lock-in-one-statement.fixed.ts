// Idiom of github.com/smithalan92/expense-tracker-backend: statements on one connection between BEGIN and COMMIT.
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

export class AccountRepository {
  constructor(private readonly pool: Pool) {}

  async transfer(from: number, to: number, amount: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute('SELECT 1 FROM accounts WHERE id IN (?, ?) ORDER BY id FOR UPDATE', [from, to]);
      await connection.execute<ResultSetHeader>('UPDATE accounts SET balance = balance - ? WHERE id = ?', [amount, from]);
      //               ^^^^^^^ related "The first row is locked here."
      await connection.execute<ResultSetHeader>('UPDATE accounts SET balance = balance + ? WHERE id = ?', [amount, to]);
      //               ^^^^^^^ deadlock/unordered-locks high "'from' of 'accounts'"
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async transferLocked(from: number, to: number, amount: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.query<RowDataPacket[]>('SELECT id FROM accounts WHERE id IN (?) ORDER BY id FOR UPDATE', [[from, to]]);
      await connection.execute<ResultSetHeader>('UPDATE accounts SET balance = balance - ? WHERE id = ?', [amount, from]);
      await connection.execute<ResultSetHeader>('UPDATE accounts SET balance = balance + ? WHERE id = ?', [amount, to]); // ok deadlock/unordered-locks: both are locked in one order before
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async close(id: number, heir: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE accounts SET closed = 1 WHERE id = ?', [id]);
      await connection.execute<ResultSetHeader>('INSERT INTO heirs (account_id, heir) VALUES (?, ?)', [id, heir]); // ok deadlock/unordered-locks: a new row of another table
      await connection.commit();
    } finally {
      connection.release();
    }
  }

  async rename(id: number, name: string, note: string) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE accounts SET name = ? WHERE id = ?', [name, id]);
      await connection.execute<ResultSetHeader>('UPDATE accounts SET note = ? WHERE id = ?', [note, id]); // ok deadlock/unordered-locks: the same row
      await connection.commit();
    } finally {
      connection.release();
    }
  }
}
