// Idiom of github.com/RocketChat/Rocket.Chat: raw models over collections, guards as filters.
import type { Collection, MongoClient } from 'mongodb';

interface Inquiry {
  rid: string;
  status: string;
  agent?: string;
}
interface Invite {
  _id: never;
  token: string;
  uses: number;
  maxUses: number;
}

export class LivechatInquiryRaw {
  constructor(
    private readonly inquiries: Collection<Inquiry>,
    private readonly invites: Collection<Invite>,
    private readonly client: MongoClient,
  ) {}

  async take(rid: string, agent: string) {
    const inquiry = await this.inquiries.findOne({ rid });
    //                                   ^^^^^^^ related "Checked here."
    if (inquiry?.status !== 'queued') throw new Error('error-already-taken');
    const updated = await this.inquiries.updateOne({ rid, status: 'queued' }, { $set: { status: 'taken', agent } });
    if (updated.matchedCount === 0) throw new Error('error-already-taken');
    //                   ^^^^^^^^^ toctou/db-check-then-act low "'status' of 'Inquiry'"
  }

  async open(rid: string) {
    const known = await this.inquiries.countDocuments({ rid });
    //                                 ^^^^^^^^^^^^^^ related "Checked here."
    if (known > 0) return;
    await this.inquiries.insertOne({ rid, status: 'queued' });
    //                   ^^^^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  }

  async useInvite(token: string) {
    const invite = await this.invites.findOne({ token });
    //                                ^^^^^^^ related "Checked here."
    if (!invite || invite.uses >= invite.maxUses) throw new Error('error-invite-expired');
    await this.invites.updateOne({ token }, { $inc: { uses: 1 } });
    //                 ^^^^^^^^^ toctou/db-check-then-act high "'uses' of 'Invite'"
  }

  async takeOnce(rid: string, agent: string) {
    // ok toctou/db-check-then-act: found and changed at once
    const taken = await this.inquiries.findOneAndUpdate({ rid, status: 'queued' }, { $set: { status: 'taken', agent } });
    if (taken === null) throw new Error('error-already-taken');
  }

  async openOnce(rid: string) {
    // ok toctou/db-check-then-act: put in when it is not there, by one operation
    await this.inquiries.updateOne({ rid }, { $setOnInsert: { status: 'queued' } }, { upsert: true });
  }

  async takeInTransaction(rid: string, agent: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      const inquiry = await this.inquiries.findOne({ rid }, { session });
      if (inquiry?.status !== 'queued') throw new Error('error-already-taken');
      // ok toctou/db-check-then-act: of two transactions that write one document the second runs again
      await this.inquiries.updateOne({ rid }, { $set: { status: 'taken', agent } }, { session });
    });
  }
}
