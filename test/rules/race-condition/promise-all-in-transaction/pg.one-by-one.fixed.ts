// Idiom of github.com/brianc/node-postgres
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();

interface Line {
  id: string;
  amount: number;
}
declare function chunk<T>(list: T[], size: number): T[][];

export async function book(lines: Line[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const part of chunk(lines, 500)) {
      // Only open lines are booked.
      const { rows } = await client.query('SELECT id FROM lines WHERE id = ANY($1) AND open', [part.map(({ id }) => id)]);
      if (rows.length === 0) continue;
      await client.query('INSERT INTO bookings (line_id) SELECT unnest($1::text[])', [rows.map(({ id }) => id)]);
    }
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "the others go on writing"
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function addEntry(client: PoolClient, account: string, amount: number): Promise<void> {
  await client.query('INSERT INTO entries (account, amount) VALUES ($1, $2)', [account, amount]);
}

export async function bookPair(from: string, to: string, amount: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await Promise.all([addEntry(client, from, -amount), addEntry(client, to, amount)]);
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function bookTogether(from: string, to: string): Promise<void> {
  // ok race-condition/promise-all-in-transaction: no transaction, a connection for each
  await Promise.all([
    pool.query('INSERT INTO entries (account) VALUES ($1)', [from]),
    pool.query('INSERT INTO entries (account) VALUES ($1)', [to]),
  ]);
}

export async function bookAtOnce(lines: Line[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // ok race-condition/promise-all-in-transaction: one statement
    await client.query('INSERT INTO bookings (line_id) SELECT unnest($1::text[])', [lines.map((line) => line.id)]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function bookSettled(from: string, to: string, amount: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // ok race-condition/promise-all-in-transaction: waits for both, whatever becomes of them
    const results = await Promise.allSettled([addEntry(client, from, -amount), addEntry(client, to, amount)]);
    await client.query(results.every(({ status }) => status === 'fulfilled') ? 'COMMIT' : 'ROLLBACK');
  } finally {
    client.release();
  }
}
