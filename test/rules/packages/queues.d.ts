declare module 'amqplib' {
  export interface Channel {
    publish(exchange: string, routingKey: string, content: Buffer, options?: { persistent?: boolean }): boolean;
    sendToQueue(queue: string, content: Buffer, options?: { persistent?: boolean; messageId?: string }): boolean;
    ack(message: ConsumeMessage): void;
    consume(queue: string, handle: (message: ConsumeMessage | null) => void): Promise<{ consumerTag: string }>;
  }
  export interface ConfirmChannel extends Channel {
    waitForConfirms(): Promise<void>;
  }
  export interface ConsumeMessage {
    content: Buffer;
  }
  export interface ChannelModel {
    createChannel(): Promise<Channel>;
    createConfirmChannel(): Promise<ConfirmChannel>;
  }
  export function connect(url: string): Promise<ChannelModel>;
}
declare module 'kafkajs' {
  export interface Message {
    key?: string;
    value: string;
  }
  export interface Producer {
    connect(): Promise<void>;
    send(record: { topic: string; messages: Message[]; acks?: number }): Promise<object[]>;
  }
  export interface Consumer {
    run(options: { eachMessage(payload: { topic: string; message: { value: Buffer } }): Promise<void> }): Promise<void>;
  }
  export class Kafka {
    constructor(options: { clientId: string; brokers: string[] });
    producer(options?: { idempotent?: boolean }): Producer;
    consumer(options: { groupId: string }): Consumer;
  }
}
declare module 'nats' {
  export interface JetStreamClient {
    publish(subject: string, data?: Uint8Array, options?: { msgID?: string }): Promise<{ seq: number }>;
  }
  export interface NatsConnection {
    publish(subject: string, data?: Uint8Array): void;
    jetstream(): JetStreamClient;
  }
  export function StringCodec(): { encode(text: string): Uint8Array };
  export function connect(options: { servers: string }): Promise<NatsConnection>;
}
declare module '@aws-sdk/client-sqs' {
  export class SendMessageCommand {
    constructor(input: { QueueUrl: string; MessageBody: string; MessageDeduplicationId?: string });
  }
  export class SQSClient {
    constructor(options: { region?: string });
    send(command: SendMessageCommand): Promise<{ MessageId?: string }>;
  }
}
declare module '@aws-sdk/client-sns' {
  export class PublishCommand {
    constructor(input: { TopicArn: string; Message: string });
  }
  export class SNSClient {
    constructor(options: { region?: string });
    send(command: PublishCommand): Promise<{ MessageId?: string }>;
  }
}
declare module '@aws-sdk/client-eventbridge' {
  export class PutEventsCommand {
    constructor(input: { Entries: { Source: string; DetailType: string; Detail: string; EventBusName?: string }[] });
  }
  export class EventBridgeClient {
    constructor(options: { region?: string });
    send(command: PutEventsCommand): Promise<{ FailedEntryCount?: number }>;
  }
}
declare module '@google-cloud/pubsub' {
  export class Topic {
    publishMessage(message: { json?: object; data?: Buffer; attributes?: Record<string, string> }): Promise<string>;
  }
  export class PubSub {
    topic(name: string): Topic;
  }
}
declare module 'inngest' {
  export class Inngest {
    constructor(options: { id: string });
    send(payload: { id?: string; name: string; data: object }): Promise<{ ids: string[] }>;
  }
}
declare module 'bull' {
  class Queue<T> {
    constructor(name: string, url?: string);
    add(data: T, options?: { jobId?: string; delay?: number; attempts?: number }): Promise<{ id: string }>;
    add(name: string, data: T, options?: { jobId?: string; delay?: number; attempts?: number }): Promise<{ id: string }>;
  }
  export default Queue;
}
declare module 'bullmq' {
  export interface JobsOptions {
    jobId?: string;
    attempts?: number;
    delay?: number;
  }
  export class Queue<T = any> {
    constructor(name: string, options?: { connection: object });
    add(name: string, data: T, options?: JobsOptions): Promise<{ id?: string }>;
    addBulk(jobs: { name: string; data: T; opts?: JobsOptions }[]): Promise<{ id?: string }[]>;
  }
}
declare module 'pg-boss' {
  export interface Db {
    executeSql(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  }
  export default class PgBoss {
    constructor(url: string);
    send(name: string, data: object, options?: { db?: Db; singletonKey?: string }): Promise<string | null>;
    work(name: string, handler: (job: { data: any }) => Promise<void>): Promise<string>;
  }
}
