// Idiom of github.com/RocketChat/Rocket.Chat: raw models over collections; an index of the messages beside them.
import { Client } from '@elastic/elasticsearch';
import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
import type { Collection } from 'mongodb';

interface Message {
  rid: string;
  msg: string;
  state?: string;
}

const search = new Client({ node: 'http://search:9200' });
const sns = new SNSClient({});

export async function postMessage(messages: Collection<Message>, rid: string, msg: string) {
  const { insertedId } = await messages.insertOne({ rid, msg });
  //                                    ^^^^^^^^^ related "Written to 'Message' here."
  try {
    await search.index({ index: 'messages', id: String(insertedId), document: { rid, msg } });
  } catch (error) {
    await messages.deleteOne({ _id: insertedId });
    throw error;
  }
  //           ^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function removeRoom(messages: Collection<Message>, rid: string) {
  await messages.deleteMany({ rid });
  //             ^^^^^^^^^^ related "Written to 'Message' here."
  void sns.send(new PublishCommand({ TopicArn: 'room-removed', Message: rid }));
  //       ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
}

export async function postOrNot(messages: Collection<Message>, rid: string, msg: string) {
  const { insertedId } = await messages.insertOne({ rid, msg });
  try {
    await search.index({ index: 'messages', id: String(insertedId), document: { rid, msg } }); // ok double-write/dual-write: the catch takes the document away again
  } catch (error) {
    await messages.deleteOne({ _id: insertedId });
    throw error;
  }
}

export async function postPending(messages: Collection<Message>, rid: string, msg: string) {
  const { insertedId } = await messages.insertOne({ rid, msg, state: 'pending' });
  await search.index({ index: 'messages', id: String(insertedId), document: { rid, msg } }); // ok double-write/dual-write: pending until it was indexed
  await messages.updateOne({ _id: insertedId }, { $set: { state: 'posted' } });
}

export async function find(messages: Collection<Message>, rid: string) {
  const { hits } = await search.search({ index: 'messages', query: { term: { rid } } }); // ok double-write/dual-write: only asks
  return messages.find({ rid, _id: { $in: hits.hits.map(({ _id }) => _id) } }).toArray();
}

export async function reindex(messages: Collection<Message>, rid: string) {
  const all = await messages.find({ rid }).toArray();
  await search.bulk({ operations: all.flatMap((message) => [{ index: { _id: message._id } }, { msg: message.msg }]) }); // ok double-write/dual-write: nothing is written
}
