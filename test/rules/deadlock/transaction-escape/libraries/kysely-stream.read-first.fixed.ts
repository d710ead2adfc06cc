// Idiom of github.com/immich-app/immich: rows of a large table read one by one, for jobs that look at each.
import type { Kysely } from 'kysely';

interface DB {
  asset: { id: string; checksum: string };
  checked: { assetId: string };
}

export class IntegrityCheck {
  constructor(private readonly db: Kysely<DB>) {}

  async checkAll() {
    for (const asset of await this.db.selectFrom('asset').selectAll().execute()) {
      await this.db.insertInto('checked').values({ assetId: asset.id }).execute();
      //            ^^^^^^^^^^ deadlock/transaction-escape medium "for each row of 'stream'"
      //            ^^^^^^^^^^ n-plus-one/query-in-loop
    }
  }

  async checkList() {
    for (const asset of await this.db.selectFrom('asset').selectAll().execute()) {
      await this.db.insertInto('checked').values({ assetId: asset.id }).execute(); // ok deadlock/transaction-escape: the rows are all there
      //            ^^^^^^^^^^ n-plus-one/query-in-loop
    }
  }
}
