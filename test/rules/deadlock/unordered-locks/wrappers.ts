// Idiom of github.com/Unleash/unleash: services run in a transaction by a wrapper, their stores bound to it.
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();

interface Line {
  productId: string;
  quantity: number;
}

async function withTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function takeAll(lines: Line[]): Promise<void> {
  await withTransaction(async (client) => {
    for (const line of lines) {
      await client.query('UPDATE products SET stock = stock - $1 WHERE id = $2', [line.quantity, line.productId]);
//                 ^^^^^ n-plus-one/query-in-loop low "'query' writes to 'products' once per element of 'lines'."
//                 ^^^^^ deadlock/unordered-locks medium "'query' locks one row of 'products' per element of 'lines' in"
    }
  });
}

export async function takeAtOnce(lines: Line[]): Promise<void> {
  await withTransaction(async (client) => {
    await Promise.all(lines.map((line) => take(client, line)));
//        ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'take' and others at once in one transaction,"
//                                        ^^^^ n-plus-one/query-in-loop low "'take' (through 'query') writes to 'products' once per element"
//                                        ^^^^ deadlock/unordered-locks medium "'take' (through 'query') locks one row of 'products' per"
  });
}

async function take(client: PoolClient, line: Line): Promise<void> {
  await client.query('UPDATE products SET stock = stock - $1 WHERE id = $2', [line.quantity, line.productId]);
}

export async function takeApart(lines: Line[]): Promise<void> {
  for (const line of lines) {
    await withTransaction((client) => take(client, line)); // ok deadlock/unordered-locks: one row per transaction
//                                    ^^^^ n-plus-one/query-in-loop low "'take' (through 'query') writes to 'products' once per element"
  }
}

export async function takeInOrder(lines: Line[]): Promise<void> {
  await withTransaction(async (client) => {
    for (const line of lines.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))) {
      await take(client, line); // ok deadlock/unordered-locks: everyone goes up
//          ^^^^ n-plus-one/query-in-loop low "'take' (through 'query') writes to 'products' once per element"
    }
  });
}

export async function takeLocked(lines: Line[]): Promise<void> {
  await withTransaction(async (client) => {
    const ids = lines.map((line) => line.productId);
    await client.query('SELECT 1 FROM products WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids]);
    for (const line of lines) await take(client, line); // ok deadlock/unordered-locks: locked in order before
//                                  ^^^^ n-plus-one/query-in-loop low "'take' (through 'query') writes to 'products' once per element"
  });
}
