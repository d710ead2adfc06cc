// Idiom of github.com/drizzle-team/drizzle-orm
import { and, eq, inArray } from 'drizzle-orm';
import type { PgDatabase, PgTable } from 'drizzle-orm/pg-core';

interface Member {
  id: string;
  teamId: string;
  active: boolean;
}
declare const members: PgTable<Member> & Record<keyof Member, object>;

export async function activeMembers(db: PgDatabase, teams: { id: string }[]) {
  const found: { id: string; members: Member[] }[] = [];
  const teamIds = Array.from(teams, (team) => team.id);
  const memberRows = teamIds.length === 0 ? [] : await db.select().from(members).where(and(inArray(members.teamId, teamIds), eq(members.active, true)));
  const membersByTeamId = new Map<(typeof memberRows)[number]['teamId'], (typeof memberRows)[number][]>();
  for (const member of memberRows) {
    const same = membersByTeamId.get(member.teamId);
    if (same === undefined) membersByTeamId.set(member.teamId, [member]);
    else same.push(member);
  }
  for (const team of teams) {
    const rows = membersByTeamId.get(team.id) ?? [];
//                        ^^^^^^ n-plus-one/query-in-loop medium "'select' queries 'members' once per element of 'teams'"
    found.push({ id: team.id, members: rows });
  }
  return found;
}
