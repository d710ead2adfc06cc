// Idiom of github.com/RocketChat/Rocket.Chat: models over collections of the driver, updates by operator.
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb';

interface Room {
  name: string;
  msgs: number;
  usersCount: number;
}

export class RoomsRaw {
  private readonly col: Collection<Room>;

  constructor(db: Db, private readonly client: MongoClient) {
    this.col = db.collection<Room>('rocketchat_room');
  }

  async countMessages(name: string, amount: number) {
    const room = await this.col.findOne({ name });
    //                          ^^^^^^^ related "Read here."
    if (!room) return;
    await this.col.updateOne({ name }, { $set: { msgs: room.msgs + amount } });
    //             ^^^^^^^^^ race-condition/lost-update high "'msgs' of 'rocketchat_room'"
  }

  async leave(name: string) {
    const room = await this.col.findOne({ name }, { projection: { usersCount: 1 } });
    //                          ^^^^^^^ related "Read here."
    if (!room || room.usersCount < 1) throw new Error('Nobody is in it.');
    const updated = await this.col.findOneAndUpdate({ name, usersCount: { $gte: 1 } }, { $inc: { usersCount: -1 } });
    if (!updated) throw new Error('Nobody is in it.');
    //             ^^^^^^^^^^^^^^^^ race-condition/lost-update high "'usersCount' of 'rocketchat_room'"
  }

  async merge(name: string, other: Room) {
    const room = await this.col.findOne({ name });
    //                          ^^^^^^^ related "Read here."
    if (!room) return;
    room.msgs += other.msgs;
    await this.col.replaceOne({ name }, room);
    //             ^^^^^^^^^^ race-condition/lost-update high "'msgs' of 'rocketchat_room'"
  }

  async countAtOnce(name: string, amount: number) {
    await this.col.updateOne({ name }, { $inc: { msgs: amount } }); // ok race-condition/lost-update: the server adds
  }

  async halve(name: string) {
    const session: ClientSession = this.client.startSession();
    await session.withTransaction(async () => {
      const room = await this.col.findOne({ name }, { session });
      if (!room) return;
      // ok race-condition/lost-update: of two transactions that write one document the second fails and runs again
      await this.col.updateOne({ name }, { $set: { msgs: Math.floor(room.msgs / 2) } }, { session });
    });
  }

  async countUnchanged(name: string, amount: number) {
    const room = await this.col.findOne({ name });
    if (!room) return;
    // ok race-condition/lost-update: written only while the count is the one that was read
    const { modifiedCount } = await this.col.updateOne({ name, msgs: room.msgs }, { $set: { msgs: room.msgs + amount } });
    if (modifiedCount === 0) throw new Error('Counted by somebody else.');
  }
}
