import type { Knex } from 'knex';

export async function invite(db: Knex, teamId: string, email: string): Promise<void> {
  const known = await db('invites').where({ team_id: teamId, email }).first();
  //                  ^^ related "Checked here."
  if (known) throw new Error('invited already');
  await db('invites').insert({ team_id: teamId, email });
  //                  ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}
