// Idiom of github.com/brianc/node-postgres: a level in BEGIN, in a function that hands the client to its callback.
import { Pool, type PoolClient } from 'pg';
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

const pool = new Pool();

async function serializable<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
  return retryOnConflict(async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      //           ^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      const result = await run(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  });
}

export async function bid(auctionId: string, amount: number) {
  await serializable(async (client) => {
    const { rows } = await client.query('SELECT max(amount) AS best FROM bids WHERE auction_id = $1', [auctionId]);
    if (rows[0].best >= amount) throw new Error('Somebody offers more.');
    await client.query('INSERT INTO bids (auction_id, amount) VALUES ($1, $2)', [auctionId, amount]);
  });
}

export async function withdraw(auctionId: string, bidder: string) {
  await withRetries(async () => {
    const client = await pool.connect();
    try {
      // ok deadlock/no-victim-retry: a helper calls it again
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      await client.query('DELETE FROM bids WHERE auction_id = $1 AND bidder = $2', [auctionId, bidder]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  });
}

export async function close(auctionId: string) {
  const client = await pool.connect();
  try {
    // ok deadlock/no-victim-retry: one row at the default level waits and goes on
    await client.query('BEGIN');
    await client.query('UPDATE auctions SET open = false WHERE id = $1', [auctionId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function history(auctionId: string) {
  const client = await pool.connect();
  try {
    // ok deadlock/no-victim-retry: it only reads
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const bids = await client.query('SELECT * FROM bids WHERE auction_id = $1', [auctionId]);
    await client.query('COMMIT');
    return bids.rows;
  } finally {
    client.release();
  }
}
