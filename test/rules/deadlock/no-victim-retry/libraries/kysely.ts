// Idiom of github.com/undb-io/undb: `setIsolationLevel` between `transaction` and `execute`.
import type { Kysely } from 'kysely';
import { withRetries } from './attempts.ts';

interface DB {
  locker: { id: string; size: string; tenantId: string | null };
}

export class LockerRepository {
  constructor(private readonly db: Kysely<DB>) {}

  async assign(size: string, tenantId: string) {
    await this.db
      .transaction()
      .setIsolationLevel('serializable')
      .execute(async (trx) => {
     //^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
        const rows = await trx.selectFrom('locker').selectAll().where('tenantId', '=', tenantId).execute();
        if (rows.length >= 2) throw new Error('Two are enough.');
        await trx.updateTable('locker').set({ tenantId }).where('size', '=', size).execute();
      });
  }

  async all() {
    return this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      // ok deadlock/no-victim-retry: it only reads
      .execute(async (trx) => trx.selectFrom('locker').selectAll().execute());
  }

  async free(id: string) {
    // ok deadlock/no-victim-retry: one row at the default level
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable('locker').set({ tenantId: null }).where('id', '=', id).execute();
    });
  }

  async empty(tenantId: string) {
    await withRetries(() =>
      this.db
        .transaction()
        .setIsolationLevel('serializable')
        // ok deadlock/no-victim-retry: a helper calls it again
        .execute(async (trx) => {
          await trx.updateTable('locker').set({ tenantId: null }).where('tenantId', '=', tenantId).execute();
        }),
    );
  }
}
