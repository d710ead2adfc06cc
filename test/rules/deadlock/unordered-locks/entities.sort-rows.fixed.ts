// Idiom of github.com/vendure-ecommerce/vendure: entities read, changed and saved one by one.
import { In, type DataSource, type Repository } from 'typeorm';

class Wallet {
  id!: number;
  balance!: number;
}

export class Wallets {
  constructor(
    private readonly dataSource: DataSource,
    private readonly wallets: Repository<Wallet>,
  ) {}

  async transfer(fromId: number, toId: number, amount: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.decrement(Wallet, { id: fromId }, 'balance', amount);
      await manager.increment(Wallet, { id: toId }, 'balance', amount);
//                  ^^^^^^^^^ deadlock/unordered-locks high "'decrement' locks the row 'fromId' of 'Wallet' and 'increment'"
    });
  }

  async transferLocked(fromId: number, toId: number, amount: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.find(Wallet, {
        where: { id: In([fromId, toId].sort()) },
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      await manager.decrement(Wallet, { id: fromId }, 'balance', amount);
      await manager.increment(Wallet, { id: toId }, 'balance', amount); // ok deadlock/unordered-locks: locked in order before
    });
  }

  async import(rows: { wallet: number; amount: number }[]): Promise<void> {
    await this.wallets.upsert(
//                     ^^^^^^ deadlock/unordered-locks low "locks rows of 'Wallet' in the order they arrive in"
      [...rows].sort((a, b) => (a.wallet < b.wallet ? -1 : 1)).map((row) => ({ id: row.wallet, balance: row.amount })),
      ['id'],
    );
  }

  async importSorted(rows: { wallet: number; amount: number }[]): Promise<void> {
    const sorted = [...rows].sort((a, b) => a.wallet - b.wallet);
    // ok deadlock/unordered-locks: everyone goes up
    await this.wallets.upsert(
      sorted.map((row) => ({ id: row.wallet, balance: row.amount })),
      ['id'],
    );
  }

  async create(rows: { amount: number }[]): Promise<void> {
    await this.wallets.save(rows.map((row) => ({ balance: row.amount }))); // ok deadlock/unordered-locks: new rows
  }
}
