// Idiom of github.com/amplication/amplication: events of what was created, with the row's key.
import { Kafka } from 'kafkajs';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Resource {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

const producer = new Kafka({ clientId: 'server', brokers: ['kafka:9092'] }).producer();

async function emitCreated(resourceId: string) {
  await producer.send({ topic: 'resource.created', messages: [{ key: resourceId, value: resourceId }] });
}

export async function create(source: DataSource, name: string) {
  const resource = await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const resource = await manager.save(Resource, { name });
    return resource;
    //    ^^^^^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Resource' is committed"
  });
  await emitCreated(resource.id);
}

export async function createThenEmit(source: DataSource, name: string) {
  const created = await source.transaction(async (manager) => {
    const resource = await manager.save(Resource, { name });
    //                             ^^^^ related "Written to 'Resource' here."
    return resource.id;
  });
  await emitCreated(created); // ok double-write/effect-before-commit-visible: after the commit
  //    ^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function createThroughOutbox(source: DataSource, name: string) {
  await source.transaction(async (manager) => {
    const resource = await manager.save(Resource, { name });
    await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['resource.created', resource.id]); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function find(source: DataSource, id: string) {
  const resource = await source.manager.findOneBy(Resource, { id });
  if (resource !== null) await emitCreated(resource.id); // ok double-write/effect-before-commit-visible: no transaction
}
