// Idiom of github.com/mikro-orm/mikro-orm: a level in the options of `transactional`.
import { type EntityManager, IsolationLevel } from '@mikro-orm/core';
import { withRetries } from './attempts.ts';

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

class Ticket {
  id!: string;
  eventId!: string;
}
class Event {
  id!: string;
  capacity!: number;
}

export class TicketService {
  constructor(private readonly em: EntityManager) {}

  async sell(eventId: string) {
    await retryOnConflict(() => this.em.transactional(
    //            ^^^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      async (em) => {
        const event = await em.findOneOrFail(Event, { id: eventId });
        const sold = await em.count(Ticket, { eventId });
        if (sold >= event.capacity) throw new Error('Sold out.');
        em.persist(em.create(Ticket, { eventId }));
      },
      { isolationLevel: IsolationLevel.SERIALIZABLE },
    ));
  }

  async sold(eventId: string) {
    // ok deadlock/no-victim-retry: it only reads
    return this.em.transactional(async (em) => em.count(Ticket, { eventId }), {
      isolationLevel: IsolationLevel.SERIALIZABLE,
    });
  }

  async cancel(id: string) {
    // ok deadlock/no-victim-retry: one row at the default level
    await this.em.transactional(async (em) => {
      await em.nativeDelete(Ticket, { id });
    });
  }

  async refund(eventId: string) {
    await withRetries(() =>
      // ok deadlock/no-victim-retry: a helper calls it again
      this.em.transactional(async (em) => em.nativeDelete(Ticket, { eventId }), {
        isolationLevel: IsolationLevel.SERIALIZABLE,
      }),
    );
  }
}
