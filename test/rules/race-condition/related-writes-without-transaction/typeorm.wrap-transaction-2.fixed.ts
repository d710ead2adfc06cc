// Idiom of github.com/vendure-ecommerce/vendure
import type { DataSource, EntityManager, Repository } from 'typeorm';

declare class Wallet {
  id: number;
  balance: number;
}
declare class LedgerEntry {
  id: number;
  walletId: number;
  amount: number;
}
declare class Team {
  id: number;
  name: string;
}
declare class Membership {
  id: number;
  teamId: number;
  userId: number;
}

export class WalletService {
  constructor(
    private readonly wallets: Repository<Wallet>,
    private readonly entries: Repository<LedgerEntry>,
    private readonly teams: Repository<Team>,
    private readonly memberships: Repository<Membership>,
    private readonly dataSource: DataSource,
  ) {}

  async charge(walletId: number, amount: number): Promise<number> {
    await this.wallets.decrement({ id: walletId }, 'balance', amount);
    const entry = await this.entries.save({ walletId, amount });
    //                               ^^^^ race-condition/related-writes-without-transaction high "one of the two has happened"
    return entry.id;
  }

  async createTeam(name: string, userId: number): Promise<Team> {
    const team = await this.teams.manager.transaction(async (manager) => {
      const team = await manager.withRepository(this.teams).save({ name });
      await manager.withRepository(this.memberships).insert({ teamId: team.id, userId });
      return team;
    });
    //                     ^^^^^^ race-condition/related-writes-without-transaction low "that row stays behind without it"
    return team;
  }

  async setMembers(teamId: number, userId: number): Promise<void> {
    await this.memberships.delete({ teamId });
    await this.memberships.insert({ teamId, userId });
    //                     ^^^^^^ race-condition/related-writes-without-transaction high "what was there is gone"
  }

  async replaceAll(teamId: number, userId: number): Promise<void> {
    await this.dataSource.transaction((manager) => this.replaceMembers(manager, teamId, userId));
  }

  private async replaceMembers(manager: EntityManager, teamId: number, userId: number): Promise<void> {
    await manager.delete(Membership, { teamId });
    await manager.insert(Membership, { teamId, userId }); // ok race-condition/related-writes-without-transaction: the caller opens the transaction
  }

  async move(userId: number, from: number, to: number): Promise<void> {
    await this.memberships.delete({ teamId: from, userId });
    await this.memberships.insert({ teamId: to, userId: userId + 1 }); // ok race-condition/related-writes-without-transaction: rows of other parents
  }

  async chargeByRunner(walletId: number, amount: number): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.manager.decrement(Wallet, { id: walletId }, 'balance', amount);
      await runner.manager.insert(LedgerEntry, { walletId, amount }); // ok race-condition/related-writes-without-transaction: between 'startTransaction' and 'commitTransaction'
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }

  async transferByBuilder(from: number, to: number, amount: number): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .update(Wallet)
    // ^^^^^^ related "Written before."
      .set({ balance: () => 'balance - :amount' })
      .where('id = :from', { from, amount })
      .execute();
    await this.dataSource
      .createQueryBuilder()
      .update(Wallet)
    // ^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
      .set({ balance: () => 'balance + :amount' })
      .where('id = :to', { to, amount })
      .execute();
  }
}
