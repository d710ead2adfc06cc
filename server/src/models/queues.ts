/** Queues, buses and their workers. */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels, type PublishModel } from './model.ts';

const publish = (medium: PublishModel['medium'], topic?: string, payload?: string): CallModel => ({
  effect: {
    kind: 'publish',
    medium,
    ...(topic === undefined ? {} : { topic }),
    ...(payload === undefined ? {} : { payload }),
  },
});
/** A handler that the library calls for every message. */
const handler = (argument: string): CallModel => ({
  callbacks: [{ argument, runs: 'later', returns: 'nothing' }],
});

export const bullmq = defineModels({
  package: 'bullmq',
  source: 'https://docs.bullmq.io/guide/jobs',
  extends: {
    Queue: 'QueueGetters',
    QueueGetters: 'QueueBase',
    QueueBase: 'node:events#EventEmitter',
    Worker: 'QueueBase',
    FlowProducer: 'node:events#EventEmitter',
  },
  calls: {
    'Queue#add': publish('queue', 'Argument[0]', 'Argument[1]'),
    'Queue#addBulk': publish('queue', 'Argument[0].Element.Member[name]', 'Argument[0]'),
    'Queue#upsertJobScheduler': publish('queue', 'Argument[0]', 'Argument[2]'),
    ...members(['FlowProducer#'], 'add addBulk', publish('queue', 'Argument[0].Member[name]', 'Argument[0]')),
    // `new Worker(name, processor)`; one job at a time unless `concurrency` says otherwise, and other processes too.
    'new Worker': handler('Argument[1]'),
    ...members(['new '], 'Queue FlowProducer QueueEvents', { neutral: true, fresh: true }),
    ...members(['Queue#'], 'close pause resume drain obliterate clean remove getJob getJobCounts', NEUTRAL),
    ...members(
      ['QueueGetters#'],
      'getJob getJobs getJobCounts getWaiting getActive getCompleted getFailed getDelayed count',
      NEUTRAL,
    ),
    ...members(['Worker#'], 'close run pause resume', NEUTRAL),
    ...members(['Job#'], 'updateProgress updateData log remove retry waitUntilFinished getState moveToFailed', NEUTRAL),
    ...members(['Queue#', 'Worker#', 'QueueEvents#', 'FlowProducer#'], 'on', {
      effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' },
    }),
    ...members(['Queue#', 'Worker#', 'QueueEvents#', 'FlowProducer#'], 'once', {
      effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', once: true },
    }),
    ...members(['Queue#', 'Worker#', 'QueueEvents#', 'FlowProducer#'], 'off', {
      effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' },
    }),
  },
});

export const bull = defineModels({
  package: 'bull',
  aliases: ['@nestjs/bull'],
  source: 'https://github.com/OptimalBits/bull/blob/develop/REFERENCE.md',
  default: 'Bull',
  extends: { Bull: 'Queue', Queue: 'node:events#EventEmitter' },
  calls: {
    'new Bull': { neutral: true, fresh: true, instance: 'Queue' },
    // `add(data)` or `add(name, data)`.
    'Queue#add': {
      ...publish('queue', undefined, 'Argument[0]'),
      forms: [{ arguments: ['string', 'value', '...'], model: publish('queue', 'Argument[0]', 'Argument[1]') }],
    },
    'Queue#addBulk': publish('queue', 'Argument[0].Element.Member[name]', 'Argument[0]'),
    'Queue#process': handler('Argument[-1]'),
    'Queue#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    ...members(
      ['Queue#'],
      'close pause resume empty clean obliterate getJob getJobs getJobCounts isReady removeJobs count',
      NEUTRAL,
    ),
  },
});

export const amqplib = defineModels({
  package: 'amqplib',
  aliases: ['amqp-connection-manager'],
  source: 'https://amqp-node.github.io/amqplib/channel_api.html',
  extends: { ConfirmChannel: 'Channel', Channel: 'node:events#EventEmitter', ChannelModel: 'node:events#EventEmitter' },
  calls: {
    connect: { neutral: true, fresh: true, instance: 'ChannelModel' },
    ...members(['ChannelModel#', 'Connection#'], 'createChannel', { neutral: true, instance: 'Channel' }),
    ...members(['ChannelModel#', 'Connection#'], 'createConfirmChannel', { neutral: true, instance: 'ConfirmChannel' }),
    ...members(
      ['Channel#', 'ConfirmChannel#', 'ChannelWrapper#'],
      'publish',
      publish('bus', 'Argument[1]', 'Argument[2]'),
    ),
    ...members(
      ['Channel#', 'ConfirmChannel#', 'ChannelWrapper#'],
      'sendToQueue',
      publish('queue', 'Argument[0]', 'Argument[1]'),
    ),
    'Channel#consume': handler('Argument[1]'),
    ...members(
      ['Channel#'],
      'assertQueue assertExchange bindQueue unbindQueue checkQueue deleteQueue purgeQueue ack ackAll nack nackAll reject prefetch cancel close get recover',
      NEUTRAL,
    ),
    'ConfirmChannel#waitForConfirms': NEUTRAL,
  },
});

/** Producers and consumers are nameless types in the declarations. */
export const kafkajs = defineModels({
  package: 'kafkajs',
  source: 'https://kafka.js.org/docs/producing',
  calls: {
    'new Kafka': { neutral: true, fresh: true },
    'Kafka#producer': { neutral: true, fresh: true, instance: 'Producer' },
    'Kafka#consumer': { neutral: true, fresh: true, instance: 'Consumer' },
    'Kafka#admin': { neutral: true, fresh: true },
    ...members(
      ['Producer#', '*#'],
      'send',
      publish('bus', 'Argument[0].Member[topic]', 'Argument[0].Member[messages]'),
    ),
    ...members(['Producer#', '*#'], 'sendBatch', publish('bus', 'Argument[0].Member[topicMessages]', 'Argument[0]')),
    ...members(['Consumer#', '*#'], 'run', {
      callbacks: [
        { argument: 'Argument[0].Member[eachMessage]', runs: 'later', returns: 'nothing' },
        { argument: 'Argument[0].Member[eachBatch]', runs: 'later', returns: 'nothing' },
      ],
    }),
    // Messages sent through it become visible at its `commit`.
    ...members(['Producer#', '*#'], 'transaction', { neutral: true }),
    ...members(['*#'], 'connect disconnect subscribe commitOffsets pause resume seek stop on', NEUTRAL),
  },
});

export const nats = defineModels({
  package: 'nats',
  aliases: ['@nats-io/nats-core', '@nats-io/jetstream', '@nats-io/transport-node'],
  source: 'https://github.com/nats-io/nats.js#readme',
  calls: {
    connect: { neutral: true, fresh: true, instance: 'NatsConnection' },
    'NatsConnection#jetstream': { neutral: true, instance: 'JetStreamClient' },
    ...members(['NatsConnection#', 'JetStreamClient#'], 'publish', publish('bus', 'Argument[0]', 'Argument[1]')),
    'NatsConnection#request': { effect: { kind: 'request', url: 'Argument[0]', service: 'nats' } },
    'NatsConnection#subscribe': {
      effect: {
        kind: 'listener',
        action: 'add',
        event: 'Argument[0]',
        handler: 'Argument[1].Member[callback]',
        disposer: 'ReturnValue',
      },
      instance: 'Subscription',
    },
    ...members(['Subscription#', 'Sub#'], 'unsubscribe drain', { effect: { kind: 'listener', action: 'remove-all' } }),
    ...members(['NatsConnection#'], 'close drain flush status closed', NEUTRAL),
  },
});

/** Jobs are rows: `send` with the `db` option joins the caller's transaction. */
export const pgBoss = defineModels({
  package: 'pg-boss',
  source: 'https://timgit.github.io/pg-boss/#/./api/jobs',
  default: 'PgBoss',
  calls: {
    'new PgBoss': { neutral: true, fresh: true },
    ...members(['PgBoss#'], 'send sendAfter sendThrottled sendDebounced publish', {
      ...publish('queue', 'Argument[0]', 'Argument[1]'),
      executor: 'Argument[2].Member[db]',
    }),
    'PgBoss#insert': { ...publish('queue', 'Argument[0]', 'Argument[1]'), executor: 'Argument[-1].Member[db]' },
    'PgBoss#schedule': publish('queue', 'Argument[0]', 'Argument[2]'),
    'PgBoss#work': handler('Argument[-1]'),
    ...members(['PgBoss#'], 'start stop complete fail cancel createQueue', NEUTRAL),
  },
});

export const inngest = defineModels({
  package: 'inngest',
  source: 'https://www.inngest.com/docs/reference/events/send',
  calls: {
    'new Inngest': { neutral: true, fresh: true },
    'Inngest#send': publish('bus', 'Argument[0].Member[name]', 'Argument[0]'),
    'Inngest#createFunction': handler('Argument[-1]'),
  },
});

export const pubsub = defineModels({
  package: '@google-cloud/pubsub',
  source: 'https://cloud.google.com/nodejs/docs/reference/pubsub/latest',
  calls: {
    'new PubSub': { neutral: true, fresh: true },
    'PubSub#topic': { neutral: true, boundTo: 'Argument[0]', instance: 'Topic' },
    'PubSub#subscription': { neutral: true, instance: 'Subscription' },
    ...members(['Topic#'], 'publishMessage publish publishJSON', publish('bus', 'This.Entity', 'Argument[0]')),
    'Subscription#on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    ...members(['Subscription#'], 'close', NEUTRAL),
  },
});

/** In-process: the listeners have run (`emit`) or been started (`emitAsync`) when the call returns. */
export const nestEvents = defineModels({
  package: '@nestjs/cqrs',
  source: 'https://docs.nestjs.com/recipes/cqrs',
  calls: {
    ...members(['EventBus#'], 'publish publishAll', NEUTRAL),
    ...members(['CommandBus#', 'QueryBus#'], 'execute', NEUTRAL),
  },
});

export const nestMicroservices = defineModels({
  package: '@nestjs/microservices',
  source: 'https://docs.nestjs.com/microservices/basics',
  calls: {
    'ClientProxy#emit': publish('bus', 'Argument[0]', 'Argument[1]'),
    'ClientProxy#send': { effect: { kind: 'request', service: 'microservice' } },
    ...members(['ClientProxy#'], 'connect close', NEUTRAL),
  },
});
