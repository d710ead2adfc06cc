// Idiom of github.com/immich-app/immich: repositories over an injected database, transactions by `execute`.
import type { Kysely } from 'kysely';

interface DB {
  album: { id: string; name: string };
  album_asset: { albumId: string; assetId: string };
}

export class AlbumRepository {
  constructor(private readonly db: Kysely<DB>) {}

  create(name: string, assetIds: string[]) {
    return this.db.transaction().execute(async (tx) => {
    //                           ^^^^^^^ related "The transaction begins here."
      const album = await tx.insertInto('album').values({ name }).returningAll().executeTakeFirstOrThrow();
      await this.addAssets(album.id, assetIds, tx);
      //         ^^^^^^^^^ deadlock/transaction-escape high "'addAssets' (through 'insertInto') and another query go through 'this.db' while a transaction is open that they are not given"
      return tx.selectFrom('album').selectAll().where('id', '=', album.id).executeTakeFirst();
      //             ^^^^^^^^^^ related "This is outside as well."
    });
  }

  createInside(name: string, assetIds: string[]) {
    return this.db.transaction().execute(async (tx) => {
      const album = await tx.insertInto('album').values({ name }).returningAll().executeTakeFirstOrThrow();
      await this.addAssets(album.id, assetIds, tx); // ok deadlock/transaction-escape: given the transaction
      return tx.selectFrom('album').selectAll().where('id', '=', album.id).executeTakeFirst(); // ok deadlock/transaction-escape: its own
    });
  }

  private async addAssets(albumId: string, assetIds: string[], db: Kysely<DB> = this.db) {
    await db.insertInto('album_asset').values(assetIds.map((assetId) => ({ albumId, assetId }))).execute();
  }

  async remove(id: string) {
    const album = this.db.selectFrom('album').selectAll().where('id', '=', id);
    await this.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('album').where('id', '=', id).execute(); // ok deadlock/transaction-escape: its own
    });
    return album.executeTakeFirst(); // ok deadlock/transaction-escape: run after it has ended
  }
}
