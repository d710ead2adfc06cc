// Idiom of github.com/Automattic/mongoose: `connection.transaction`, the session in the options.
import type { Connection, Model } from 'mongoose';

interface Account {
  balance: number;
}

export class AccountService {
  constructor(
    private readonly connection: Connection,
    private readonly accounts: Model<Account>,
  ) {}

  async transfer(from: string, to: string, amount: number) {
    await this.connection.transaction(async (session) => {
      await this.accounts.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
      await this.accounts.updateOne({ _id: to }, { $inc: { balance: amount } }, { session }); // ok deadlock/unordered-locks: a write conflict ends one of two at once
    });
  }

  async close(ids: string[]) {
    await this.connection.transaction(async (session) => {
      for (const _id of ids) await this.accounts.updateOne({ _id }, { closed: true }, { session }); // ok deadlock/unordered-locks: the same
      //                                         ^^^^^^^^^ n-plus-one/query-in-loop low "'updateOne' writes to 'Account' once per element of 'ids'."
    });
  }

  async touch(ids: string[]) {
    await this.accounts.bulkWrite(ids.map((_id) => ({ updateOne: { filter: { _id }, update: { touched: true } } }))); // ok deadlock/unordered-locks: no transaction
  }
}
