// Idiom of github.com/microsoft/tsyringe users: by token, or asked of the container.
import { container, inject, injectable } from 'tsyringe';
import { type AccountStore, PgAccountStore } from './account-store.ts';

@injectable()
export class Shop {
  constructor(@inject('AccountStore') private accounts: AccountStore) {}

  async buy(id: string, price: number) {
    const balance = await this.accounts.balanceOf(id);
    //                                  ^^^^^^^^^ related "Read here."
    await this.accounts.setBalance(id, balance - price);
    //                  ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  }

  async close(id: string) {
    const balance = await this.accounts.balanceOf(id);
    // ok race-condition/lost-update: a constant is written
    if (balance > 0) await this.accounts.setBalance(id, 0);
    return balance;
  }
}

export async function refund(id: string, price: number) {
  const accounts = container.resolve(PgAccountStore);
  const balance = await accounts.balanceOf(id);
  //                             ^^^^^^^^^ related "Read here."
  await accounts.setBalance(id, balance + price);
  //             ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
}
