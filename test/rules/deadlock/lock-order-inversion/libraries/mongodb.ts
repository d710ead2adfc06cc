// Idiom of github.com/RocketChat/Rocket.Chat: MongoDB does not wait for a document, it gives up and runs again.
import type { Collection, MongoClient } from 'mongodb';

export class RoomService {
  constructor(
    private readonly client: MongoClient,
    private readonly rooms: Collection,
    private readonly subscriptions: Collection,
  ) {}

  async close(roomId: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      await this.rooms.updateOne({ _id: roomId }, { $set: { open: false } }, { session });
      await this.subscriptions.updateMany({ rid: roomId }, { $set: { open: false } }, { session }); // ok deadlock/lock-order-inversion: the second of two writers fails at once and is run again
    });
    await session.endSession();
  }

  async read(roomId: string) {
    const session = this.client.startSession();
    await session.withTransaction(async () => {
      await this.subscriptions.updateMany({ rid: roomId }, { $set: { unread: 0 } }, { session });
      await this.rooms.updateOne({ _id: roomId }, { $set: { readAt: new Date() } }, { session }); // ok deadlock/lock-order-inversion: the same
    });
    await session.endSession();
  }

  async touch(roomId: string) {
    await this.subscriptions.updateMany({ rid: roomId }, { $set: { touched: true } }); // ok deadlock/lock-order-inversion: no transaction
    await this.rooms.updateOne({ _id: roomId }, { $set: { touched: true } });
  }
}
