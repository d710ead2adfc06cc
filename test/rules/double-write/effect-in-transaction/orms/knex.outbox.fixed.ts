// Idiom of github.com/directus/directus: a service over knex invites users by mail and clears caches when they change.
import type { Knex } from 'knex';
import type Keyv from 'keyv';
import { createTransport } from 'nodemailer';

const transport = createTransport('smtp://mail');

export class UsersService {
  constructor(
    private readonly knex: Knex,
    private readonly cache: Keyv<object>,
  ) {}

  async invite(email: string, token: string) {
    await this.knex.transaction(async (trx) => {
    //              ^^^^^^^^^^^ related "The transaction begins here."
      await trx('directus_users').insert({ email, token, status: 'invited' });
      await trx('outbox').insert({ topic: 'sendMail', payload: JSON.stringify({ to: email, subject: 'You are invited', text: `/accept/${token}` }) });
      //              ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'directus_users' goes back to what it was and"
    });
  }

  async updateAll(ids: string[], values: object) {
    await this.knex.transaction(async (trx) => {
    //              ^^^^^^^^^^^ related "The transaction begins here."
      await trx('directus_users').whereIn('id', ids).update(values);
      await this.cache.delete(`users:${ids.join(',')}`);
      //               ^^^^^^ double-write/effect-in-transaction medium "whoever reads 'directus_users' before the commit puts the older value"
    });
  }

  async inviteThenSend(email: string, token: string) {
    await this.knex.transaction(async (trx) => {
      await trx('directus_users').insert({ email, token, status: 'invited' });
    });
    await transport.sendMail({ to: email, subject: 'You are invited', text: `/accept/${token}` }); // ok double-write/effect-in-transaction: after the commit
  }

  async inviteThroughOutbox(email: string, token: string) {
    await this.knex.transaction(async (trx) => {
      await trx('directus_users').insert({ email, token, status: 'invited' });
      await trx('outbox').insert({ topic: 'invitation', payload: email }); // ok double-write/effect-in-transaction: a row of the transaction
    });
  }

  async readCached(id: string) {
    const cached = await this.cache.get(`users:${id}`); // ok double-write/effect-in-transaction: no transaction is open
    return cached ?? this.knex('directus_users').where({ id }).first();
  }
}
