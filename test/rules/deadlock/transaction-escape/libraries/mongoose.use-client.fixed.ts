// Idiom of github.com/novuhq/novu: repositories over models, a session as an option.
import type { Connection, Model } from 'mongoose';

interface Subscriber {
  organization: string;
  count: number;
}
interface Preference {
  subscriber: string;
}

export class SubscriberRepository {
  constructor(
    private readonly connection: Connection,
    private readonly subscribers: Model<Subscriber>,
    private readonly preferences: Model<Preference>,
  ) {}

  async remove(id: string) {
    await this.connection.transaction(async (session) => {
    //                    ^^^^^^^^^^^ related "The transaction begins here."
      await this.subscribers.deleteOne({ _id: id }, { session });
      await this.preferences.deleteMany({ subscriber: id }, { session });
      //                     ^^^^^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
    });
  }

  async removeInside(id: string) {
    await this.connection.transaction(async (session) => {
      await this.subscribers.deleteOne({ _id: id }, { session });
      await this.preferences.deleteMany({ subscriber: id }).session(session); // ok deadlock/transaction-escape: the session comes by a call
    });
  }

  async change(id: string) {
    const subscriber = await this.subscribers.findById(id); // ok deadlock/transaction-escape: before it begins
    await this.connection.transaction(async (session) => {
      const own = await this.subscribers.findById(id).session(session); // ok deadlock/transaction-escape: the same
      if (own === null) return;
      own.count += 1;
      await own.save(); // ok deadlock/transaction-escape: a document keeps the session it was read in
    });
    return subscriber;
  }
}
