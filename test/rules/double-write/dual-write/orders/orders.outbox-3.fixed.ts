// Idiom of github.com/linkwarden/linkwarden: a row, then the search index and the jobs that do the real work.
import { EventEmitter } from 'node:events';
import { Queue } from 'bullmq';
import { Meilisearch } from 'meilisearch';
import { createTransport } from 'nodemailer';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Order {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() customer!: string;
  @Column() status!: string;
  @Column() total!: number;
}

@Entity()
export class OrderOutbox {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() topic!: string;
  @Column() payload!: string;
}

const fulfilment = new Queue<{ orderId: string }>('fulfilment');
const mails = new Queue<{ orderId: string }>('send-order-emails');
const index = new Meilisearch({ host: 'http://search:7700' }).index<Partial<Order>>('orders');
const mailer = createTransport('smtp://mail');
const bus = new EventEmitter();
const logger = console;

export class OrderService {
  constructor(
    private readonly orders: Repository<Order>,
    private readonly outbox: Repository<OrderOutbox>,
  ) {}

  async place(customer: string, total: number) {
    const order = await this.orders.save({ customer, total, status: 'new' });
    //                              ^^^^ related "Written to 'Order' here"
    await fulfilment.add('fulfil', { orderId: order.id });
    //               ^^^ double-write/dual-write medium "'add' enqueues the job 'fulfil' after 'save' has written 'Order' for good: if it fails the caller gets an error"
    return order;
  }

  async placeAndForget(customer: string, total: number) {
    const order = await this.orders.save({ customer, total, status: 'new' });
    void fulfilment.add('fulfil', { orderId: order.id });
    //              ^^^ double-write/dual-write medium "if it fails nobody learns of it"
    return order;
  }

  async rename(id: string, customer: string) {
    await this.orders.manager.transaction(async (manager) => {
      await manager.withRepository(this.orders).update({ id }, { customer });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['addDocuments', JSON.stringify([{ id, customer }])]);
    });
  }

  async close(id: string) {
    await this.orders.update({ id }, { status: 'closed' });
    await fulfilment.add('archive', { orderId: id });
    //               ^^^ double-write/dual-write low "enqueues the job 'archive'"
  }

  async remove(id: string) {
    await this.orders.delete({ id });
    await this.unindex(id);
    //         ^^^^^^^ double-write/dual-write medium "'unindex' (through 'deleteDocument') takes it out of the search index"
  }

  private async unindex(id: string) {
    await index.deleteDocument(id);
  }

  async placeWithCompensation(customer: string, total: number) {
    const order = await this.orders.save({ customer, total, status: 'new' });
    try {
      await fulfilment.add('fulfil', { orderId: order.id }); // ok double-write/dual-write: the catch takes the row away again
    } catch (error) {
      await this.orders.delete({ id: order.id });
      throw error;
    }
  }

  async placeThroughOutbox(customer: string, total: number) {
    const order = await this.orders.manager.transaction(async (manager) => {
      const placed = await manager.withRepository(this.orders).save({ customer, total, status: 'new' });
      await manager.withRepository(this.outbox).insert({ topic: 'fulfil', payload: placed.id });
      return placed;
    });
    await fulfilment.add('fulfil', { orderId: order.id }); // ok double-write/dual-write: the row in the outbox stands for the job
    return order;
  }

  async confirm(id: string) {
    await this.orders.update({ id }, { status: 'confirmed' });
    await mails.add('order-confirmed-email', { orderId: id }); // ok double-write/dual-write: a mail that may be lost
    bus.emit('order.confirmed', id); // ok double-write/dual-write: listeners of this process
    await mailer.sendMail({ to: id, subject: 'Confirmed', text: 'Thank you' }); // ok double-write/dual-write: a mail that may be lost
  }

  async ship(id: string) {
    await this.orders.update({ id }, { status: 'shipping' });
    const job = await fulfilment.add('ship', { orderId: id }); // ok double-write/dual-write: the row says that it is pending until the next line
    await this.orders.update({ id }, { status: `shipping:${job.id}` });
  }

  async audit(id: string, other: string) {
    await this.orders.update({ id }, { status: 'audited' });
    await fulfilment.add('count', { orderId: other }); // ok double-write/dual-write: about something else
  }
}

/** Runs every minute. */
export async function requeueStuckOrders(orders: Repository<Order>) {
  for (const order of await orders.find({ where: { status: 'paid' }, take: 100 })) {
    await fulfilment.add('invoice', { orderId: order.id });
  }
}

export async function pay(orders: Repository<Order>, id: string) {
  await orders.update({ id }, { status: 'paid' });
  void fulfilment.add('invoice', { orderId: id }); // ok double-write/dual-write: what was left behind is queued again
}
