// Idiom of github.com/Automattic/mongoose: models of documents.
import type { Model } from 'mongoose';

interface Ticket {
  state: string;
  holder: string;
}
interface Entry {
  ticket: string;
}

export async function enter(tickets: Model<Ticket>, entries: Model<Entry>, id: string) {
  const ticket = await tickets.findById(id);
  //                           ^^^^^^^^ related "Checked here."
  if (ticket?.state !== 'sold') throw new Error('The ticket is not valid.');
  await tickets.findByIdAndUpdate(id, { state: 'used' });
  //            ^^^^^^^^^^^^^^^^^ toctou/db-check-then-act medium "'state' of 'Ticket'"
  await entries.create({ ticket: id });
}

export async function enterOnce(tickets: Model<Ticket>, entries: Model<Entry>, id: string) {
  const ticket = await tickets.findOneAndUpdate({ _id: id, state: 'sold' }, { state: 'used' }); // ok toctou/db-check-then-act: found and changed at once
  if (ticket === null) throw new Error('The ticket is not valid.');
  await entries.create({ ticket: id });
}
