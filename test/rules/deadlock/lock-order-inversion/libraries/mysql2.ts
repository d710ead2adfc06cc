// Idiom of github.com/smithalan92/expense-tracker-backend: a class around the connection of a transaction.
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { ExpenseRepository } from './mysql2-expenses.ts';

class DBTransaction {
  constructor(readonly connection: PoolConnection) {}

  async run(query: string, values: unknown[]) {
    const [result] = await this.connection.execute<ResultSetHeader>(query, values);
    return result;
  }
}

export class TripRepository {
  private readonly expenses = new ExpenseRepository();

  constructor(private readonly pool: Pool) {}

  /** The trip, then what was spent on it. */
  async finish(tripId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE trips SET finished = 1 WHERE id = ?', [tripId]);
      await this.expenses.close(connection, tripId);
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  /** What was spent, then the trip that it belongs to. */
  async recount(tripId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE expenses SET counted = 1 WHERE trip_id = ?', [tripId]);
      await connection.execute<ResultSetHeader>('UPDATE trips SET counted_at = NOW() WHERE id = ?', [tripId]);
      //               ^^^^^^^ deadlock/lock-order-inversion high "'execute' takes a row of 'trips' while a row of 'expenses' is held,"
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async share(tripId: number, userId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const transaction = new DBTransaction(connection);
      await transaction.run('UPDATE trips SET shared = 1 WHERE id = ?', [tripId]);
      await transaction.run('INSERT INTO travellers (trip_id, user_id) VALUES (?, ?)', [tripId, userId]); // ok deadlock/lock-order-inversion: a new row
      await connection.commit();
    } finally {
      connection.release();
    }
  }

  async leave(tripId: number, userId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const transaction = new DBTransaction(connection);
      await transaction.run('UPDATE trips SET shared = 0 WHERE id = ?', [tripId]);
      await transaction.run('DELETE FROM travellers WHERE trip_id = ? AND user_id = ?', [tripId, userId]); // ok deadlock/lock-order-inversion: trips come first everywhere
      await connection.commit();
    } finally {
      connection.release();
    }
  }

  async attach(tripId: number, fileId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE files SET trip_id = ? WHERE id = ?', [tripId, fileId]);
      await connection.commit();
      await connection.execute<ResultSetHeader>('UPDATE trips SET files = files + 1 WHERE id = ?', [tripId]); // ok deadlock/lock-order-inversion: the file's row is free again
    } finally {
      connection.release();
    }
  }

  async detach(tripId: number, fileId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE trips SET files = files - 1 WHERE id = ?', [tripId]);
      await connection.execute<ResultSetHeader>('UPDATE files SET trip_id = NULL WHERE id = ? AND trip_id = ?', [fileId, tripId]);
      await connection.commit();
    } finally {
      connection.release();
    }
  }
}
