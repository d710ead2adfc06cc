// Idiom of github.com/Unleash/unleash: services are built anew on the transaction's client
import type { Knex } from 'knex';

export class RoleStore {
  constructor(private readonly db: Knex) {}

  async setPermission(roleId: number, name: string): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('role_permissions').where({ role_id: roleId }).del();
      await trx('role_permissions').insert({ role_id: roleId, name });
    });
    //                                ^^^^^^ race-condition/related-writes-without-transaction low "what was there is gone"
  }
}

export const createRoleStore = (db: Knex): RoleStore => new RoleStore(db);

export function transactional<S, R>(db: Knex, createService: (db: Knex) => S, run: (service: S) => Promise<R>): Promise<R> {
  return db.transaction(async (trx) => run(createService(trx)));
}
