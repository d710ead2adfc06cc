/** What is outside the process, and what brings its events: queues, search, SDKs, HTTP clients, emitters. */
import {
  angularHttp,
  got,
  ky,
  nestAxios,
  nodeFetch,
  requestPackage,
  superagent,
  undici,
} from '../../../server/src/models/http.ts';
import { eventemitter2, eventemitter3, mitt } from '../../../server/src/models/node-events.ts';
import { fsExtra } from '../../../server/src/models/node-fs.ts';
import * as payments from '../../../server/src/models/payments.ts';
import * as queues from '../../../server/src/models/queues.ts';
import { rxjs } from '../../../server/src/models/rxjs.ts';
import * as sdks from '../../../server/src/models/sdks.ts';
import * as search from '../../../server/src/models/search.ts';
import { socketIo, ws } from '../../../server/src/models/sockets.ts';
import { type Probe, typesIn } from '../entry-probe.ts';

const SQS = "import('@aws-sdk/client-sqs')";
const TYPESENSE = "import('typesense/lib/Typesense";
const EMITTERS_OF_WS = ['m.WebSocket', 'm.WebSocketServer'];
const EMITTERS_OF_SOCKET_IO = ['m.Socket', 'm.Server', 'm.Namespace', 'm.BroadcastOperator<any, any>'];

/** Class of each resource, by the client's member that holds it. */
const STRIPE_RESOURCES = {
  Charge: 'charges',
  PaymentIntent: 'paymentIntents',
  Refund: 'refunds',
  Invoice: 'invoices',
  InvoiceItem: 'invoiceItems',
  Subscription: 'subscriptions',
  Transfer: 'transfers',
  Payout: 'payouts',
  Topup: 'topups',
};

const stripeTypes = Object.fromEntries(
  Object.entries(STRIPE_RESOURCES).flatMap(([name, member]) =>
    [`${name}Resource`, `${name}sResource`, `Stripe.${member}`].map((key) => [key, `d['${member}']`]),
  ),
);

export const STRIPE: Probe = {
  file: sdks.stripe,
  module: 'stripe',
  types: {
    ...stripeTypes,
    SessionResource: "d['checkout']['sessions']",
    SessionsResource: "d['checkout']['sessions']",
    Webhooks: "d['webhooks']",
    '*': ["d['webhooks']", 'd.ApiListPromise<any>'],
  },
  values: { '*#*': "new d('').customers.list" },
};

const MOLLIE_BINDERS = {
  PaymentsBinder: 'payments',
  CustomerPaymentsBinder: 'customerPayments',
  OrdersBinder: 'orders',
  PaymentRefundsBinder: 'paymentRefunds',
  OrderRefundsBinder: 'orderRefunds',
  CustomerSubscriptionsBinder: 'customerSubscriptions',
  PaymentCapturesBinder: 'paymentCaptures',
};

export const SERVICES: readonly Probe[] = [
  { file: queues.bullmq, module: 'bullmq' },
  { file: queues.bull, module: 'bull' },
  { file: queues.amqplib, module: 'amqplib' },
  { file: queues.amqplib, module: 'amqp-connection-manager' },
  { file: queues.kafkajs, module: 'kafkajs', types: { '*': ['m.Producer', 'm.Consumer', 'm.Admin'] } },
  { file: queues.nats, module: 'nats' },
  { file: queues.pgBoss, module: 'pg-boss' },
  { file: queues.inngest, module: 'inngest' },
  { file: queues.pubsub, module: '@google-cloud/pubsub' },
  { file: queues.nestEvents, module: '@nestjs/cqrs' },
  { file: queues.nestMicroservices, module: '@nestjs/microservices' },
  { file: search.elasticsearch, module: '@elastic/elasticsearch' },
  { file: search.elasticsearch, module: '@opensearch-project/opensearch' },
  { file: search.meilisearch, module: 'meilisearch' },
  { file: search.algolia, module: 'algoliasearch', types: { '*': 'm.Algoliasearch' } },
  {
    file: search.typesense,
    module: 'typesense',
    types: {
      Documents: `${TYPESENSE}/Documents').default<any>`,
      Document: `${TYPESENSE}/Document').Document<any>`,
      SearchOnlyDocuments: `${TYPESENSE}/SearchOnlyDocuments').SearchOnlyDocuments<any>`,
    },
  },
  STRIPE,
  {
    file: sdks.aws,
    module: '@smithy/smithy-client',
    types: typesIn("import('@aws-sdk/lib-dynamodb')", 'DynamoDBDocumentClient'),
  },
  { file: sdks.awsUpload, module: '@aws-sdk/lib-storage' },
  {
    file: sdks.awsClients,
    module: '@aws-sdk/client-sqs',
    types: {
      '*': [
        `${SQS}.SQS`,
        `${SQS}.SQSClient`,
        "import('@aws-sdk/client-ses').SES",
        "import('@aws-sdk/client-sesv2').SESv2",
        "import('@aws-sdk/client-eventbridge').EventBridge",
      ],
      SNS: "import('@aws-sdk/client-sns').SNS",
    },
    values: { '*#*': 'new m.SQS().getQueueUrl' },
  },
  {
    file: payments.mollie,
    module: '@mollie/api-client',
    types: Object.fromEntries(
      Object.entries(MOLLIE_BINDERS).map(([name, member]) => [name, `m.MollieClient['${member}']`]),
    ),
    values: { '*#*': '(null! as m.MollieClient).methods.list' },
  },
  {
    file: payments.braintree,
    module: 'braintree',
    types: {
      TransactionGateway: "m.BraintreeGateway['transaction']",
      WebhookNotificationGateway: "m.BraintreeGateway['webhookNotification']",
    },
    values: { '*#*': '(null! as m.BraintreeGateway).customer.create' },
    // In the package (`webhook_notification_gateway.js`) and not in `@types/braintree`.
    elsewhere: ['WebhookNotificationGateway#verify'],
  },
  { file: payments.razorpay, module: 'razorpay', values: { '*#*': '(null! as d).orders.create' } },
  { file: sdks.slackWebhook, module: '@slack/webhook' },
  {
    file: sdks.sendgrid,
    module: '@sendgrid/mail',
    types: { MailService: 'typeof d', '*': 'typeof d' },
    head: "import d from '@sendgrid/mail';",
  },
  {
    file: sdks.resend,
    module: 'resend',
    types: { Emails: "m.Resend['emails']", Batch: "m.Resend['batch']", Batch$1: "m.Resend['batch']" },
    values: { '*#*': "new m.Resend('').domains.list" },
  },
  {
    file: sdks.nodemailer,
    module: 'nodemailer',
    types: { Mail: 'm.Transporter', MailerService: "import('@nestjs-modules/mailer').MailerService" },
  },
  { file: sdks.postmark, module: 'postmark', types: { '*': 'm.ServerClient' } },
  { file: got, module: 'got', types: { RequestPromiseShape: 'm.RequestPromise<any>' } },
  { file: ky, module: 'ky', types: { '*': 'ReturnType<typeof d>' } },
  { file: undici, module: 'undici', types: { '*': ["m.Dispatcher.ResponseData['body']"] } },
  // Exported as `Body`.
  { file: nodeFetch, module: 'node-fetch', types: { BodyMixin: 'm.Response' } },
  {
    file: superagent,
    module: 'superagent',
    types: {
      SARequest: 'd.SuperAgentRequest',
      Agent: 'ReturnType<typeof d.agent>',
      SuperAgentStatic: 'd.SuperAgentStatic',
    },
    values: { request: 'd' },
  },
  {
    file: requestPackage,
    module: 'request',
    // `request.options` is in the package (`index.js`) and not in `@types/request`.
    elsewhere: ['RequestAPI#options'],
  },
  { file: angularHttp, module: '@angular/common/http' },
  { file: nestAxios, module: '@nestjs/axios' },
  { file: eventemitter2, module: 'eventemitter2' },
  { file: eventemitter3, module: 'eventemitter3' },
  { file: mitt, module: 'mitt' },
  { file: rxjs, module: 'rxjs' },
  { file: ws, module: 'ws', types: { '*': EMITTERS_OF_WS } },
  { file: socketIo, module: 'socket.io', types: { '*': EMITTERS_OF_SOCKET_IO }, values: { io: '' } },
  // Of the server's package the default is the class.
  { file: socketIo, module: 'socket.io-client', types: { '*': 'm.Socket' }, values: { lookup: 'd' } },
  { file: fsExtra, module: 'fs-extra' },
];
