// Idiom of github.com/dailydotdev/daily-api: topics and queues of the cloud, TypeORM's transactions.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PubSub } from '@google-cloud/pubsub';
import { Inngest } from 'inngest';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Post {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() title!: string;
}

const topic = new PubSub().topic('post-created');
const sqs = new SQSClient({});
const inngest = new Inngest({ id: 'posts' });

export async function publish(source: DataSource, title: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const post = await manager.save(Post, { title });
    await topic.publishMessage({ json: { postId: post.id } });
    //          ^^^^^^^^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Post' is committed"
  });
}

export async function enqueue(source: DataSource, title: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const post = await manager.save(Post, { title });
    await sqs.send(new SendMessageCommand({ QueueUrl: 'posts', MessageBody: JSON.stringify({ postId: post.id }) }));
    //        ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Post' is committed"
  });
}

export async function trigger(source: DataSource, title: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const post = await manager.save(Post, { title });
    await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['post/created', JSON.stringify({ postId: post.id })]);
    //            ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Post' is committed"
  });
}

export async function publishAfterwards(source: DataSource, title: string) {
  const post = await source.transaction(async (manager) => manager.save(Post, { title }));
  //                                                               ^^^^ related "Written to 'Post' here."
  await topic.publishMessage({ json: { postId: post.id } }); // ok double-write/effect-before-commit-visible: after the commit
  //          ^^^^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function publishFound(source: DataSource, id: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const post = await manager.findOneBy(Post, { id });
    await topic.publishMessage({ json: { postId: post?.id } }); // ok double-write/effect-before-commit-visible: nothing is written
    //          ^^^^^^^^^^^^^^ double-write/effect-in-transaction low "its connection is held"
  });
}

export async function publishOther(source: DataSource, id: string, title: string) {
  await topic.publishMessage({ json: { postId: id } }); // ok double-write/effect-before-commit-visible: before it begins
  await source.transaction(async (manager) => {
    await manager.save(Post, { title });
  });
}
