// Idiom of github.com/Automattic/mongoose: models of documents.
import { randomUUID } from 'node:crypto';
import type { Connection, Model } from 'mongoose';

interface Ticket {
  state: string;
  holder: string;
}
interface Message {
  from: string;
  to: string;
  text: string;
  threadId: string;
}
interface Visitor {
  email: string;
  name: string;
}
interface Entry {
  ticket: string;
}

export async function enter(tickets: Model<Ticket>, entries: Model<Entry>, id: string) {
  const ticket = await tickets.findById(id);
  //                           ^^^^^^^^ related "Checked here."
  if (ticket?.state !== 'sold') throw new Error('The ticket is not valid.');
  const updated = await tickets.findOneAndUpdate({ _id: id, state: 'sold' }, { state: 'used' });
  if (!updated) throw new Error('The ticket is not valid.');
  //            ^^^^^^^^^^^^^^^^^ toctou/db-check-then-act medium "'state' of 'Ticket'"
  await entries.create({ ticket: id });
}

export async function enterOnce(tickets: Model<Ticket>, entries: Model<Entry>, id: string) {
  const ticket = await tickets.findOneAndUpdate({ _id: id, state: 'sold' }, { state: 'used' }); // ok toctou/db-check-then-act: found and changed at once
  if (ticket === null) throw new Error('The ticket is not valid.');
  await entries.create({ ticket: id });
}

export async function reserve(tickets: Model<Ticket>, id: string, holder: string) {
  const ticket = await tickets.findOne({ _id: id });
  //                           ^^^^^^^ related "Checked here."
  if (ticket?.holder) throw new Error('The ticket is reserved.');
  await tickets.updateOne({ _id: id }, { $set: { holder } });
  //            ^^^^^^^^^ toctou/db-check-then-act medium "'holder' of 'Ticket'"
}

export async function reserveFree(tickets: Model<Ticket>, id: string, holder: string) {
  const ticket = await tickets.findOne({ _id: id });
  if (ticket?.holder) throw new Error('The ticket is reserved.');
  const { modifiedCount } = await tickets.updateOne({ _id: id, holder: null }, { $set: { holder } }); // ok toctou/db-check-then-act: only while nobody holds it, and whether that was so is looked at
  if (modifiedCount === 0) throw new Error('The ticket is reserved.');
}

export async function visit(visitors: Model<Visitor>, email: string, name: string) {
  const known = await visitors.findOne({ email });
  //                           ^^^^^^^ related "Checked here."
  if (!known) {
    await visitors.create({ email, name });
    //             ^^^^^^ toctou/db-check-then-act medium "no row of 'Visitor' with this 'email'"
  }
}

export async function visitOnce(visitors: Model<Visitor>, email: string, name: string) {
  if (await visitors.exists({ email })) return;
  await visitors.updateOne({ email }, { $setOnInsert: { name } }, { upsert: true }); // ok toctou/db-check-then-act: a second one finds the first
}

export async function enterInOneStep(connection: Connection, tickets: Model<Ticket>, entries: Model<Entry>, id: string) {
  await connection.transaction(async (session) => {
    const ticket = await tickets.findById(id).session(session);
    if (ticket?.state !== 'sold') throw new Error('The ticket is not valid.');
    await tickets.findByIdAndUpdate(id, { state: 'used' }, { session }); // ok toctou/db-check-then-act: of two transactions that write one document the second fails
    await entries.create([{ ticket: id }], { session });
  });
}

export async function reply(messages: Model<Message>, from: string, to: string, text: string) {
  const earlier = await messages.findOne({ from, to });
  //                             ^^^^^^^ related "Checked here."
  await messages.create({ from, to, text, threadId: earlier?.threadId ?? randomUUID() });
  //             ^^^^^^ toctou/db-check-then-act medium "a row of 'Message' with the 'threadId' of the one that 'findOne' finds"
}

export async function forward(messages: Model<Message>, id: string, to: string) {
  const message = await messages.findById(id);
  if (message === null) throw new Error('There is no such message.');
  // ok toctou/db-check-then-act: the thread of the message that is forwarded, or none
  await messages.create({ from: message.to, to, text: message.text, threadId: message.threadId });
}
