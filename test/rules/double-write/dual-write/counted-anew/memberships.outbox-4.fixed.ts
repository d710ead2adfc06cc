// Idiom of github.com/documenso/documenso: a job that counts what is paid for anew after each change.
import type { Queue } from 'bullmq';
import type { Repository } from 'typeorm';
import type { Membership } from './entities.ts';

export class MembershipService {
  constructor(
    private readonly memberships: Repository<Membership>,
    private readonly billing: Queue,
  ) {}

  /** The next change counts again. */
  async leave(userId: string, companyId: string) {
    await this.memberships.delete({ userId, companyId });
    //                     ^^^^^^ related "Written to 'Membership' here."
    await this.billing.add('sync-licences', { companyId });
    //                 ^^^ double-write/dual-write low "if it fails the caller gets an error"
  }

  /** Sent from here alone. */
  async retire(userId: string, companyId: string) {
    await this.memberships.delete({ userId, companyId });
    //                     ^^^^^^ related "Written to 'Membership' here."
    await this.billing.add('recount-pensions', { companyId });
    //                 ^^^ double-write/dual-write medium "if it fails the caller gets an error"
  }

  /** Of this row: no other one speaks of it. */
  async revoke(userId: string, companyId: string) {
    await this.memberships.delete({ userId, companyId });
    //                     ^^^^^^ related "Written to 'Membership' here."
    await this.billing.add('sync-access', { companyId, userId });
    //                 ^^^ double-write/dual-write medium "if it fails the caller gets an error"
  }

  /** Nothing is counted: what is not sent never happens. */
  async close(userId: string, companyId: string) {
    await this.memberships.manager.transaction(async (manager) => {
      await manager.withRepository(this.memberships).delete({ userId, companyId });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['send-final-invoice', JSON.stringify({ companyId })]);
    });
    //                     ^^^^^^ related "Written to 'Membership' here."
    //                 ^^^ double-write/dual-write medium "if it fails the caller gets an error"
  }
}
