// Idiom of github.com/brianc/node-postgres
import { Pool } from 'pg';

const pool = new Pool();
declare const mailer: { sendMail(message: { to: string; subject: string }): Promise<void> };

export async function redeem(code: string, userId: string): Promise<void> {
  await pool.query("UPDATE coupons SET status = 'redeemed' WHERE code = $1 AND status = 'open'", [code]);
  //         ^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  await pool.query('INSERT INTO discounts (user_id, code) VALUES ($1, $2)', [userId, code]);
  //         ^^^^^ related "Happens whether the row was changed or not."
}

export async function redeemChecked(code: string, userId: string): Promise<void> {
  const result = await pool.query("UPDATE coupons SET status = 'redeemed' WHERE code = $1 AND status = 'open'", [code]); // ok toctou/unchecked-conditional-write: the count is looked at
  if (result.rowCount === 0) throw new Error('redeemed already');
  await pool.query('INSERT INTO discounts (user_id, code) VALUES ($1, $2)', [userId, code]);
}

export async function spend(accountId: string, amount: number): Promise<{ success: boolean }> {
  await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2 AND balance >= $1', [amount, accountId]);
  //         ^^^^^ toctou/unchecked-conditional-write medium "success is reported also for those who came second"
  return { success: true };
}

export async function expire(before: Date): Promise<void> {
  await pool.query("UPDATE coupons SET status = 'expired' WHERE status = 'open' AND created_at < $1", [before]); // ok toctou/unchecked-conditional-write: a sweep over all rows
  await mailer.sendMail({ to: 'shop@example.org', subject: 'Coupons have expired' });
}

export async function markSeen(id: string): Promise<void> {
  await pool.query('UPDATE messages SET seen_at = now() WHERE id = $1 AND seen_at IS NULL', [id]); // ok toctou/unchecked-conditional-write: nothing relies on it
}

export async function rename(id: string, teamId: string, name: string): Promise<void> {
  await pool.query('UPDATE boards SET name = $1 WHERE id = $2 AND team_id = $3', [name, id, teamId]); // ok toctou/unchecked-conditional-write: a second run changes the row as well
  await pool.query('INSERT INTO board_names (board_id, name) VALUES ($1, $2)', [id, name]);
}
