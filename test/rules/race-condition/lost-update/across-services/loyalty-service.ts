import type { AccountRepository } from './account-repository.ts';

export class LoyaltyService {
  constructor(private readonly accounts: AccountRepository) {}

  async reward(id: string, points: number): Promise<void> {
    const account = await this.accounts.find(id);
//                                      ^^^^ related "Read here."
    const total = account.points + points;
    await this.save(id, total);
//             ^^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async rewardAtomically(id: string, points: number): Promise<void> {
    await this.accounts.find(id);
    await this.accounts.add(id, points); // ok race-condition/lost-update: the database adds
  }

  async reset(id: string): Promise<void> {
    const account = await this.accounts.find(id);
    if (account.points === 0) return;
    await this.save(id, 0); // ok race-condition/lost-update: nothing of the old value is in the new one
  }

  private async save(id: string, points: number): Promise<void> {
    await this.accounts.store(id, points);
  }
}
