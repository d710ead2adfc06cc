// Idiom of github.com/Unleash/unleash
import type { Knex } from 'knex';

export class RoleStore {
  constructor(private readonly db: Knex) {}

  async setPermissions(roleId: number, permissions: { role_id: number; name: string }[]): Promise<void> {
    await this.db('role_permissions').where({ role_id: roleId }).del();
    await this.db('role_permissions').insert(permissions);
    //                                ^^^^^^ race-condition/related-writes-without-transaction medium "what was there is gone"
  }

  async setOne(roleId: number, name: string): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('role_permissions').where({ role_id: roleId }).del();
      await trx('role_permissions').insert({ role_id: roleId, name }); // ok race-condition/related-writes-without-transaction: in a transaction
    });
  }

  async setOneIn(trx: Knex.Transaction, roleId: number, name: string): Promise<void> {
    await trx('role_permissions').where({ role_id: roleId }).del();
    await trx('role_permissions').insert({ role_id: roleId, name }); // ok race-condition/related-writes-without-transaction: in the caller's transaction
  }

  async touch(roleId: number): Promise<void> {
    await this.db('roles').where({ id: roleId }).update({ seen_at: new Date() });
    await this.db('role_permissions').where({ role_id: roleId }).update({ seen_at: new Date() }); // ok race-condition/related-writes-without-transaction: neither needs the other
  }

  async moveSeats(from: number, to: number, seats: number): Promise<void> {
    await this.db('projects').where({ id: from }).decrement('seats', seats);
    //                                            ^^^^^^^^^ related "Written before."
    await this.db('projects').where({ id: to }).increment('seats', seats);
    //                                          ^^^^^^^^^ race-condition/related-writes-without-transaction "without a transaction; when it fails"
  }
}
