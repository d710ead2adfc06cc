// Idiom of github.com/knex/knex: a level in the options of a transaction, or set by its first statement.
import type { Knex } from 'knex';
import { withRetries } from './attempts.ts';

export class SeatStore {
  constructor(private readonly db: Knex) {}

  async reserve(showId: string, count: number) {
    await this.db.transaction(
    //            ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      async (trx) => {
        const { free } = await trx('shows').where({ id: showId }).first('free');
        if (free < count) throw new Error('Sold out.');
        await trx('reservations').insert({ show_id: showId, count });
      },
      { isolationLevel: 'serializable' },
    );
  }

  async release(showId: string, count: number) {
    await this.db.transaction(async (trx) => {
    //            ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      await trx.raw('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      await trx('reservations').where({ show_id: showId, count }).del();
    });
  }

  async report(showId: string) {
    // ok deadlock/no-victim-retry: it only reads
    return this.db.transaction(async (trx) => trx('reservations').where({ show_id: showId }).select('count'), {
      isolationLevel: 'repeatable read',
    });
  }

  async rename(showId: string, name: string) {
    // ok deadlock/no-victim-retry: one row at the default level waits and goes on
    await this.db.transaction(async (trx) => {
      await trx('shows').where({ id: showId }).update({ name });
    });
  }

  async move(from: string, to: string) {
    await withRetries(() =>
      // ok deadlock/no-victim-retry: a helper of another file calls it again
      this.db.transaction(
        async (trx) => {
          await trx('reservations').where({ show_id: from }).update({ show_id: to });
        },
        { isolationLevel: 'serializable' },
      ),
    );
  }
}
