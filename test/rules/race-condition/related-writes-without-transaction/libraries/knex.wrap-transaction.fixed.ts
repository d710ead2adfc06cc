// Idiom of github.com/Unleash/unleash
import type { Knex } from 'knex';

export class RoleStore {
  constructor(private readonly db: Knex) {}

  async setPermissions(roleId: number, permissions: { role_id: number; name: string }[]): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('role_permissions').where({ role_id: roleId }).del();
      await trx('role_permissions').insert(permissions);
    });
    //                                ^^^^^^ race-condition/related-writes-without-transaction medium "what was there is gone"
  }

  async setOne(roleId: number, name: string): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('role_permissions').where({ role_id: roleId }).del();
      await trx('role_permissions').insert({ role_id: roleId, name }); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }
}
