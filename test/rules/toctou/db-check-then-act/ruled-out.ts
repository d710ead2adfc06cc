// Idiom of github.com/outline/outline: what a shared function does beside depends on the options it is given.
import { Pool } from 'pg';

const pool = new Pool();

async function register(email: string, options: { invite?: boolean } = {}): Promise<void> {
  await pool.query('UPDATE people SET seen_at = now() WHERE email = $1', [email]);
  if (options.invite) await pool.query('INSERT INTO invites (email) VALUES ($1)', [email]);
}

async function isInvited(email: string): Promise<boolean> {
  const { rows } = await pool.query('SELECT 1 FROM invites WHERE email = $1', [email]);
  return rows.length > 0;
}

export async function invite(email: string): Promise<void> {
  if (await isInvited(email)) return;
  //        ^^^^^^^^^ related "Checked here."
  await register(email, { invite: true });
  //    ^^^^^^^^ toctou/db-check-then-act medium "finds no row of 'invites'"
}

export async function greet(email: string): Promise<void> {
  if (await isInvited(email)) return;
  await register(email); // ok toctou/db-check-then-act: without options nobody is invited
}

export async function greetAgain(email: string): Promise<void> {
  if (await isInvited(email)) return;
  await register(email, { invite: false }); // ok toctou/db-check-then-act: the option says no
}

export async function greetOthers(email: string): Promise<void> {
  if (await isInvited(email)) return;
  await register(email, {}); // ok toctou/db-check-then-act: the option is not given
}
