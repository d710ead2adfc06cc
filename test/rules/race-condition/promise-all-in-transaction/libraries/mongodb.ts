// Idiom of github.com/RocketChat/Rocket.Chat: one session, which the server lets run one operation at a time.
import type { Collection, MongoClient } from 'mongodb';

export class TeamService {
  constructor(
    private readonly client: MongoClient,
    private readonly teams: Collection,
    private readonly members: Collection,
  ) {}

  async remove(teamId: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
    //            ^^^^^^^^^^^^^^^ related "The transaction begins here."
      await Promise.all([
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction medium "without waiting for the others"
        this.teams.deleteOne({ teamId }, { session }),
        this.members.deleteMany({ teamId }, { session }),
      ]);
    });
  }

  async removeInTurn(teamId: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      await this.teams.deleteOne({ teamId }, { session });
      await this.members.deleteMany({ teamId }, { session }); // ok race-condition/promise-all-in-transaction: one after another
    });
  }

  async removeApart(teamId: string) {
    // ok race-condition/promise-all-in-transaction: no session, a connection for each
    await Promise.all([this.teams.deleteOne({ teamId }), this.members.deleteMany({ teamId })]);
  }

  async addAll(userIds: string[], teamId: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      await this.members.insertMany(userIds.map((userId) => ({ userId, teamId })), { session }); // ok race-condition/promise-all-in-transaction: one command
    });
  }
}
