// Idiom of github.com/brianc/node-postgres: a repository over a pool.
import type { Pool } from 'pg';

export class MemberRepository {
  constructor(private readonly pool: Pool) {}

  async find(id: string) {
    const { rows } = await this.pool.query('SELECT * FROM members WHERE id = $1', [id]);
    return rows[0];
  }

  async findTeams(id: string) {
    const member = await this.find(id);
    const teams = await this.pool.query('SELECT * FROM teams WHERE member_id = $1', [id]);
    return { member, teams: teams.rows };
  }

  async findAll(ids: string[]) {
    const found: unknown[] = [];
    const members = await this.pool.query('SELECT * FROM members WHERE id = ANY($1)', [ids]);
    const membersById = new Map<string, typeof members.rows>();
    for (const memberRow of members.rows) {
      const same = membersById.get(String(memberRow.id));
      if (same === undefined) membersById.set(String(memberRow.id), [memberRow]);
      else same.push(memberRow);
    }
    for (const id of ids) {
      const rows = membersById.get(String(id)) ?? [];
      //                               ^^^^^ n-plus-one/query-in-loop medium "'query' queries 'members' once per element of 'ids'"
      found.push(rows[0]);
    }
    return found;
  }
}
