// Idiom of github.com/Automattic/mongoose: `connection.transaction`, a session in the options of each operation.
import type { Connection, Model } from 'mongoose';

interface Team {
  seats: number;
}
interface Member {
  teamId: string;
}

export class TeamService {
  constructor(
    private readonly connection: Connection,
    private readonly teams: Model<Team>,
    private readonly members: Model<Member>,
  ) {}

  async shrink(teamId: string) {
    await this.connection.transaction(async (session) => {
      await this.teams.updateOne({ _id: teamId }, { $inc: { seats: -1 } }, { session });
      await this.members.deleteOne({ teamId }, { session }); // ok deadlock/lock-order-inversion: a write conflict ends one of two at once
    });
  }

  async leave(teamId: string, memberId: string) {
    await this.connection.transaction(async (session) => {
      await this.members.deleteOne({ _id: memberId }, { session });
      await this.teams.updateOne({ _id: teamId }, { $inc: { free: 1 } }, { session }); // ok deadlock/lock-order-inversion: the same
    });
  }

  async rename(teamId: string, name: string) {
    await this.members.updateMany({ teamId }, { $set: { teamName: name } }); // ok deadlock/lock-order-inversion: no transaction
    await this.teams.updateOne({ _id: teamId }, { $set: { name } });
  }
}
