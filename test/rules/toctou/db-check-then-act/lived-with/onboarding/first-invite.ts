import type { Knex } from 'knex';

/** The team has one member so far, who goes through the pages one by one. */
export async function inviteFirst(db: Knex, teamId: string, email: string): Promise<void> {
  const known = await db('invites').where({ team_id: teamId, email }).first();
  //                  ^^ related "Checked here."
  if (known) throw new Error('invited already');
  await db('invites').insert({ team_id: teamId, email });
  //                  ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
}
