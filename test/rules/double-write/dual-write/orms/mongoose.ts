// Idiom of github.com/haben-tekeste/ticketing-microservices: a document saved, then the other services are told.
import type { Producer } from 'kafkajs';
import type { Model } from 'mongoose';
import { type JetStreamClient, StringCodec } from 'nats';

interface Ticket {
  price: number;
  orderId?: string;
}
interface Order {
  ticketId: string;
  status: string;
}

const sc = StringCodec();

export async function createTicket(tickets: Model<Ticket>, js: JetStreamClient, price: number) {
  const ticket = await tickets.create({ price });
  //                           ^^^^^^ related "Written to 'Ticket' here."
  await js.publish('ticket.created', sc.encode(JSON.stringify({ id: ticket._id, price })));
  //       ^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return ticket;
}

export async function placeOrder(orders: Model<Order>, producer: Producer, ticketId: string) {
  const order = await orders.create({ ticketId, status: 'created' });
  //                         ^^^^^^ related "Written to 'Order' here."
  try {
    await producer.send({ topic: 'order-created', messages: [{ key: order._id, value: ticketId }] });
    //             ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
  } catch (error) {
    console.error('not published', error);
  }
  return order;
}

export async function placeAndCancel(orders: Model<Order>, producer: Producer, ticketId: string) {
  const order = await orders.create({ ticketId, status: 'created' });
  try {
    await producer.send({ topic: 'order-created', messages: [{ key: order._id, value: ticketId }] }); // ok double-write/dual-write: the catch cancels the order
  } catch (error) {
    await orders.updateOne({ _id: order._id }, { status: 'cancelled' });
    throw error;
  }
  return order;
}

export async function placePending(orders: Model<Order>, producer: Producer, ticketId: string) {
  const order = await orders.create({ ticketId, status: 'pending' });
  await producer.send({ topic: 'order-requested', messages: [{ key: order._id, value: ticketId }] }); // ok double-write/dual-write: pending until it was sent
  await orders.updateOne({ _id: order._id }, { status: 'created' });
  return order;
}

export async function remind(orders: Model<Order>, js: JetStreamClient, id: string) {
  const order = await orders.findById(id);
  if (order !== null) await js.publish('order.reminder', sc.encode(order.ticketId)); // ok double-write/dual-write: a read, and then a message
}

/** The broker redelivers until it is acknowledged. */
export async function reserve(tickets: Model<Ticket>, js: JetStreamClient, message: { id: string; orderId: string; ack(): void }) {
  await js.publish('ticket.reserving', sc.encode(message.id), { msgID: message.orderId }); // ok double-write/dual-write: the message first, the document after it
  await tickets.updateOne({ _id: message.id }, { orderId: message.orderId });
  message.ack();
}

// No outbox: what the transaction gives is lost before version 8.
export async function price(tickets: Model<Ticket>, js: JetStreamClient, id: string, amount: number) {
  const result = await tickets.updateOne({ _id: id }, { price: amount });
  //                           ^^^^^^^^^ related "Written to 'Ticket' here."
  await js.publish('ticket.priced', sc.encode(JSON.stringify({ id, amount })));
  //       ^^^^^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
  return result.modifiedCount;
}

export async function reprice(tickets: Model<Ticket>, js: JetStreamClient, id: string, amount: number) {
  await tickets.updateOne({ _id: id }, { price: amount });
  //            ^^^^^^^^^ related "Written to 'Ticket' here."
  await js.publish('ticket.priced', sc.encode(JSON.stringify({ id, amount })));
  //       ^^^^^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
}
