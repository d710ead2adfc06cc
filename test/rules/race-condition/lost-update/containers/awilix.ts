// Idiom of github.com/jeffijoe/awilix users: what is needed is taken from the cradle, by functions and classes.
import { asClass, createContainer } from 'awilix';
import { type AccountStore, PgAccountStore } from './account-store.ts';

interface Cradle {
  accounts: AccountStore;
  audit: AccountStore;
}

export function makeWallet({ accounts, audit }: Cradle) {
  return {
    async spend(id: string, amount: number) {
      const balance = await accounts.balanceOf(id);
      //                             ^^^^^^^^^ related "Read here."
      await accounts.setBalance(id, balance - amount);
      //             ^^^^^^^^^^ race-condition/lost-update "'balance' of 'accounts'"
    },
    async mirror(id: string) {
      const balance = await accounts.balanceOf(id);
      // ok race-condition/lost-update: another row is written
      await audit.setBalance(`audit-${id}`, balance);
    },
  };
}

export class Bank {
  private readonly accounts: AccountStore;

  constructor({ accounts }: Cradle) {
    this.accounts = accounts;
  }

  async charge(id: string, fee: number) {
    const balance = await this.accounts.balanceOf(id);
    //                                  ^^^^^^^^^ related "Read here."
    await this.accounts.setBalance(id, balance - fee);
    //                  ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  }

  async open(id: string) {
    // ok race-condition/lost-update: nothing was read
    await this.accounts.setBalance(id, 0);
  }
}

export class Teller {
  constructor(private readonly cradle: Cradle) {}

  async pay(id: string, amount: number) {
    const balance = await this.cradle.accounts.balanceOf(id);
    //                                         ^^^^^^^^^ related "Read here."
    await this.cradle.accounts.setBalance(id, balance - amount);
    //                         ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  }
}

const container = createContainer<Cradle>();
container.register({ accounts: asClass(PgAccountStore) });

export async function tick(id: string) {
  const balance = await container.cradle.accounts.balanceOf(id);
  //                                              ^^^^^^^^^ related "Read here."
  await container.cradle.accounts.setBalance(id, balance + 1);
  //                              ^^^^^^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
}
