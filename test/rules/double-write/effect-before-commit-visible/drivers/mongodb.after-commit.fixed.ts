// Idiom of github.com/RocketChat/Rocket.Chat: one session through all operations, as an option of each.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Collection, MongoClient } from 'mongodb';

interface Room {
  rid: string;
  open: boolean;
}

const sqs = new SQSClient({});

export async function createRoom(client: MongoClient, rooms: Collection<Room>, rid: string) {
  const session = client.startSession();
  try {
    await session.withTransaction(async () => {
    //            ^^^^^^^^^^^^^^^ related "The transaction begins here."
      await rooms.insertOne({ rid, open: true }, { session });
      //        ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Room' is committed, or although it"
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: 'rooms', MessageBody: rid }));
  } finally {
    await session.endSession();
  }
}

export async function createByHand(client: MongoClient, rooms: Collection, rid: string) {
  const session = client.startSession();
  try {
    session.startTransaction();
    //      ^^^^^^^^^^^^^^^^ related "The transaction begins here."
    await rooms.insertOne({ rid, open: true }, { session });
    await sqs.send(new SendMessageCommand({ QueueUrl: 'rooms', MessageBody: rid }));
    //        ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before the row is committed, or although it"
    await session.commitTransaction();
  } catch (error) {
    await session.abortTransaction();
    throw error;
  } finally {
    await session.endSession();
  }
}

export async function createThenSend(client: MongoClient, rooms: Collection<Room>, rid: string) {
  const session = client.startSession();
  try {
    await session.withTransaction(async () => {
      await rooms.insertOne({ rid, open: true }, { session });
      //          ^^^^^^^^^ related "Written to 'Room' here."
    });
  } finally {
    await session.endSession();
  }
  await sqs.send(new SendMessageCommand({ QueueUrl: 'rooms', MessageBody: rid })); // ok double-write/effect-before-commit-visible: after the commit
  //        ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function createAlone(rooms: Collection<Room>, rid: string) {
  await rooms.insertOne({ rid, open: true });
  //          ^^^^^^^^^ related "Written to 'Room' here."
  await sqs.send(new SendMessageCommand({ QueueUrl: 'rooms', MessageBody: rid })); // ok double-write/effect-before-commit-visible: no transaction is open
  //        ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function close(client: MongoClient, rooms: Collection<Room>, rid: string) {
  await sqs.send(new SendMessageCommand({ QueueUrl: 'closing', MessageBody: rid })); // ok double-write/effect-before-commit-visible: before it begins
  const session = client.startSession();
  await session.withTransaction(async () => {
    await rooms.updateOne({ rid }, { $set: { open: false } }, { session });
  });
  await session.endSession();
}
