// Idiom of github.com/docmost/docmost: `executeTx` runs in the transaction that it is given or in one of its own.
import type { Queue } from 'bullmq';
import type { Kysely, Transaction } from 'kysely';

interface Tables {
  pages: { id: string; spaceId: string; title: string };
  outbox: { id: string; topic: string; payload: string };
}

async function executeTx<T>(db: Kysely<Tables>, run: (trx: Transaction<Tables>) => Promise<T>, existing?: Transaction<Tables>) {
  return existing === undefined ? db.transaction().execute(run) : run(existing);
}

export class PageService {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly search: Queue,
  ) {}

  async create(spaceId: string, title: string) {
    return this.db.transaction().execute(async (trx) => {
    //                           ^^^^^^^ related "The transaction begins here."
      const page = await trx.insertInto('pages').values({ spaceId, title }).returningAll().executeTakeFirstOrThrow();
      await this.search.add('page-created', { pageId: page.id });
      //                ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'pages' is committed, or although it"
      return page;
    });
  }

  async move(id: string, spaceId: string) {
    await executeTx(this.db, async (trx) => {
    //    ^^^^^^^^^ related "The transaction begins here."
      await trx.updateTable('pages').set({ spaceId }).where('id', '=', id).execute();
      //                ^^^ double-write/effect-before-commit-visible medium "a consumer can be at work before 'pages' is committed, or although it"
    });
    await this.search.add('page-moved', { pageId: id });
  }

  async createThenIndex(spaceId: string, title: string) {
    const page = await this.db
      .transaction()
      .execute(async (trx) =>
        trx.insertInto('pages').values({ spaceId, title }).returningAll().executeTakeFirstOrThrow(),
        //  ^^^^^^^^^^ related "Written to 'pages' here."
      );
    await this.search.add('page-created', { pageId: page.id }); // ok double-write/effect-before-commit-visible: after the commit
    //                ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
    return page;
  }

  async createThroughOutbox(spaceId: string, title: string) {
    await this.db.transaction().execute(async (trx) => {
      await trx.insertInto('pages').values({ spaceId, title }).execute();
      await trx.insertInto('outbox').values({ topic: 'page-created', payload: title }).execute(); // ok double-write/effect-before-commit-visible: a row of the transaction
    });
  }

  async warm(spaceId: string) {
    await this.search.add('warm-space', { spaceId }); // ok double-write/effect-before-commit-visible: before it begins
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable('pages').set({ title: 'warmed' }).where('spaceId', '=', spaceId).execute();
    });
  }
}
