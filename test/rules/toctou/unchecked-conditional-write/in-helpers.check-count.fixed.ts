// Idiom of github.com/Unleash/unleash: the store gives the count, the service drops it
import { Pool, type QueryResult } from 'pg';

const pool = new Pool();

class TicketStore {
  async claim(id: string, userId: string): Promise<number | null> {
    const result = await pool.query("UPDATE tickets SET state = 'claimed', user_id = $2 WHERE id = $1 AND state = 'free'", [id, userId]);
    return result.rowCount;
  }

  async book(id: string): Promise<void> {
    await pool.query('INSERT INTO bookings (ticket_id) VALUES ($1)', [id]);
  }

  async take(id: string): Promise<QueryResult> {
    return pool.query("UPDATE tickets SET state = 'taken' WHERE id = $1 AND state = 'free'", [id]);
  }
}

const store = new TicketStore();

export async function claim(id: string, userId: string): Promise<void> {
  if ((await store.claim(id, userId)) === 0) throw new Error('somebody was quicker'); // ok toctou/unchecked-conditional-write: the caller looks at the count
  await store.book(id);
}

export async function take(id: string): Promise<void> {
  const updated = await store.take(id);
  if (updated.rowCount === 0) throw new Error('The row has changed in the meantime');
  //          ^^^^ toctou/unchecked-conditional-write high "'take' (through 'query')"
  await store.book(id);
}
