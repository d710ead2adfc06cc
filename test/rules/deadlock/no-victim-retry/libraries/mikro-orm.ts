// Idiom of github.com/mikro-orm/mikro-orm: a level in the options of `transactional`.
import { type EntityManager, IsolationLevel } from '@mikro-orm/core';
import { withRetries } from './attempts.ts';

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
    await this.em.transactional(
    //            ^^^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      async (em) => {
        const event = await em.findOneOrFail(Event, { id: eventId });
        const sold = await em.count(Ticket, { eventId });
        if (sold >= event.capacity) throw new Error('Sold out.');
        em.persist(em.create(Ticket, { eventId }));
      },
      { isolationLevel: IsolationLevel.SERIALIZABLE },
    );
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
