// Idiom of github.com/hoppscotch/hoppscotch, after the fix has been applied to another loop and formatted.
import { Column, Entity, In, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
class Team {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;
}

export class TeamStore {
  constructor(private readonly teams: Repository<Team>) {}

  async findTeamById(id: number): Promise<Team | null> {
    return this.teams.findOneBy({ id });
  }

  /** Like `findTeamById`, for many at once. */
  async findTeamsByIds(
    ids: number[],
  ) {
    const teams = await this.teams.findBy({ id: In(ids) });
    const teamsById = new Map(teams.map((team) => [team.id, team]));
    return new Map<number, Team | null>(ids.map((id) => [id, teamsById.get(id) ?? null]));
  }
}

export async function teamNames(store: TeamStore, members: { teamId: number }[]) {
  const names: string[] = [];
  const teamIds = Array.from(members, ({ teamId }) => teamId);
  const teamsByTeamId = await store.findTeamsByIds(teamIds);
  for (const { teamId } of members) {
    const team = teamsByTeamId.get(teamId) ?? null;
    //                       ^^^^^^^^^^^^ n-plus-one/query-in-loop medium "'findTeamById' (through 'findOneBy') queries 'Team'"
    if (team !== null) names.push(team.name);
  }
  return names;
}

export async function teamsAtOnce(store: TeamStore, members: { teamId: number }[]) {
  return store.findTeamsByIds(members.map(({ teamId }) => teamId)); // ok n-plus-one/query-in-loop: one query for all
}
