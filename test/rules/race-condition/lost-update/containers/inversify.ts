// Idiom of github.com/inversify/InversifyJS users: an interface, a symbol, one implementation.
import { inject, injectable } from 'inversify';
import type { AccountStore } from './account-store.ts';

const TYPES = { AccountStore: Symbol.for('AccountStore') };

@injectable()
export class Wallet {
  @inject(TYPES.AccountStore) private readonly other!: AccountStore;

  constructor(@inject(TYPES.AccountStore) private readonly accounts: AccountStore) {}

  async spend(id: string, amount: number) {
    const balance = await this.accounts.balanceOf(id);
    //                                  ^^^^^^^^^ related "Read here."
    await this.accounts.setBalance(id, balance - amount);
    //                  ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  }

  async earn(id: string, amount: number) {
    const balance = await this.other.balanceOf(id);
    //                               ^^^^^^^^^ related "Read here."
    await this.other.setBalance(id, balance + amount);
    //               ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  }

  async give(id: string, amount: number) {
    // ok race-condition/lost-update: the database adds
    await this.accounts.addToBalance(id, amount);
    return this.accounts.balanceOf(id);
  }
}
