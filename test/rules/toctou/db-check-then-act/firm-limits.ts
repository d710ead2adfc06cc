// Idiom of github.com/linkwarden/linkwarden: how many there may be is counted before one more is stored.
import { Pool } from 'pg';

const pool = new Pool();
const MAX_FEEDS = 20;
declare const mailer: { sendMail(message: { to: string; subject: string }): Promise<void> };

export async function requestReset(email: string): Promise<void> {
  const { rows } = await pool.query(
  //                          ^^^^^ related "Checked here."
    "SELECT count(*) AS sent FROM reset_tokens WHERE email = $1 AND created_at > $2",
    [email, new Date(Date.now() - 300_000)],
  );
  if (rows[0].sent >= 3) throw new Error('too many mails');
  await mailer.sendMail({ to: email, subject: 'Reset your password' });
  await pool.query('INSERT INTO reset_tokens (email, created_at) VALUES ($1, now())', [email]);
  //         ^^^^^ toctou/db-check-then-act medium "together exceed the limit"
}

export async function book(eventId: string, userId: string): Promise<void> {
  const { rows: events } = await pool.query('SELECT capacity FROM events WHERE id = $1', [eventId]);
  const { rows } = await pool.query('SELECT count(*) AS taken FROM guests WHERE event_id = $1', [eventId]);
  //                          ^^^^^ related "Checked here."
  if (rows[0].taken >= events[0].capacity) throw new Error('sold out');
  await pool.query('INSERT INTO guests (event_id, user_id) VALUES ($1, $2)', [eventId, userId]);
  //         ^^^^^ toctou/db-check-then-act medium "together exceed the limit"
}

// How many feeds somebody may have keeps nobody else from anything.
export async function subscribe(userId: string, url: string): Promise<void> {
  const { rows } = await pool.query('SELECT count(*) AS feeds FROM feeds WHERE user_id = $1', [userId]);
  //                          ^^^^^ related "Checked here."
  if (rows[0].feeds >= MAX_FEEDS) throw new Error('enough feeds');
  await pool.query('INSERT INTO feeds (user_id, url) VALUES ($1, $2)', [userId, url]);
  //         ^^^^^ toctou/db-check-then-act low "together exceed the limit"
}

// Two tokens of one name are both in their owner's list.
export async function createToken(userId: string, name: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM access_keys WHERE user_id = $1 AND name = $2', [userId, name]);
  //                          ^^^^^ related "Checked here."
  if (rows.length > 0) throw new Error('name is taken');
  await pool.query('INSERT INTO access_keys (user_id, name) VALUES ($1, $2)', [userId, name]);
  //         ^^^^^ toctou/db-check-then-act low "finds no row of 'access_keys'"
}

// What is to be found the next time must be there once.
export async function inboxOf(userId: string, name: string): Promise<string> {
  const { rows } = await pool.query('SELECT id FROM folders WHERE user_id = $1 AND name = $2', [userId, name]);
  //                          ^^^^^ related "Checked here."
  if (rows.length > 0) return rows[0].id;
  const added = await pool.query('INSERT INTO folders (user_id, name) VALUES ($1, $2) RETURNING id', [userId, name]);
  //                       ^^^^^ toctou/db-check-then-act medium "finds no row of 'folders'"
  return added.rows[0].id;
}

// A comment may be there already, if only it is old.
export async function comment(userId: string, text: string): Promise<void> {
  const { rows } = await pool.query(
  //                          ^^^^^ related "Checked here."
    'SELECT user_id, updated_at FROM comments WHERE user_id = $1 ORDER BY updated_at DESC LIMIT 1',
    [userId],
  );
  const [last] = rows;
  if (last && last.updated_at > new Date(Date.now() - 30_000)) throw new Error('wait a moment');
  await pool.query('INSERT INTO comments (user_id, text) VALUES ($1, $2)', [userId, text]);
  //         ^^^^^ toctou/db-check-then-act low "finds no row of 'comments'"
}

// A shop without a warehouse gets a new one.
export async function closeWarehouse(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT count(*) AS open FROM warehouses');
  //                          ^^^^^ related "Checked here."
  if (rows[0].open <= 1) throw new Error('the last one stays');
  await pool.query('DELETE FROM warehouses WHERE id = $1', [id]);
  //         ^^^^^ toctou/db-check-then-act low "one is taken away"
}

// Who leaves the last of several teams is without one, and nobody else.
export async function leave(userId: string, teamId: string): Promise<void> {
  const { rows } = await pool.query('SELECT count(*) AS teams FROM members WHERE user_id = $1', [userId]);
  //                          ^^^^^ related "Checked here."
  if (rows[0].teams <= 1) throw new Error('the last one stays');
  await pool.query('DELETE FROM members WHERE user_id = $1 AND team_id = $2', [userId, teamId]);
  //         ^^^^^ toctou/db-check-then-act low "one is taken away"
}

export async function dismissOwner(userId: string, teamId: string): Promise<void> {
  const { rows } = await pool.query("SELECT count(*) AS owners FROM members WHERE team_id = $1 AND role = 'owner'", [teamId]);
  //                          ^^^^^ related "Checked here."
  if (rows[0].owners <= 1) throw new Error('the last one stays');
  await pool.query('DELETE FROM members WHERE user_id = $1 AND team_id = $2', [userId, teamId]);
  //         ^^^^^ toctou/db-check-then-act medium "one is taken away"
}
