import type { Knex } from 'knex';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

export class BoardService {
  constructor(private readonly db: Knex) {}

  async create(name: string, teamId: string): Promise<void> {
    await retryOnConflict(() => this.db.transaction(async (trx) => {
      const known = await trx('boards').where({ team_id: teamId, name }).first();
      //                       ^^ related "Checked here."
      if (known) throw new Error('taken');
      await trx('boards').insert({ team_id: teamId, name });
    }, { isolationLevel: 'serializable' }));
    //                      ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  }

  /** No handler leads here, and people tell two templates of one name apart. */
  async createTemplate(name: string, teamId: string): Promise<void> {
    const known = await this.db('templates').where({ team_id: teamId, name }).first();
    //                       ^^ related "Checked here."
    if (known) throw new Error('taken');
    await this.db('templates').insert({ team_id: teamId, name });
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
