// Idiom of github.com/brianc/node-postgres: a client with BEGIN and COMMIT.
import { Pool } from 'pg';

const pool = new Pool();
declare function send(email: string): Promise<void>;

export async function book(roomId: string, guest: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT id FROM bookings WHERE room_id = $1', [roomId]);
    //                            ^^^^^ related "Checked here."
    if (rows.length >= 3) throw new Error('The room is full.');
    await client.query('INSERT INTO bookings (room_id, guest) VALUES ($1, $2)', [roomId, guest]);
    //           ^^^^^ toctou/db-check-then-act medium "Rows of 'bookings' are counted"
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function invite(code: string, email: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM invites WHERE code = $1 AND used_at IS NULL', [code]);
  //                          ^^^^^ related "Checked here."
  if (rows.length === 0) throw new Error('There is no such invite.');

  await send(email);

  await pool.query('UPDATE invites SET used_at = now() WHERE id = $1', [rows[0].id]);
  //         ^^^^^ toctou/db-check-then-act medium "A row of 'invites' is found by its 'used_at'"
}
