// Idiom of github.com/outline/outline: helpers over models.
import { Model, type Sequelize, Transaction } from 'sequelize';

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

export class Star extends Model {
  declare documentId: string;
  declare userId: string;
}
declare const sequelize: Sequelize;

async function starOf(documentId: string, userId: string, transaction?: Transaction) {
  return Star.findOne({ where: { documentId, userId }, transaction });
}

async function addStar(documentId: string, userId: string, transaction?: Transaction) {
  return Star.create({ documentId, userId }, { transaction });
}

export async function star(documentId: string, userId: string) {
  const made = await retryOnConflict(() => sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, async (transaction) => {
    const known = await starOf(documentId, userId, transaction);
    //                  ^^^^^^ related "Checked here."
    if (known) throw new Error('It has a star.');
    return addStar(documentId, userId, transaction);
  }));
  //                 ^^^^^^^ toctou/db-check-then-act medium "no row of 'Star' with this"
  return made;
}

export async function close() {
  await sequelize.close();
}
