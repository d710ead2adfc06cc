import type { Queue } from 'bullmq';

export class DeskService {
  constructor(private readonly billing: Queue) {}

  async giveUp(companyId: string, userId: string) {
    await this.billing.add('sync-licences', { companyId });
    await this.billing.add('sync-access', { companyId, userId });
    await this.billing.add('send-final-invoice', { companyId });
  }
}
