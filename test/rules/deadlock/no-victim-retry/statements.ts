// Idiom of github.com/brianc/node-postgres: transactions of statements, on clients of all kinds.
import { Pool, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

const pool = new Pool();

// The client stays: what ended the transaction leaves it as it was.
export async function book(roomId: string, guestId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    try {
      await client.query('INSERT INTO bookings (room_id, guest_id) VALUES ($1, $2)', [roomId, guestId]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  } finally {
    client.release();
  }
}

// A client of the caller's, and a value that goes back.
export async function settle(client: PoolClient, invoiceId: string) {
  try {
    await client.query('BEGIN');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    const { rows } = await client.query('UPDATE invoices SET settled = true WHERE id = $1 RETURNING total', [invoiceId]);
    await client.query('COMMIT');
    return rows[0].total as number;
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error('Not settled.', { cause: error });
  }
}

// Something follows.
export async function withdraw(accountId: string, amount: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is REPEATABLE READ"
    await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [accountId, amount]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  console.log('withdrawn', accountId);
}

export class Tickets {
  constructor(private readonly dataSource: DataSource) {}

  async claim(ticketId: number, userId: number): Promise<boolean> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    await runner.startTransaction('SERIALIZABLE');
    //           ^^^^^^^^^^^^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    try {
      const rows = await runner.query('SELECT 1 FROM claims WHERE ticket_id = $1', [ticketId]);
      if (rows.length > 0) return false;
      await runner.query('INSERT INTO claims (ticket_id, user_id) VALUES ($1, $2)', [ticketId, userId]);
      await runner.commitTransaction();
      return true;
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }
}
