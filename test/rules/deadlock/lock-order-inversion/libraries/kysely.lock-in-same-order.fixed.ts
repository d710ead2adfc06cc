// Idiom of github.com/immich-app/immich: repositories over an injected database, transactions by `execute`.
import type { Kysely, Transaction } from 'kysely';

interface DB {
  stack: { id: string; primaryAssetId: string };
  asset: { id: string; stackId: string | null };
  album: { id: string };
  memory: { id: string; stackId: string };
  library: { id: string };
  scan: { libraryId: string };
}

export class StackRepository {
  constructor(private readonly db: Kysely<DB>) {}

  /** The stack, then its assets. */
  async hide(stackId: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('stack').set({ hidden: true }).where('id', '=', stackId).execute();
      await this.hideAssets(tx, stackId);
    });
  }

  private async hideAssets(tx: Transaction<DB>, stackId: string) {
    await tx.updateTable('asset').set({ visibility: 'hidden' }).where('stackId', '=', stackId).execute();
  }

  async feature(stackId: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('stack').set({ featured: true }).where('id', '=', stackId).execute();
      await tx.updateTable('memory').set({ featured: true }).where('stackId', '=', stackId).execute(); // ok deadlock/lock-order-inversion: who goes the other way passes it over
    });
  }

  async fade(stackId: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('memory').set({ featured: false }).where('stackId', '=', stackId).execute();
      await tx.selectFrom('stack').select('id').where('id', '=', stackId).forUpdate().skipLocked().execute(); // ok deadlock/lock-order-inversion: a row that is taken is passed over
    });
  }
}

export class AssetRepository {
  constructor(private readonly db: Kysely<DB>) {}

  /** The asset, then the stack that it is in. */
  async setPrimary(assetId: string) {
    await this.db.transaction().execute(async (tx) => {
      const asset = await tx.selectFrom('asset').selectAll().where('id', '=', assetId).forUpdate().executeTakeFirstOrThrow();
      await tx.updateTable('stack').set({ primaryAssetId: asset.id }).where('id', '=', asset.stackId).execute();
      //       ^^^^^^^^^^^ deadlock/lock-order-inversion high "'updateTable' takes a row of 'stack' while a row of 'asset' is held,"
    });
  }

  async empty(albumId: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('album').set({ updatedAt: new Date() }).where('id', '=', albumId).execute();
      await tx.updateTable('asset').set({ albumId: null }).where('albumId', '=', albumId).execute(); // ok deadlock/lock-order-inversion: albums come first everywhere
    });
  }

  async touch(albumId: string) {
    await this.db.updateTable('asset').set({ updatedAt: new Date() }).where('albumId', '=', albumId).execute(); // ok deadlock/lock-order-inversion: no transaction holds it
    await this.db.updateTable('album').set({ updatedAt: new Date() }).where('id', '=', albumId).execute();
  }
}

export class LibraryRepository {
  constructor(private readonly db: Kysely<DB>) {}

  async pause(id: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('scan').set({ paused: true }).where('libraryId', '=', id).execute();
      await tx.updateTable('library').set({ paused: true }).where('id', '=', id).execute();
      //       ^^^^^^^^^^^ deadlock/lock-order-inversion high "'updateTable' takes a row of 'scan' while a row of 'library' is held,"
    });
  }

  async resume(id: string) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('scan').set({ paused: false }).where('libraryId', '=', id).execute();
      await tx.updateTable('library').set({ paused: false }).where('id', '=', id).execute();
    });
  }
}
