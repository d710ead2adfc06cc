// Idiom of github.com/vendure-ecommerce/vendure: entities found, changed and saved.
import { Column, type DataSource, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Wallet {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  owner: string;

  @Column()
  balance: number;
}

export class WalletService {
  constructor(
    private readonly wallets: Repository<Wallet>,
    private readonly dataSource: DataSource,
  ) {}

  async deposit(id: number, amount: number): Promise<void> {
    const wallet = await this.wallets.findOneByOrFail({ id });
//                                    ^^^^^^^^^^^^^^^ related "Read here."
    wallet.balance += amount;
    await this.wallets.save(wallet);
//                     ^^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async withdraw(id: number, amount: number): Promise<void> {
    const wallet = await this.wallets.findOneByOrFail({ id });
//                                    ^^^^^^^^^^^^^^^ related "Read here."
    if (wallet.balance < amount) throw new Error('insufficient funds');
    wallet.balance = wallet.balance - amount;
    await this.wallets.save(wallet);
//                     ^^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async addInterest(id: number, interest: number): Promise<void> {
    const wallet = await this.wallets.findOne({ where: { id } });
//                                    ^^^^^^^ related "Read here."
    if (!wallet) return;
    await this.wallets.increment({ id: wallet.id }, 'balance', interest);
//                     ^^^^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async depositInTransaction(id: number, amount: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const wallet = await manager.findOneOrFail(Wallet, { where: { id } });
//                                 ^^^^^^^^^^^^^ related "Read here."
      wallet.balance += amount;
      await manager.save(wallet);
//                  ^^^^ race-condition/lost-update high "a change made in between is lost"
    });
  }

  async depositLocked(id: number, amount: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const wallet = await manager.findOneOrFail(Wallet, { where: { id }, lock: { mode: 'pessimistic_write' } });
      wallet.balance += amount;
      await manager.save(wallet); // ok race-condition/lost-update: the row is locked when it is read
    });
  }

  async depositAtomically(id: number, amount: number): Promise<void> {
    const wallet = await this.wallets.findOneByOrFail({ id });
    await this.wallets.increment({ id: wallet.id }, 'balance', amount); // ok race-condition/lost-update: the database adds
  }

  async handOver(id: number, owner: string): Promise<void> {
    await this.wallets.update(id, { owner }); // ok race-condition/lost-update: nothing was read
  }

  async open(owner: string): Promise<Wallet> {
    const wallet = this.wallets.create({ owner, balance: 0 });
    wallet.balance += 10;
    return this.wallets.save(wallet); // ok race-condition/lost-update: a new row
  }
}
