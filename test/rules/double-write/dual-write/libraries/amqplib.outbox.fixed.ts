// Idiom of github.com/NanorIsrael/nest-rest-api: a row through a repository, then a message into a queue's buffer.
import type { Channel, ConfirmChannel } from 'amqplib';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Shipment {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() status!: string;
}

export class ShipmentService {
  constructor(
    private readonly shipments: Repository<Shipment>,
    private readonly channel: Channel,
    private readonly confirmed: ConfirmChannel,
  ) {}

  async create() {
    const shipment = await this.shipments.manager.transaction(async (manager) => {
      const shipment = await manager.withRepository(this.shipments).save({ status: 'new' });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['shipments', JSON.stringify([{ id: shipment.id }, { persistent: true }])]);
      return shipment;
    });
    //                                    ^^^^ related "Written to 'Shipment' here."
    //           ^^^^^^^^^^^ double-write/dual-write medium "if it fails nobody learns of it"
    return shipment;
  }

  async createConfirmed() {
    const shipment = await this.shipments.save({ status: 'new' });
    try {
      this.confirmed.publish('shipping', 'shipment.created', Buffer.from(shipment.id), { persistent: true }); // ok double-write/dual-write: what the broker does not confirm takes the row away
      await this.confirmed.waitForConfirms();
    } catch (error) {
      await this.shipments.delete({ id: shipment.id });
      throw error;
    }
  }

  /** Every minute. */
  async resendUnsent() {
    for (const { id } of await this.shipments.find({ where: { status: 'unsent' }, take: 100 })) {
  //^^^ related "Repeated for each element of 'Shipment'."
      this.channel.publish('shipping', 'shipment.changed', Buffer.from(id));
      await this.shipments.update({ id }, { status: 'sent' });
      //                   ^^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  }

  async change(id: string) {
    await this.shipments.update({ id }, { status: 'unsent' });
    this.channel.publish('shipping', 'shipment.changed', Buffer.from(id)); // ok double-write/dual-write: sent again by the sweeper
  }

  async ping(id: string) {
    await this.shipments.update({ id }, { status: 'seen' });
    this.channel.sendToQueue('heartbeats', Buffer.from('alive')); // ok double-write/dual-write: about something else
  }
}
