import type { Knex } from 'knex';

export async function invite(db: Knex, teamId: string, email: string): Promise<void> {
  const known = await db('invites').where({ team_id: teamId, email }).first();
  //                  ^^ related "Checked here."
  if (known) throw new Error('invited already');
  // One step only with a unique index on invites (team_id, email).
  const stored = await db('invites').insert({ team_id: teamId, email }).onConflict(['team_id', 'email']).ignore().returning('team_id');
  if (stored.length === 0) throw new Error('invited already');
  //                  ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}
