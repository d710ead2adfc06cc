// Idiom of github.com/smithalan92/expense-tracker-backend: the level of the next transaction of a connection, then its statements.
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { withRetries } from './attempts.ts';

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

export class VoucherRepository {
  constructor(private readonly pool: Pool) {}

  async redeem(code: string, userId: number) {
    await retryOnConflict(async () => {
      const connection = await this.pool.getConnection();
      try {
        await connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        await connection.beginTransaction();
        //               ^^^^^^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
        const [rows] = await connection.execute<RowDataPacket[]>('SELECT used FROM vouchers WHERE code = ?', [code]);
        if (rows[0]?.used) throw new Error('Already used.');
        await connection.execute<ResultSetHeader>('UPDATE vouchers SET used = 1, user_id = ? WHERE code = ?', [userId, code]);
        await connection.commit();
      } catch (error) {
        await connection.rollback();
        throw error;
      } finally {
        connection.release();
      }
    });
  }

  async list(userId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      // ok deadlock/no-victim-retry: it only reads
      await connection.beginTransaction();
      const [rows] = await connection.execute<RowDataPacket[]>('SELECT code FROM vouchers WHERE user_id = ?', [userId]);
      await connection.commit();
      return rows;
    } finally {
      connection.release();
    }
  }

  async issue(code: string) {
    const connection = await this.pool.getConnection();
    try {
      // ok deadlock/no-victim-retry: at the default level the second of two waits and goes on
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('INSERT INTO vouchers (code) VALUES (?)', [code]);
      await connection.commit();
    } finally {
      connection.release();
    }
  }

  async revoke(code: string) {
    await withRetries(async () => {
      const connection = await this.pool.getConnection();
      try {
        await connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        // ok deadlock/no-victim-retry: a helper calls it again
        await connection.beginTransaction();
        await connection.execute<ResultSetHeader>('DELETE FROM vouchers WHERE code = ?', [code]);
        await connection.commit();
      } finally {
        connection.release();
      }
    });
  }
}
