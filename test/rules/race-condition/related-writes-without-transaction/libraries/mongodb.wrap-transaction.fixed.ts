// Idiom of github.com/RocketChat/Rocket.Chat: documents of several collections, a session where they belong together.
import type { Collection, MongoClient, ObjectId } from 'mongodb';

interface Wallet {
  balance: number;
}
interface Entry {
  amount: number;
}

export class WalletService {
  constructor(
    private readonly client: MongoClient,
    private readonly wallets: Collection<Wallet>,
    private readonly entries: Collection<Entry>,
  ) {}

  async transfer(from: ObjectId, to: ObjectId, amount: number) {
    await this.client.withSession((session) => session.withTransaction(async () => {
      await this.wallets.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
      //                 ^^^^^^^^^ related "Written before."
      await this.wallets.updateOne({ _id: to }, { $inc: { balance: amount } }, { session });
    }));
    //                 ^^^^^^^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
  }

  async transferTogether(from: ObjectId, to: ObjectId, amount: number) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      await this.wallets.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
      await this.wallets.updateOne({ _id: to }, { $inc: { balance: amount } }, { session }); // ok race-condition/related-writes-without-transaction: both or none
    });
  }

  async spend(from: ObjectId, amount: number) {
    // ok race-condition/related-writes-without-transaction: one document, changed at once
    await this.wallets.updateOne({ _id: from }, { $inc: { balance: -amount }, $push: { entries: { amount } } });
  }

  async see(from: ObjectId, to: ObjectId) {
    await this.wallets.updateOne({ _id: from }, { $set: { seenAt: new Date() } });
    await this.entries.updateOne({ _id: to }, { $set: { seenAt: new Date() } }); // ok race-condition/related-writes-without-transaction: neither needs the other
  }
}
