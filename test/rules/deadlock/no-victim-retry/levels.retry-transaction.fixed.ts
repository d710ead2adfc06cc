// Idiom of github.com/typeorm/typeorm: a level given to the transaction.
import type { DataSource } from 'typeorm';

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

class Seat {
  id!: number;
  free!: number;
}

export class Seats {
  constructor(private readonly dataSource: DataSource) {}

  async take(id: number): Promise<void> {
    await retryOnConflict(() => this.dataSource.transaction('SERIALIZABLE', async (manager) => {
//                        ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one"
      const seat = await manager.findOneByOrFail(Seat, { id });
      if (seat.free > 0) await manager.update(Seat, { id }, { free: seat.free - 1 });
    }));
  }

  async look(id: number): Promise<number> {
    // ok deadlock/no-victim-retry: it only reads
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const seat = await manager.findOneByOrFail(Seat, { id });
      return seat.free;
    });
  }

  async name(id: number): Promise<void> {
    // ok deadlock/no-victim-retry: one row at the default level waits and goes on
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Seat, { id }, { free: 1 });
    });
  }

  async takePatiently(id: number): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // ok deadlock/no-victim-retry: a loop of attempts runs it again
        await this.dataSource.transaction('SERIALIZABLE', async (manager) => {
          await manager.decrement(Seat, { id }, 'free', 1);
        });
        return;
      } catch (error) {
        if (attempt === 2) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
      }
    }
  }
}
