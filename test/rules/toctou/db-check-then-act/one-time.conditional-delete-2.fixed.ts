// Idiom of github.com/requarks/wiki: a key from a mail is looked up, and deleted when it was used.
import { Pool } from 'pg';

const pool = new Pool();
declare function hash(password: string): Promise<string>;

export async function accept(token: string): Promise<{ user_id: string }> {
  const { rows } = await pool.query('SELECT id, user_id, valid_until FROM user_keys WHERE token = $1', [token]);
  //                          ^^^^^ related "Checked here."
  const [key] = rows;
  if (!key) throw new Error('no such key');
  await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]);
  //         ^^^^^ toctou/db-check-then-act medium "A row of 'user_keys' is accepted"
  if (key.valid_until < new Date()) throw new Error('too late');
  return key;
}

export async function acceptOnce(token: string): Promise<{ user_id: string }> {
  const { rows } = await pool.query('SELECT id, user_id FROM user_keys WHERE token = $1', [token]);
  const [key] = rows;
  if (!key) throw new Error('no such key');
  const deleted = await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]); // ok toctou/db-check-then-act: who deleted it is known
  if (deleted.rowCount === 0) throw new Error('used before');
  return key;
}

export async function keyOf(token: string): Promise<{ user_id: string }> {
  const { rows } = await pool.query('SELECT id, user_id, valid_until FROM user_keys WHERE token = $1', [token]);
  const [key] = rows;
  if (key.valid_until < new Date()) {
    await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]); // ok toctou/db-check-then-act: what is deleted is not accepted
  }
  return key;
}

export async function removeKey(token: string): Promise<{ user_id: string }> {
  const { rows } = await pool.query('SELECT id, user_id FROM user_keys WHERE token = $1', [token]);
  const [key] = rows;
  if (!key) throw new Error('no such key');
  await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]); // ok toctou/db-check-then-act: to remove it is all that is asked for
  return key;
}

// Only who has the mail can do it twice, and sets the same or a later password.
export async function reset(token: string, password: string): Promise<string> {
  const { rows } = await pool.query('SELECT id, user_id FROM user_keys WHERE token = $1', [token]);
  //                          ^^^^^ related "Checked here."
  const [key] = rows;
  if (!key) throw new Error('no such key');
  const deleted = await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]);
  if (deleted.rowCount === 0) throw new Error('no such key');

  await pool.query('UPDATE users SET password = $1 WHERE id = $2', [await hash(password), key.user_id]);
  //         ^^^^^ toctou/db-check-then-act low "A row of 'user_keys' is accepted"
  return key.user_id;
}
