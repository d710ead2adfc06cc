// Idiom of github.com/sequelize/sequelize: levels of a managed transaction, and of one that the caller ends.
import { Model, Op, type Sequelize, Transaction } from 'sequelize';

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

class Wallet extends Model {
  declare id: string;
  declare available: number;
}
class Shipment extends Model {
  declare plants: number;
}

declare const sequelize: Sequelize;

export async function deliver(id: string, plants: number) {
  await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, async (transaction) => {
  //              ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
    const shipment = await Shipment.findOne({ where: { id, plants: { [Op.gte]: plants } }, transaction });
    if (!shipment) throw new Error('Not enough plants.');
    await shipment.decrement({ plants }, { transaction });
  });
}

export async function pay(id: string, amount: number) {
  await retryOnConflict(async () => {
    const transaction = await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ });
    //                                  ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is REPEATABLE READ, where the database aborts one of"
    try {
      await Wallet.decrement({ available: amount }, { where: { id, available: { [Op.gte]: amount } }, transaction });
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  });
}

export async function balance(id: string) {
  // ok deadlock/no-victim-retry: it only reads
  return sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, async (transaction) =>
    Wallet.findByPk(id, { transaction }),
  );
}

export async function refund(id: string, amount: number) {
  // ok deadlock/no-victim-retry: at this level the second of two waits and goes on
  await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED }, async (transaction) => {
    await Wallet.increment({ available: amount }, { where: { id }, transaction });
  });
}

async function attempt<T>(run: () => Promise<T>, left = 3): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (left === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    return attempt(run, left - 1);
  }
}

export async function close(id: string) {
  await attempt(() =>
    // ok deadlock/no-victim-retry: a helper calls it again
    sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, async (transaction) => {
      await Wallet.update({ available: 0 }, { where: { id }, transaction });
    }),
  );
}
