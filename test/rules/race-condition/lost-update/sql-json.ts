// Idiom of github.com/brianc/node-postgres: parameters in lists, JSON columns as objects.
import { Pool } from 'pg';

const pool = new Pool();
declare function notify(id: string, theme: string): Promise<void>;

export async function configure(id: string, theme: string): Promise<void> {
  const { rows } = await pool.query('SELECT settings FROM boards WHERE id = $1', [id]);
  //                          ^^^^^ related "Read here."
  if (rows.length === 0) throw new Error('no such board');
  await pool.query(`UPDATE boards SET settings = $1 WHERE id = $2`, [{ ...rows[0].settings, theme }, id]);
  //         ^^^^^ race-condition/lost-update low "'settings' of 'boards'"
  await notify(id, theme);
}

export async function count(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT settings FROM boards WHERE id = $1', [id]);
  //                          ^^^^^ related "Read here."
  const settings = { ...rows[0].settings, opened: rows[0].settings.opened + 1 };
  await pool.query('UPDATE boards SET settings = $1 WHERE id = $2', [settings, id]);
  //         ^^^^^ race-condition/lost-update low "'settings' of 'boards'"
}

export async function configureAtOnce(id: string, theme: string): Promise<void> {
  const { rows } = await pool.query('SELECT settings FROM boards WHERE id = $1', [id]);
  if (rows.length === 0) throw new Error('no such board');
  await pool.query('UPDATE boards SET settings = settings || $1::jsonb WHERE id = $2', [{ theme }, id]); // ok race-condition/lost-update: the database merges
}

export async function reset(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT settings FROM boards WHERE id = $1', [id]);
  if (rows.length === 0) throw new Error('no such board');
  await pool.query('UPDATE boards SET settings = $1 WHERE id = $2', [{ theme: 'plain' }, id]); // ok race-condition/lost-update: nothing of the old value is in the new one
}
