// Idiom of github.com/brianc/node-postgres: a repository over a pool.
import type { Pool } from 'pg';

export class InvitationRepository {
  constructor(private readonly pool: Pool) {}

  async exists(teamId: string, email: string): Promise<boolean> {
    const { rows } = await this.pool.query('SELECT id FROM invitations WHERE team_id = $1 AND email = $2', [teamId, email]);
    if (rows.length > 0) return true;
    return false;
  }

  async add(teamId: string, email: string): Promise<void> {
    await this.pool.query('INSERT INTO invitations (team_id, email) VALUES ($1, $2)', [teamId, email]);
  }

  async teamName(teamId: string): Promise<string | undefined> {
    const { rows } = await this.pool.query('SELECT name FROM teams WHERE id = $1', [teamId]);
    return rows[0]?.name;
  }
}
