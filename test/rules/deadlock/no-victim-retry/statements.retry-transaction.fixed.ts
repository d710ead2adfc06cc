// Idiom of github.com/brianc/node-postgres: transactions of statements, on clients of all kinds.
import { Pool, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

const pool = new Pool();

// The client stays: what ended the transaction leaves it as it was.
export async function book(roomId: string, guestId: string) {
  const client = await pool.connect();
  try {
    await retryOnConflict(async () => {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
      try {
        await client.query('INSERT INTO bookings (room_id, guest_id) VALUES ($1, $2)', [roomId, guestId]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    });
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
