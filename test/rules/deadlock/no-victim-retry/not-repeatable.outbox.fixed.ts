// Idiom of github.com/brianc/node-postgres: transactions that cannot be run again as they are.
import { Pool, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

const pool = new Pool();

// Nobody rolls back: the client goes back to the pool in a transaction that has failed.
export async function book(roomId: string, guestId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('INSERT INTO bookings (room_id, guest_id) VALUES ($1, $2)', [roomId, guestId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// The error does not come out.
export async function cancel(bookingId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('DELETE FROM bookings WHERE id = $1', [bookingId]);
    await client.query('COMMIT');
    return true;
  } catch {
    await client.query('ROLLBACK');
    return false;
  } finally {
    client.release();
  }
}

// It comes out as another one, which has no code.
export async function settle(client: PoolClient, invoiceId: string) {
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('UPDATE invoices SET settled = true WHERE id = $1', [invoiceId]);
    await client.query('COMMIT');
  } catch {
    await client.query('ROLLBACK');
    throw new Error('Not settled.');
  }
}

// The caller's client is gone after the first attempt.
export async function finish(client: PoolClient, jobId: string) {
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('UPDATE jobs SET done = true WHERE id = $1', [jobId]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// Where no client can be had the second time, the first one would be given back twice.
export async function withdraw(accountId: string, amount: number) {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is REPEATABLE READ"
    await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [accountId, amount]);
    await client.query('COMMIT');
  } catch (error) {
    await client?.query('ROLLBACK');
    throw error;
  } finally {
    client?.release();
  }
}

// What is written before the transaction would be written once per attempt.
export async function admit(visitorId: string) {
  const client = await pool.connect();
  try {
    await client.query('INSERT INTO visits (visitor_id) VALUES ($1)', [visitorId]);
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('UPDATE hall SET free = free - 1 WHERE id = 1');
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// The other side would be told once per attempt.
export async function publish(articleId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    await client.query('UPDATE articles SET published = true WHERE id = $1', [articleId]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['https://index.example.com/articles', JSON.stringify({ method: 'POST', body: articleId })]);
    //    ^^^^^ double-write/effect-in-transaction
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export class Seats {
  constructor(private readonly dataSource: DataSource) {}

  // The list would hold the seats of every attempt.
  async take(ids: number[]): Promise<number[]> {
    const taken: number[] = [];
    await this.dataSource.transaction('SERIALIZABLE', async (manager) => {
    //                    ^^^^^^^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
      const rows: { id: number }[] = await manager.query('UPDATE seats SET taken = true WHERE id = ANY($1) RETURNING id', [ids]);
      for (const { id } of rows) taken.push(id);
    });
    return taken;
  }

  // So would the count.
  private removed = 0;

  async remove(id: number): Promise<number> {
    await this.dataSource.transaction('SERIALIZABLE', async (manager) => {
    //                    ^^^^^^^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
      await manager.query('DELETE FROM seats WHERE id = $1', [id]);
      this.removed += 1;
    });
    return this.removed;
  }
}

async function serializable<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    //           ^^^^^ deadlock/no-victim-retry "The transaction is SERIALIZABLE"
    const result = await run(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// The callback that it is given keeps a list.
export async function discard(id: string, discarded: string[]) {
  await serializable(async (client) => {
    await client.query('DELETE FROM drafts WHERE id = $1', [id]);
    discarded.push(id);
  });
}
