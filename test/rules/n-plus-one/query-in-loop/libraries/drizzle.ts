// Idiom of github.com/drizzle-team/drizzle-orm
import { and, eq } from 'drizzle-orm';
import type { PgDatabase, PgTable } from 'drizzle-orm/pg-core';

interface Member {
  id: string;
  teamId: string;
  active: boolean;
}
declare const members: PgTable<Member> & Record<keyof Member, object>;

export async function activeMembers(db: PgDatabase, teams: { id: string }[]) {
  const found: { id: string; members: Member[] }[] = [];
  for (const team of teams) {
    const rows = await db.select().from(members).where(and(eq(members.teamId, team.id), eq(members.active, true)));
//                        ^^^^^^ n-plus-one/query-in-loop medium "'select' queries 'members' once per element of 'teams'"
    found.push({ id: team.id, members: rows });
  }
  return found;
}
