// Idiom of github.com/Unleash/unleash: what is asked and what is stored are methods of their own.
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

export class SegmentService {
  constructor(private readonly db: Knex) {}

  async create(name: string, project: string) {
    await retryOnConflict(() => this.db.transaction(async (trx) => {
      const known = await this.existsByName(name, trx);
      //                       ^^^^^^^^^^^^ related "Checked here."
      if (known) throw new Error('There is such a segment.');
      await this.insert(name, project, trx);
    }, { isolationLevel: 'serializable' }));
    //         ^^^^^^ toctou/db-check-then-act medium "no row of 'segments' with this 'name'"
  }

  async createInitialized(name: string, project: string) {
    const known = await this.existsByName(name);
    if (known) throw new Error('There is such a segment.');
    await this.db('projects').insert({ name: project }); // ok toctou/db-check-then-act: a row of another table
  }

  private async existsByName(name: string, trx: Knex = this.db) {
    const row = await trx('segments').where('name', name).first();
    return row !== undefined;
  }

  private async insert(name: string, project: string, trx: Knex = this.db) {
    await trx('segments').insert({ name, project });
  }
}
