// Idiom of github.com/mikro-orm/mikro-orm: a changed entity is written at the flush.
import { type EntityManager, IsolationLevel, LockMode } from '@mikro-orm/core';

class Wallet {
  id!: string;
  balance!: number;
  label!: string;
}

export class WalletService {
  constructor(private readonly em: EntityManager) {}

  async spend(id: string, amount: number) {
    const wallet = await this.em.findOne(Wallet, { id });
    //                           ^^^^^^^ related ""
    if (wallet === null) throw new Error('There is no such wallet.');
    wallet.balance -= amount;
    await this.em.flush();
    //            ^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
  }

  async spendLocked(id: string, amount: number) {
    await this.em.transactional(async (em) => {
      const wallet = await em.findOne(Wallet, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (wallet === null) throw new Error('There is no such wallet.');
      wallet.balance -= amount; // ok race-condition/lost-update: the row is locked until the end
    });
  }

  async spendForked(id: string, amount: number) {
    await this.em.fork().transactional(async (em) => {
      const wallet = await em.findOne(Wallet, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (wallet === null) throw new Error('There is no such wallet.');
      wallet.balance -= amount; // ok race-condition/lost-update: locked in the transaction of the fork
    });
  }

  // What the transaction keeps apart, the fork does not take part in.
  async spendBeside(id: string, amount: number) {
    await this.em.transactional(
      async (em) => {
        const own = em.fork();
        const wallet = await own.findOne(Wallet, { id });
        //                       ^^^^^^^ related "Read here."
        if (wallet === null) throw new Error('There is no such wallet.');
        wallet.balance -= amount;
        await own.flush();
        //        ^^^^^ race-condition/lost-update high "'balance' of 'Wallet' is read by 'findOne'"
        //        ^^^^^ deadlock/transaction-escape medium "'flush' and another query go through a fork of 'this.em'"
      },
      { isolationLevel: IsolationLevel.REPEATABLE_READ },
    );
  }

  async rename(id: string, label: string) {
    const wallet = await this.em.findOne(Wallet, { id });
    if (wallet === null) throw new Error('There is no such wallet.');
    wallet.label = label;
    await this.em.flush(); // ok race-condition/lost-update: not computed from what was read
  }

  async open(id: string) {
    const wallet = this.em.create(Wallet, { id, balance: 0 });
    wallet.balance += 10;
    this.em.persist(wallet);
    await this.em.flush(); // ok race-condition/lost-update: a new row
  }
}
