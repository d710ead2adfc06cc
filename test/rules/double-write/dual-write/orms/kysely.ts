// Idiom of github.com/docmost/docmost: members by Kysely, and a job for the seats that are paid for.
import type { Queue } from 'bullmq';
import type { Kysely } from 'kysely';

interface Tables {
  users: { id: string; workspaceId: string; email: string };
  pages: { id: string; title: string };
  outbox: { id: string; topic: string; payload: string };
}

export class WorkspaceService {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly billing: Queue,
    private readonly search: Queue,
  ) {}

  async accept(workspaceId: string, email: string) {
    const user = await this.db
      .insertInto('users')
     //^^^^^^^^^^ related "Written to 'users' here."
      .values({ workspaceId, email })
      .returningAll()
      .executeTakeFirstOrThrow();
    await this.billing.add('add-seat', { workspaceId, userId: user.id });
    //                 ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
    return user;
  }

  async removePage(id: string) {
    await this.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('pages').where('id', '=', id).execute();
      //        ^^^^^^^^^^ related "Written to 'pages' here."
    });
    void this.search.add('remove-page', { id });
    //               ^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
  }

  async acceptThroughOutbox(workspaceId: string, email: string) {
    await this.db.transaction().execute(async (trx) => {
      await trx.insertInto('users').values({ workspaceId, email }).execute();
      await trx.insertInto('outbox').values({ topic: 'sync-seats', payload: workspaceId }).execute(); // ok double-write/dual-write: a row of the same transaction
    });
  }

  async acceptOrNot(workspaceId: string, email: string) {
    const user = await this.db
      .insertInto('users')
      .values({ workspaceId, email })
      .returningAll()
      .executeTakeFirstOrThrow();
    try {
      await this.billing.add('add-seat', { workspaceId, userId: user.id }); // ok double-write/dual-write: the catch takes the row away again
    } catch (error) {
      await this.db.deleteFrom('users').where('id', '=', user.id).execute();
      throw error;
    }
  }

  async importPages(importId: string) {
    await this.search.add('import', { importId }, { jobId: importId }); // ok double-write/dual-write: the job first, rows by its worker
  }

  async visit(id: string) {
    const page = await this.db.selectFrom('pages').selectAll().where('id', '=', id).executeTakeFirst();
    if (page !== undefined) await this.search.add('warm-page', { id: page.id }); // ok double-write/dual-write: a read, and then a job
  }
}
