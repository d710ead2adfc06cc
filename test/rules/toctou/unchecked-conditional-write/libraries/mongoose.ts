// Idiom of github.com/brocoders/nestjs-boilerplate
import type { Model } from 'mongoose';

interface Ticket {
  _id: string;
  holder: string | null;
}

export async function take(tickets: Model<Ticket>, bookings: Model<object>, id: string, holder: string): Promise<void> {
  await tickets.updateOne({ _id: id, holder: null }, { holder });
  //            ^^^^^^^^^ toctou/unchecked-conditional-write high "only while 'holder' is as expected"
  await bookings.create({ ticket: id, holder });
}

export async function takeFound(tickets: Model<Ticket>, bookings: Model<object>, id: string, holder: string): Promise<void> {
  const ticket = await tickets.findOneAndUpdate({ _id: id, holder: null }, { holder }); // ok toctou/unchecked-conditional-write: nothing found is looked at
  if (ticket === null) throw new Error('taken');
  await bookings.create({ ticket: id, holder });
}

export async function takeCounted(tickets: Model<Ticket>, bookings: Model<object>, id: string, holder: string): Promise<void> {
  const { modifiedCount } = await tickets.updateOne({ _id: id, holder: null }, { $set: { holder } }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (!modifiedCount) throw new Error('taken');
  await bookings.create({ ticket: id, holder });
}

export async function giveBack(tickets: Model<Ticket>, bookings: Model<object>, id: string, holder: string): Promise<void> {
  await bookings.deleteOne({ ticket: id, holder });
  await tickets.updateOne({ _id: id, holder }, { $set: { holder: null } }); // ok toctou/unchecked-conditional-write: nothing follows
}

export async function rename(tickets: Model<Ticket>, bookings: Model<object>, id: string, holder: string): Promise<void> {
  await tickets.updateOne({ _id: id }, { $set: { holder } }); // ok toctou/unchecked-conditional-write: no condition but the key
  await bookings.create({ ticket: id, holder });
}
