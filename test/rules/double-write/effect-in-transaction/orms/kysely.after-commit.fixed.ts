// Idiom of github.com/docmost/docmost: members changed in a Kysely transaction, what is cached about them dropped.
import type { Redis } from 'ioredis';
import type { Kysely } from 'kysely';

interface Tables {
  users: { id: string; role: string; workspaceId: string };
}

export class MemberService {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly redis: Redis,
  ) {}

  async changeRole(id: string, role: string) {
    await this.db.transaction().execute(async (trx) => {
    //                          ^^^^^^^ related "The transaction begins here."
      await trx.updateTable('users').set({ role }).where('id', '=', id).execute();
      //               ^^^ double-write/effect-in-transaction medium "whoever reads 'users' before the commit puts the older value back"
    });
    await this.redis.del(`user:${id}`);
  }

  async deactivate(id: string) {
    await this.db.transaction().execute(async (trx) => {
    //                          ^^^^^^^ related "The transaction begins here."
      await trx.deleteFrom('users').where('id', '=', id).execute();
      await fetch(`https://sso.example.com/users/${id}`, { method: 'DELETE' });
      //    ^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'users' goes back to what it was and this does"
    });
  }

  async changeThenDrop(id: string, role: string) {
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable('users').set({ role }).where('id', '=', id).execute();
    });
    await this.redis.del(`user:${id}`); // ok double-write/effect-in-transaction: after the commit
  }

  async changeAndSignal(id: string, role: string) {
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable('users').set({ role }).where('id', '=', id).execute();
      await this.redis.publish('roles', id); // ok double-write/effect-in-transaction: a signal that nobody keeps
    });
  }

  async invite(workspaceId: string, id: string) {
    const known = await this.redis.get(`invited:${id}`); // ok double-write/effect-in-transaction: before it begins
    if (known !== null) return;
    await this.db.transaction().execute(async (trx) => {
      await trx.insertInto('users').values({ workspaceId, role: 'guest' }).execute();
    });
  }
}
