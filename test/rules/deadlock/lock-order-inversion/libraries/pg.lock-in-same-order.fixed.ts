// Idiom of github.com/brianc/node-postgres: a client with BEGIN and COMMIT, handed to the functions of another file.
import { Pool } from 'pg';
import { renewKeys } from './pg-keys.ts';

const pool = new Pool();

export async function downgrade(userId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE users SET plan = $1 WHERE id = $2', ['free', userId]);
    await client.query('UPDATE api_keys SET rate = 10 WHERE user_id = $1', [userId]);
    //           ^^^^^ deadlock/lock-order-inversion high "'query' takes a row of 'users' while a row of 'api_keys' is held, and"
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function upgrade(userId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE users SET plan = $1 WHERE id = $2', ['team', userId]);
    await renewKeys(client, userId);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function spend(userId: string, amount: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE users SET active_at = now() WHERE id = $1', [userId]);
    await client.query('UPDATE quotas SET used = used + $1 WHERE user_id = $2', [amount, userId]); // ok deadlock/lock-order-inversion: who goes the other way does not wait
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function refill(userId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE quotas SET used = 0 WHERE user_id = $1', [userId]);
    await client.query('SELECT id FROM users WHERE id = $1 FOR UPDATE NOWAIT', [userId]); // ok deadlock/lock-order-inversion: it fails at once when the row is taken
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function archive(teamId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [teamId]);
    await client.query('UPDATE channels SET archived = true WHERE team_id = $1', [teamId]);
    await client.query('UPDATE teams SET archived = true WHERE id = $1', [teamId]); // ok deadlock/lock-order-inversion: both take the team's advisory lock before
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function restore(teamId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [teamId]);
    await client.query('UPDATE teams SET archived = false WHERE id = $1', [teamId]);
    await client.query('UPDATE channels SET archived = false WHERE team_id = $1', [teamId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function rename(channelId: string, name: string) {
  await pool.query('UPDATE channels SET name = $1 WHERE id = $2', [name, channelId]); // ok deadlock/lock-order-inversion: each statement is a transaction of its own
  await pool.query('UPDATE messages SET channel_name = $1 WHERE channel_id = $2', [name, channelId]);
}

export async function clear(channelId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE messages SET deleted_at = now() WHERE channel_id = $1', [channelId]);
    await client.query('UPDATE channels SET unread = 0 WHERE id = $1', [channelId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
