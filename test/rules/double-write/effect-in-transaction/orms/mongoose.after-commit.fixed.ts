// Idiom of github.com/LucasBatista37/PetShop-Agendamento-Backend: work in a session, committed or aborted by a helper.
import mongoose, { type ClientSession, type Model } from 'mongoose';
import { createTransport } from 'nodemailer';
import { createClient } from 'redis';

interface Collaborator {
  email: string;
  token: string;
}

const transport = createTransport('smtp://mail');
const redis = createClient();

async function inSession<T>(run: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = await mongoose.connection.startSession();
  session.startTransaction();
  try {
    const result = await run(session);
    await session.commitTransaction();
    return result;
  } catch (error) {
    await session.abortTransaction();
    throw error;
  } finally {
    await session.endSession();
  }
}

export async function invite(collaborators: Model<Collaborator>, email: string, token: string) {
  await inSession(async (session) => {
  //    ^^^^^^^^^ related "The transaction begins here."
    await collaborators.create([{ email, token }], { session });
    //              ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Collaborator' goes back to what it was and"
  });
  await transport.sendMail({ to: email, subject: 'Join us', text: `/join/${token}` });
}

export async function remove(collaborators: Model<Collaborator>, id: string) {
  await mongoose.connection.transaction(async (session) => {
  //                        ^^^^^^^^^^^ related "The transaction begins here."
    await collaborators.deleteOne({ _id: id }, { session });
    await redis.del(`collaborator:${id}`);
    //          ^^^ double-write/effect-in-transaction medium "whoever reads 'Collaborator' before the commit puts the older value"
  });
}

export async function inviteThenSend(collaborators: Model<Collaborator>, email: string, token: string) {
  await inSession(async (session) => {
    await collaborators.create([{ email, token }], { session });
  });
  await transport.sendMail({ to: email, subject: 'Join us', text: `/join/${token}` }); // ok double-write/effect-in-transaction: after the commit
}

export async function removeThenDrop(collaborators: Model<Collaborator>, id: string) {
  await mongoose.connection.transaction(async (session) => {
    await collaborators.deleteOne({ _id: id }, { session });
  });
  await redis.del(`collaborator:${id}`); // ok double-write/effect-in-transaction: after the commit
}

export async function greet(collaborators: Model<Collaborator>, id: string) {
  const collaborator = await collaborators.findById(id);
  if (collaborator === null) return;
  await transport.sendMail({ to: collaborator.email, subject: 'Hello', text: '' }); // ok double-write/effect-in-transaction: no transaction is open
}
