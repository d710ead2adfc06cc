// Idiom of github.com/amplication/amplication: a producer wrapped by a service, topics as constants.
import { Kafka } from 'kafkajs';
import { Column, Entity, type EntityManager, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Build {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() status!: string;
}
@Entity()
export class BuildOutbox {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() topic!: string;
  @Column() payload!: string;
}

const CODE_GENERATION_REQUEST = 'code-generation.request';
const producer = new Kafka({ clientId: 'server', brokers: ['kafka:9092'] }).producer();

class KafkaProducerService {
  async emitMessage(topic: string, id: string) {
    await producer.send({ topic, messages: [{ key: id, value: JSON.stringify({ buildId: id }) }] });
  }
}

export class BuildService {
  private readonly kafka = new KafkaProducerService();

  constructor(private readonly builds: Repository<Build>) {}

  async create() {
    const build = await this.builds.save({ status: 'running' });
    //                              ^^^^ related "Written to 'Build' here."
    await this.kafka.emitMessage(CODE_GENERATION_REQUEST, build.id);
    //               ^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
    return build;
  }

  async createAndLog() {
    const build = await this.builds.save({ status: 'running' });
    //                              ^^^^ related "Written to 'Build' here."
    producer.send({ topic: CODE_GENERATION_REQUEST, messages: [{ value: build.id }] }).catch(console.error);
    //       ^^^^ double-write/dual-write medium "if it fails nobody learns of it"
  }

  async createThroughOutbox(manager: EntityManager) {
    await manager.transaction(async (tx) => {
      const build = await tx.save(Build, { status: 'running' });
      await tx.insert(BuildOutbox, { topic: CODE_GENERATION_REQUEST, payload: build.id }); // ok double-write/dual-write: a row of the same transaction
    });
  }

  async createOrFail() {
    const build = await this.builds.save({ status: 'running' });
    try {
      await this.kafka.emitMessage(CODE_GENERATION_REQUEST, build.id); // ok double-write/dual-write: the row says that it failed
    } catch (error) {
      await this.builds.update({ id: build.id }, { status: 'failed' });
      throw error;
    }
  }
}
