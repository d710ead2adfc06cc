// Idiom of github.com/LucasBatista37/PetShop-Agendamento-Backend: work in a session, committed or aborted by a helper.
import { Queue } from 'bullmq';
import mongoose, { type ClientSession, type Model } from 'mongoose';

interface Appointment {
  petId: string;
  at: Date;
  state: string;
}

const reminders = new Queue('appointments');

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

export async function book(appointments: Model<Appointment>, petId: string, at: Date) {
  await mongoose.connection.transaction(async (session) => {
  //                        ^^^^^^^^^^^ related "The transaction begins here."
    const [appointment] = await appointments.create([{ petId, at, state: 'booked' }], { session });
    await reminders.add('plan-appointment', { appointmentId: appointment?._id });
    //              ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Appointment' is committed, or"
  });
}

export async function bookThroughHelper(appointments: Model<Appointment>, petId: string, at: Date) {
  await inSession(async (session) => {
  //    ^^^^^^^^^ related "The transaction begins here."
    await appointments.create([{ petId, at, state: 'booked' }], { session });
    await reminders.add('plan-appointments-of', { petId });
    //              ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Appointment' is committed, or"
  });
}

export async function bookThenPlan(appointments: Model<Appointment>, petId: string, at: Date) {
  await inSession(async (session) => {
    await appointments.create([{ petId, at, state: 'booked' }], { session });
    //                 ^^^^^^ related "Written to 'Appointment' here."
  });
  await reminders.add('plan-appointments-of', { petId, at }); // ok double-write/effect-before-commit-visible: after the commit
  //              ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function planFirst(appointments: Model<Appointment>, id: string) {
  await reminders.add('check-appointment', { id }); // ok double-write/effect-before-commit-visible: before it begins
  await inSession(async (session) => {
    await appointments.updateOne({ _id: id }, { state: 'checking' }, { session });
  });
}

export async function bookAlone(appointments: Model<Appointment>, petId: string, at: Date) {
  const appointment = new appointments({ petId, at, state: 'booked' });
  await appointments.db.transaction(async (session) => {
    await appointment.save({ session });
    await appointments.db.collection('outbox').insertOne({ topic: 'plan-appointment', payload: JSON.stringify({ appointmentId: appointment._id }) }, { session });
  });
  //                                     ^^^^^^ related "Written to 'Appointment' here."
   // ok double-write/effect-before-commit-visible: no transaction is open
  //              ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}
