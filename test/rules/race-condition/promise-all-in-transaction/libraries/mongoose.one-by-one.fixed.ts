// Idiom of github.com/novuhq/novu: a session through the options of each call; Mongoose warns of parallel ones.
import type { Connection, Model } from 'mongoose';

export class EnvironmentService {
  constructor(
    private readonly connection: Connection,
    private readonly environments: Model<{ parent: string }>,
    private readonly keys: Model<{ environment: string }>,
  ) {}

  async remove(id: string) {
    await this.connection.transaction(async (session) => {
    //                    ^^^^^^^^^^^ related "The transaction begins here."
      await this.environments.deleteOne({ _id: id }, { session });
      await this.keys.deleteMany({ environment: id }, { session });
    });
  }

  async addKeys(id: string, count: number) {
    await this.connection.transaction(async (session) => {
      await this.keys.insertMany(Array.from({ length: count }, () => ({ environment: id })), { session }); // ok race-condition/promise-all-in-transaction: one command
    });
  }

  async removeInTurn(id: string) {
    await this.connection.transaction(async (session) => {
      await this.environments.deleteOne({ _id: id }, { session });
      await this.keys.deleteMany({ environment: id }, { session }); // ok race-condition/promise-all-in-transaction: one after another
    });
  }

  async counts(id: string) {
    return Promise.all([this.keys.countDocuments({ environment: id }), this.environments.countDocuments({ parent: id })]); // ok race-condition/promise-all-in-transaction: no session
  }
}
