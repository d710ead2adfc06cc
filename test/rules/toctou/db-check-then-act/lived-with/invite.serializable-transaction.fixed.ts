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

export async function invite(db: Knex, teamId: string, email: string): Promise<void> {
  await retryOnConflict(() => db.transaction(async (trx) => {
    const known = await trx('invites').where({ team_id: teamId, email }).first();
    //                  ^^ related "Checked here."
    if (known) throw new Error('invited already');
    await trx('invites').insert({ team_id: teamId, email });
  }, { isolationLevel: 'serializable' }));
  //                  ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}
