// Idiom of github.com/RocketChat/Rocket.Chat: one session through all operations, as an option of each.
import type { Collection, MongoClient } from 'mongodb';

export class RoomService {
  constructor(
    private readonly client: MongoClient,
    private readonly rooms: Collection,
    private readonly messages: Collection,
  ) {}

  async deleteRoom(rid: string) {
    const session = this.client.startSession();
    try {
      await session.withTransaction(async (tx) => {
      //            ^^^^^^^^^^^^^^^ related "The transaction begins here."
        await this.rooms.deleteOne({ rid }, { session });
        await this.messages.deleteMany({ rid }, { session: tx });
        //                  ^^^^^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
      });
    } finally {
      await session.endSession();
    }
  }
}

export async function deleteRoomInside(client: MongoClient, rooms: Collection, messages: Collection, rid: string) {
  const session = client.startSession();
  try {
    const count = await messages.countDocuments({ rid }); // ok deadlock/transaction-escape: before it begins
    if (count > 1000) throw new Error('error-too-many');
    await session.withTransaction(async (own) => {
      await rooms.deleteOne({ rid }, { session: own }); // ok deadlock/transaction-escape: the parameter is the session
      await messages.deleteMany({ rid }, { session }); // ok deadlock/transaction-escape: the session itself
    });
  } finally {
    await session.endSession();
  }
}
