// Idiom of github.com/mwaeckerlin/nestjs-schematics: entities of a service, each change emitted to Kafka.
import type { EntityManager } from '@mikro-orm/core';
import type { Producer } from 'kafkajs';

export class Shipment {
  id!: string;
  orderId!: string;
  state!: string;
}

export class ShipmentService {
  constructor(
    private readonly em: EntityManager,
    private readonly kafka: Producer,
  ) {}

  async create(id: string, orderId: string) {
    await this.em.transactional(async (em) => {
    //            ^^^^^^^^^^^^^ related "The transaction begins here."
      await em.insert(Shipment, { id, orderId, state: 'new' });
      await em.getConnection().execute('INSERT INTO outbox (topic, payload) VALUES (?, ?)', ['kafka', JSON.stringify({ topic: 'shipment-created', messages: [{ key: id, value: orderId }] })], 'run', em.getTransactionContext());
      //               ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Shipment' is committed, or although"
    });
  }

  async change(id: string, state: string) {
    return this.em.transactional(async (em) => {
    //             ^^^^^^^^^^^^^ related "The transaction begins here."
      const shipment = await em.findOneOrFail(Shipment, id);
      shipment.state = state;
      await em.persistAndFlush(shipment);
      await this.kafka.send({ topic: 'shipment-changed', messages: [{ key: id, value: state }] });
      //               ^^^^ double-write/effect-before-commit-visible medium "a consumer can be at work before 'Shipment' is committed, or although"
      return shipment;
    });
  }

  async createThenSend(id: string, orderId: string) {
    await this.em.transactional(async (em) => {
      await em.insert(Shipment, { id, orderId, state: 'new' });
      //       ^^^^^^ related "Written to 'Shipment' here."
    });
    await this.kafka.send({ topic: 'shipment-created', messages: [{ key: id, value: orderId }] }); // ok double-write/effect-before-commit-visible: after the commit
    //               ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  }

  async sendFirst(id: string, orderId: string) {
    await this.kafka.send({ topic: 'shipment-requested', messages: [{ key: id, value: orderId }] }); // ok double-write/effect-before-commit-visible: before it begins
    await this.em.transactional(async (em) => {
      await em.upsert(Shipment, { id, orderId, state: 'requested' });
    });
  }

  async createAlone(orderId: string) {
    const shipment = this.em.create(Shipment, { orderId, state: 'new' });
    await this.em.persistAndFlush(shipment);
    await this.kafka.send({ topic: 'shipment-created', messages: [{ value: orderId }] }); // ok double-write/effect-before-commit-visible: `flush` has committed
    return shipment;
  }
}
