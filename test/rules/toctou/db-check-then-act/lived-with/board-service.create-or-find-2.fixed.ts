import type { Knex } from 'knex';

export class BoardService {
  constructor(private readonly db: Knex) {}

  async create(name: string, teamId: string): Promise<void> {
    const known = await this.db('boards').where({ team_id: teamId, name }).first();
    //                       ^^ related "Checked here."
    if (known) throw new Error('taken');
    await this.db('boards').insert({ team_id: teamId, name });
    //                      ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  }

  /** No handler leads here, and people tell two templates of one name apart. */
  async createTemplate(name: string, teamId: string): Promise<void> {
    const known = await this.db('templates').where({ team_id: teamId, name }).first();
    //                       ^^ related "Checked here."
    if (known) throw new Error('taken');
    // One step only with a unique index on templates (team_id, name).
    const stored = await this.db('templates').insert({ team_id: teamId, name }).onConflict(['team_id', 'name']).ignore().returning('team_id');
    if (stored.length === 0) throw new Error('taken');
    //                         ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  }

  /** One administrator fills in the form, and sees what is there. */
  async connect(service: string, teamId: string, url: string): Promise<void> {
    const known = await this.db('integrations').where({ team_id: teamId, service }).first();
    //                       ^^ related "Checked here."
    if (known) await this.db('integrations').where({ id: known.id }).update({ url });
    else await this.db('integrations').insert({ team_id: teamId, service, url });
    //                                 ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  }

  /** Each client of the user asks for it when it starts. */
  async settingsOf(userId: string) {
    const known = await this.db('user_settings').where({ user_id: userId }).first();
    //                       ^^ related "Checked here."
    if (known) return known;
    const [made] = await this.db('user_settings').insert({ user_id: userId, theme: 'light' }).returning('*');
    //                                            ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
    return made;
  }
}
