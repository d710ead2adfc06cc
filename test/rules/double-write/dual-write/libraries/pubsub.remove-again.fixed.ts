// Idiom of github.com/dailydotdev/daily-api: TypeORM, topics of the module, a helper that logs what it cannot publish.
import { PubSub, type Topic } from '@google-cloud/pubsub';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class SourceRequest {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() sourceUrl!: string;
}

const pubsub = new PubSub();
const sourceRequestTopic = pubsub.topic('pub-request');
const viewsTopic = pubsub.topic('views');

async function publishEvent(topic: Topic, payload: object) {
  try {
    await topic.publishMessage({ json: payload });
  } catch (error) {
    console.error('failed to publish message', error);
  }
}

export async function requestSource(source: DataSource, sourceUrl: string) {
  const request = await source.getRepository(SourceRequest).save({ sourceUrl });
  //                                                        ^^^^ related "Written to 'SourceRequest' here."
  try {
    await publishEvent(sourceRequestTopic, { type: 'new', id: request.id });
  } catch (error) {
    await source.getRepository(SourceRequest).remove(request);
    throw error;
  }
  //    ^^^^^^^^^^^^ double-write/dual-write medium "if it fails nobody learns of it"
  return request;
}

export async function declineSource(source: DataSource, id: string) {
  await source.getRepository(SourceRequest).delete({ id });
  //                                        ^^^^^^ related "Written to 'SourceRequest' here."
  await sourceRequestTopic.publishMessage({ json: { type: 'decline', id } });
  //                       ^^^^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function view(postId: string) {
  await viewsTopic.publishMessage({ json: { postId } }); // ok double-write/dual-write: nothing was written
}

export async function requestOrUndo(source: DataSource, sourceUrl: string) {
  const requests = source.getRepository(SourceRequest);
  const request = await requests.save({ sourceUrl });
  try {
    await sourceRequestTopic.publishMessage({ json: { id: request.id } }); // ok double-write/dual-write: the catch takes the row away again
  } catch (error) {
    await requests.delete({ id: request.id });
    throw error;
  }
}

export async function requested(source: DataSource, id: string) {
  const request = await source.getRepository(SourceRequest).findOneBy({ id });
  if (request !== null) await sourceRequestTopic.publishMessage({ json: { id: request.id } }); // ok double-write/dual-write: a read, and then a message
}
