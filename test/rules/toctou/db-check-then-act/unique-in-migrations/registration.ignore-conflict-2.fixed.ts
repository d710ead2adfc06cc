// Idiom of github.com/brianc/node-postgres: a check, then a statement with parameters in a list.
import { Pool } from 'pg';

const pool = new Pool();

export async function register(id: string, email: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM logins WHERE email = $1', [email]);
//                            ^^^^^ related "Checked here."
  if (rows.length > 0) throw new Error('taken');
  await pool.query('INSERT INTO logins (id, email) VALUES ($1, $2)', [id, email]);
//           ^^^^^ toctou/db-check-then-act low "the second fails with an unhandled conflict"
}

export async function join(teamId: string, userId: string): Promise<void> {
  const { rows } = await pool.query('SELECT 1 FROM seats WHERE user_id = $1', [userId]);
//                            ^^^^^ related "Checked here."
  if (rows.length > 0) throw new Error('in a team already');
  const updated = await pool.query('INSERT INTO seats (team_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [teamId, userId]);
  if (updated.rowCount === 0) throw new Error('in a team already');
//           ^^^^^ toctou/db-check-then-act low "the second fails with an unhandled conflict"
}

export async function nameAccount(id: string, nickname: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM logins WHERE nickname = $1', [nickname]);
//                            ^^^^^ related "Checked here."
  if (rows.length > 0) throw new Error('taken');
  await pool.query('UPDATE logins SET nickname = $1 WHERE id = $2', [nickname, id]);
//           ^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
}
