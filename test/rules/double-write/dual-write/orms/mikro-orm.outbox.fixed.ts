// Idiom of github.com/mwaeckerlin/nestjs-schematics: an entity flushed by a service, which then emits it to Kafka.
import type { EntityManager } from '@mikro-orm/core';
import type { Producer } from 'kafkajs';

export class Shipment {
  id!: string;
  orderId!: string;
  state!: string;
}
export class OutboxMessage {
  id!: string;
  topic!: string;
  payload!: string;
}

export class ShipmentService {
  constructor(
    private readonly em: EntityManager,
    private readonly kafka: Producer,
  ) {}

  async create(orderId: string) {
    const shipment = this.em.create(Shipment, { orderId, state: 'new' });
    await this.em.transactional(async (em) => {
      await em.persistAndFlush(shipment);
      await em.getConnection().execute('INSERT INTO outbox (topic, payload) VALUES (?, ?)', ['kafka', JSON.stringify({ topic: 'shipment-created', messages: [{ value: JSON.stringify(shipment) }] })], 'run', em.getTransactionContext());
    });
    //            ^^^^^^^^^^^^^^^ related "Written to 'Shipment' here."
    //               ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
    return shipment;
  }

  async insert(id: string, orderId: string) {
    await this.em.insert(Shipment, { id, orderId, state: 'new' });
    //            ^^^^^^ related "Written to 'Shipment' here."
    void this.kafka.send({ topic: 'shipment-created', messages: [{ key: id, value: orderId }] });
    //              ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
  }

  async createThroughOutbox(orderId: string) {
    await this.em.transactional(async (em) => {
      em.persist(em.create(Shipment, { orderId, state: 'new' }));
      em.persist(em.create(OutboxMessage, { topic: 'shipment-created', payload: orderId })); // ok double-write/dual-write: a row of the same transaction
    });
  }

  async announce(orderId: string) {
    await this.kafka.send({ topic: 'shipment-requested', messages: [{ key: orderId, value: orderId }] }); // ok double-write/dual-write: the message first
    await this.em.upsert(Shipment, { id: orderId, orderId, state: 'requested' });
  }

  async createOrNot(id: string, orderId: string) {
    await this.em.insert(Shipment, { id, orderId, state: 'new' });
    try {
      await this.kafka.send({ topic: 'shipment-created', messages: [{ key: id, value: orderId }] }); // ok double-write/dual-write: the catch takes the row away again
    } catch (error) {
      await this.em.nativeDelete(Shipment, { id });
      throw error;
    }
  }

  async count(orderId: string) {
    const open = await this.em.count(Shipment, { orderId, state: 'new' });
    await this.kafka.send({ topic: 'shipments-open', messages: [{ key: orderId, value: String(open) }] }); // ok double-write/dual-write: nothing is written
  }

  // No outbox: what is flushed was changed in another entity manager than a transaction's.
  async close(id: string) {
    const shipment = await this.em.findOneOrFail(Shipment, { id });
    shipment.state = 'closed';
    await this.em.flush();
    //            ^^^^^ related "Written to 'Shipment' here."
    await this.kafka.send({ topic: 'shipment-closed', messages: [{ key: id, value: shipment.orderId }] });
    //               ^^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
  }
}
