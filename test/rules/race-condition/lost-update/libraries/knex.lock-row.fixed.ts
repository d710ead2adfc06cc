// Idiom of github.com/Unleash/unleash: stores over Knex, transactions handed to a callback.
import type { Knex } from 'knex';

export class WalletStore {
  constructor(private readonly db: Knex) {}

  async deposit(id: string, amount: number) {
    const wallet = await this.db('wallets').where('id', id).first();
    //                        ^^ related "Read here."
    if (!wallet) throw new Error('There is no such wallet.');
    await this.db('wallets')
      .where('id', id)
      .update({ balance: wallet.balance + amount });
    // ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
  }

  async spend(id: string, amount: number) {
    const wallet = await this.db('wallets').where('id', id).first();
    //                        ^^ related "Read here."
    if (wallet.balance < amount) {
      console.warn('refused', id);
      throw new Error('There is not enough.');
    }
    await this.db('wallets').where('id', id).update({ balance: wallet.balance - amount, spent_at: new Date() });
    //                                       ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
  }

  async charge(id: string, rate: number) {
    await this.db.transaction(async (trx) => {
      const wallet = await trx('wallets').where('id', id).first().forUpdate();
      //                   ^^^ related "Read here."
      await trx('wallets').where('id', id).update({ balance: wallet.balance * rate });
      //                                   ^^^^^^ race-condition/lost-update high "'balance' of 'wallets'"
    });
  }

  async freeze(id: string) {
    const wallet = await this.db('wallets').where('id', id).first();
    if (!wallet) return;
    await this.db('wallets').where('id', id).update({ frozen: true }); // ok race-condition/lost-update: not computed from what was read
  }

  async depositAtOnce(id: string, amount: number) {
    const wallet = await this.db('wallets').where('id', id).first();
    if (!wallet) throw new Error('There is no such wallet.');
    await this.db('wallets').where('id', id).increment('balance', amount); // ok race-condition/lost-update: the database adds
  }
}
