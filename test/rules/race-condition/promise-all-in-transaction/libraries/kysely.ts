// Idiom of github.com/immich-app/immich: statements that run at `execute`, inside a transaction.
import type { Kysely } from 'kysely';

interface DB {
  asset: { id: string; ownerId: string };
  album_asset: { assetId: string };
}

export class AssetRepository {
  constructor(private readonly db: Kysely<DB>) {}

  async remove(ids: string[]) {
    await this.db.transaction().execute(async (tx) => {
    //                          ^^^^^^^ related "The transaction begins here."
      await Promise.all(ids.map((id) => tx.deleteFrom('album_asset').where('assetId', '=', id).execute()));
      //                                   ^^^^^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
      //                                   ^^^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
      //                    ^^^ related "The order comes from here."
      //                    ^^^ related "Repeated for each element of 'ids'."
      await tx.deleteFrom('asset').where('id', 'in', ids).execute();
    });
  }

  async removeAtOnce(ids: string[]) {
    await this.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('album_asset').where('assetId', 'in', ids).execute(); // ok race-condition/promise-all-in-transaction: one statement
      await tx.deleteFrom('asset').where('id', 'in', ids).execute();
    });
  }

  async removeSettled(ids: string[]) {
    await this.db.transaction().execute(async (tx) => {
      // ok race-condition/promise-all-in-transaction: waits for all, whatever becomes of them
      const results = await Promise.allSettled([
        tx.deleteFrom('album_asset').where('assetId', 'in', ids).execute(),
        tx.deleteFrom('asset').where('id', 'in', ids).execute(),
      ]);
      if (results.some(({ status }) => status === 'rejected')) throw new Error('Not removed.');
    });
  }

  async found(ids: string[], owner: string) {
    const queries = [
      this.db.selectFrom('asset').selectAll().where('id', 'in', ids),
      this.db.selectFrom('asset').selectAll().where('ownerId', '=', owner),
    ];
    return Promise.all(queries.map((query) => query.execute())); // ok race-condition/promise-all-in-transaction: no transaction
  }
}
