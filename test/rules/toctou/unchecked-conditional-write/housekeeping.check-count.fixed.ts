// Idiom of github.com/documenso/documenso: what has expired is cleared away on the way.
import { Pool } from 'pg';

const pool = new Pool();

export async function complete(token: string, teamId: string): Promise<void> {
  const { rows } = await pool.query('SELECT * FROM email_verifications WHERE token = $1', [token]);
  if (rows.length === 0) throw new Error('no such token');
  const deleted2 = await pool.query('DELETE FROM email_verifications WHERE token = $1', [token]);
  if (deleted2.rowCount === 0) throw new Error('The row has changed in the meantime');
  //         ^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  await pool.query('INSERT INTO team_emails (team_id) VALUES ($1)', [teamId]);
  //         ^^^^^ related "Happens whether the row was changed or not."
}

export async function completeAndTidy(token: string, teamId: string): Promise<void> {
  const { rows } = await pool.query('SELECT * FROM email_verifications WHERE token = $1', [token]);
  if (rows.length === 0) throw new Error('no such token');
  await pool.query('DELETE FROM email_verifications WHERE token = $1 AND expires_at < $2', [token, new Date()]); // ok toctou/unchecked-conditional-write: mostly there is nothing to clear away
  await pool.query('INSERT INTO team_emails (team_id) VALUES ($1)', [teamId]);
}

export async function completeOnce(token: string, teamId: string): Promise<void> {
  const deleted = await pool.query('DELETE FROM email_verifications WHERE token = $1', [token]); // ok toctou/unchecked-conditional-write: the count is looked at
  if (deleted.rowCount === 0) throw new Error('no such token');
  await pool.query('INSERT INTO team_emails (team_id) VALUES ($1)', [teamId]);
}

export async function forget(token: string): Promise<void> {
  const { rows } = await pool.query('SELECT * FROM email_verifications WHERE token = $1', [token]);
  if (rows.length === 0) return;
  await pool.query('DELETE FROM email_verifications WHERE token = $1', [token]); // ok toctou/unchecked-conditional-write: nothing follows
}
