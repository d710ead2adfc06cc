/**
 * Third-party SDKs. Most have hundreds of resource classes: `*#*` takes every member that is not named as a request.
 * What each says about itself (retries, queues, idempotency keys) is in its own documentation, cited per file.
 */

import { members, NEUTRAL } from './entries.ts';
import { type CallForm, type CallModel, defineModels, type RequestModel } from './model.ts';

const request = (service: string, rest: Omit<RequestModel, 'kind' | 'service'> = {}): CallModel => ({
  effect: { kind: 'request', service, ...rest },
});
const MAIL = (payload = 'Argument[0]'): CallModel => ({ effect: { kind: 'publish', medium: 'mail', payload } });
const EVENTS = 'on once off addListener removeListener removeAllListeners emit';

/** Retries network errors and 409, 429 and 5xx answers with backoff; a key of one's own covers a retry of the whole job. */
const STRIPE = { retriesItself: true } as const;
const stripePayment = request('stripe', {
  ...STRIPE,
  costly: true,
  payload: 'Argument[0]',
  idempotencyKey: 'Argument[1].Member[idempotencyKey]',
});
const stripeCapture = request('stripe', {
  ...STRIPE,
  costly: true,
  payload: 'Arguments[0..]',
  idempotencyKey: 'Argument[2].Member[idempotencyKey]',
});

export const stripe = defineModels({
  package: 'stripe',
  source: 'https://github.com/stripe/stripe-node#configuration',
  default: 'Stripe',
  calls: {
    'new Stripe': { neutral: true, fresh: true },
    ...members(
      [
        'ChargeResource#',
        'PaymentIntentResource#',
        'RefundResource#',
        'InvoiceResource#',
        'InvoiceItemResource#',
        'SubscriptionResource#',
        'TransferResource#',
        'PayoutResource#',
        'TopupResource#',
        'TopupsResource#',
        // Before version 20: `Stripe.ChargesResource`.
        'ChargesResource#',
        'PaymentIntentsResource#',
        'RefundsResource#',
        'InvoicesResource#',
        'InvoiceItemsResource#',
        'SubscriptionsResource#',
        'TransfersResource#',
        'PayoutsResource#',
      ],
      'create',
      stripePayment,
    ),
    // Without types a resource is known by its path.
    ...members(
      [
        'Stripe.charges#',
        'Stripe.paymentIntents#',
        'Stripe.refunds#',
        'Stripe.invoices#',
        'Stripe.invoiceItems#',
        'Stripe.subscriptions#',
        'Stripe.transfers#',
        'Stripe.payouts#',
      ],
      'create',
      stripePayment,
    ),
    ...members(['Stripe.paymentIntents#'], 'capture confirm', stripeCapture),
    'Stripe.invoices#pay': stripeCapture,
    ...members(
      ['PaymentIntentResource#', 'PaymentIntentsResource#', 'ChargeResource#', 'ChargesResource#'],
      'capture',
      stripeCapture,
    ),
    ...members(['PaymentIntentResource#', 'PaymentIntentsResource#'], 'confirm', stripeCapture),
    ...members(['InvoiceResource#', 'InvoicesResource#'], 'pay', stripeCapture),
    // A session is paid by its customer, once.
    ...members(
      ['SessionResource#', 'SessionsResource#'],
      'create',
      request('stripe', { ...STRIPE, idempotencyKey: 'Argument[1].Member[idempotencyKey]' }),
    ),
    // Signature checks: no request.
    ...members(['Webhooks#', '*#'], 'constructEvent constructEventAsync generateTestHeaderString', NEUTRAL),
    ...members(['Stripe#'], 'on once off', NEUTRAL),
    ...members(['*#'], 'autoPagingEach autoPagingToArray', request('stripe', STRIPE)),
    '*#*': request('stripe', { ...STRIPE, payload: 'Arguments[0..]' }),
  },
});

/** `octokit` and `@octokit/rest` by themselves neither throttle nor retry; the two plugins do (`octokit` has them). */
export const octokit = defineModels({
  package: '@octokit/rest',
  aliases: [
    '@octokit/core',
    '@octokit/plugin-rest-endpoint-methods',
    '@octokit/graphql',
    '@octokit/request',
    '@octokit/action',
  ],
  source: 'https://github.com/octokit/rest.js#throttling',
  calls: {
    'new Octokit': { neutral: true, fresh: true },
    ...members(['Octokit#', ''], 'request graphql', request('github', { url: 'Argument[0]' })),
    ...members(['Octokit#', '*#'], 'hook auth log', NEUTRAL),
    '*#*': request('github'),
  },
});

export const octokitFull = defineModels({
  package: 'octokit',
  aliases: ['@octokit/plugin-throttling'],
  source: 'https://github.com/octokit/octokit.js#readme',
  calls: {
    'new Octokit': { neutral: true, fresh: true },
    '*#*': request('github', { limitsItself: true, retriesItself: true }),
  },
});

/** Two retries with exponential backoff on 408, 409, 429 and 5xx; nothing bounds how many run at once. */
const AI = { retriesItself: true } as const;
export const openai = defineModels({
  package: 'openai',
  source: 'https://github.com/openai/openai-node#retries',
  default: 'OpenAI',
  calls: {
    ...members(['new '], 'OpenAI AzureOpenAI', { neutral: true, fresh: true }),
    ...members(['OpenAI#'], 'withOptions', { neutral: true, returns: 'This' }),
    ...members(['*#'], `${EVENTS} toReadableStream abort asResponse withResponse`, NEUTRAL),
    '*#*': request('openai', AI),
  },
});

export const anthropic = defineModels({
  package: '@anthropic-ai/sdk',
  source: 'https://github.com/anthropics/anthropic-sdk-typescript#retries',
  default: 'Anthropic',
  calls: {
    'new Anthropic': { neutral: true, fresh: true },
    ...members(['BaseAnthropic#'], 'withOptions', { neutral: true, returns: 'This' }),
    ...members(['*#'], `${EVENTS} toReadableStream abort asResponse withResponse`, NEUTRAL),
    '*#*': request('anthropic', AI),
  },
});

/** Three attempts in all with exponential backoff and jitter (standard mode). Publishing clients: see queues.ts. */
const AWS = { retriesItself: true, payload: 'Argument[0]', command: 'Argument[0]' } as const;

/** Commands of the publishing clients: what they send is a message, not only a request. */
const AWS_COMMANDS: readonly CallForm[] = [
  ...['SendMessageCommand', 'SendMessageBatchCommand'].map((name) => command(name, 'queue')),
  ...['PublishCommand', 'PublishBatchCommand', 'PutEventsCommand', 'PutRecordCommand', 'PutRecordsCommand'].map(
    (name) => command(name, 'bus'),
  ),
  ...['SendEmailCommand', 'SendRawEmailCommand', 'SendTemplatedEmailCommand', 'SendBulkEmailCommand'].map((name) =>
    command(name, 'mail'),
  ),
  // Each starts something that is paid for; the token makes a repetition of the call give the first one's result.
  started('RunInstancesCommand', 'ClientToken'),
  started('RunTaskCommand', 'clientToken'),
  started('StartExecutionCommand', 'name'),
  started('SubmitJobCommand', undefined),
  started('CreateVolumeCommand', 'ClientToken'),
];

function command(name: string, medium: 'queue' | 'bus' | 'mail'): CallForm {
  return {
    arguments: [`new:${name}`, '...'],
    model: { effect: { kind: 'publish', medium, payload: 'Argument[0]' } },
  };
}

/** Takes a client token, or has none: then a repetition is a second one. */
function started(name: string, token: string | undefined): CallForm {
  const key = token === undefined ? {} : { costly: true as const, idempotencyKey: `Argument[0].Member[${token}]` };
  return { arguments: [`new:${name}`, '...'], model: request('aws', { ...AWS, ...key }) };
}

const AWS_SEND: CallModel = { ...request('aws', AWS), forms: AWS_COMMANDS };

export const aws = defineModels({
  package: '@smithy/smithy-client',
  aliases: ['@smithy/core', '@aws-sdk/smithy-client', '@aws-sdk/lib-dynamodb'],
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html',
  calls: {
    'Client#send': AWS_SEND,
    'DynamoDBDocumentClient#send': AWS_SEND,
    'Client#destroy': NEUTRAL,
  },
});

/** An upload in parts: one object in the end. */
export const awsUpload = defineModels({
  package: '@aws-sdk/lib-storage',
  source: 'https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-aws-sdk-lib-storage/',
  calls: {
    'new Upload': { neutral: true, fresh: true },
    'Upload#done': {
      effect: { kind: 'request', service: 'aws', ...AWS, payload: 'This', command: 'Constant[Upload]' },
    },
    ...members(['Upload#'], 'abort on', NEUTRAL),
  },
});

const AWS_CLIENTS = [
  's3',
  'dynamodb',
  'lambda',
  'ses',
  'sesv2',
  'sqs',
  'sns',
  'eventbridge',
  'kinesis',
  'firehose',
  'secrets-manager',
  'ssm',
  'cognito-identity-provider',
  'cloudwatch',
  'cloudwatch-logs',
  'cloudfront',
  'sts',
  'iam',
  'ec2',
  'ecs',
  'rds',
  'bedrock-runtime',
  'textract',
  'rekognition',
  'kms',
  'sfn',
  'route-53',
].map((name) => `@aws-sdk/client-${name}`);

/** The clients' own members: constructors, and `sqs.sendMessage(…)` of the aggregated form. */
export const awsClients = defineModels({
  package: '@aws-sdk/client-s3',
  aliases: AWS_CLIENTS.slice(1),
  source: 'https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/',
  calls: {
    '*#sendMessage': {
      effect: { kind: 'publish', medium: 'queue', topic: 'Argument[0].Member[QueueUrl]', payload: 'Argument[0]' },
    },
    '*#sendMessageBatch': {
      effect: { kind: 'publish', medium: 'queue', topic: 'Argument[0].Member[QueueUrl]', payload: 'Argument[0]' },
    },
    ...members(['SNS#'], 'publish publishBatch', {
      effect: { kind: 'publish', medium: 'bus', topic: 'Argument[0].Member[TopicArn]', payload: 'Argument[0]' },
    }),
    '*#putEvents': { effect: { kind: 'publish', medium: 'bus', payload: 'Argument[0]' } },
    ...members(['*#'], 'sendEmail sendRawEmail sendTemplatedEmail sendBulkEmail', MAIL()),
    ...members(['*#'], 'destroy', NEUTRAL),
    '*#send': AWS_SEND,
    '*#*': request('aws', { retriesItself: true, payload: 'Argument[0]' }),
  },
});

/** gaxios retries GET, HEAD, PUT, OPTIONS, DELETE on network errors, 429 and 5xx, three times with backoff. */
export const googleapis = defineModels({
  package: 'googleapis',
  aliases: ['googleapis-common', 'google-auth-library', 'gaxios'],
  source: 'https://github.com/googleapis/gaxios#request-options',
  calls: {
    ...members(['GoogleApis#', 'GeneratedAPIs#', '*#'], 'options auth', NEUTRAL),
    ...members(['*#'], 'setCredentials generateAuthUrl', NEUTRAL),
    // `google.gmail('v1')` makes a client.
    ...members(
      ['GeneratedAPIs#'],
      'gmail sheets drive calendar youtube docs people admin storage oauth2 analyticsdata',
      { neutral: true, fresh: true },
    ),
    '*#*': request('google', { retriesItself: true }),
  },
});

export const twilio = defineModels({
  package: 'twilio',
  source: 'https://github.com/twilio/twilio-node#readme',
  default: 'twilio',
  calls: {
    ...members(['', 'new '], 'twilio TwilioSDK', { neutral: true, fresh: true }),
    // A message sent twice is paid twice; the API has no idempotency keys.
    ...members(['MessageListInstance#'], 'create', request('twilio', { costly: true })),
    ...members(['CallListInstance#'], 'create', request('twilio', { costly: true })),
    ...members(['TwilioSDK.', ''], 'validateRequest', NEUTRAL),
    '*#toJSON': NEUTRAL,
    '*#*': request('twilio'),
  },
});

/** Retries ten times with backoff, waits as Retry-After says and queues at most 100 requests at once. */
export const slack = defineModels({
  package: '@slack/web-api',
  source: 'https://docs.slack.dev/tools/node-slack-sdk/web-api/#automatic-retries',
  extends: { WebClient: 'Methods', Methods: 'eventemitter3#EventEmitter' },
  calls: {
    'new WebClient': { neutral: true, fresh: true },
    ...members(
      ['WebClient#', '*#'],
      'apiCall paginate filesUploadV2',
      request('slack', { limitsItself: true, retriesItself: true }),
    ),
    '*#*': request('slack', { limitsItself: true, retriesItself: true }),
  },
});

export const slackWebhook = defineModels({
  package: '@slack/webhook',
  source: 'https://docs.slack.dev/tools/node-slack-sdk/webhook/',
  calls: { 'new IncomingWebhook': { neutral: true, fresh: true }, 'IncomingWebhook#send': request('slack') },
});

export const sendgrid = defineModels({
  package: '@sendgrid/mail',
  source: 'https://github.com/sendgrid/sendgrid-nodejs/tree/main/packages/mail#quick-start',
  calls: {
    ...members(['MailService#', '', '*#'], 'send sendMultiple', MAIL()),
    ...members(
      ['MailService#', '', '*#'],
      'setApiKey setSubstitutionWrappers setTimeout setTwilioEmailAuth setClient',
      NEUTRAL,
    ),
  },
});

export const resend = defineModels({
  package: 'resend',
  source: 'https://resend.com/docs/api-reference/emails/send-email',
  calls: {
    'new Resend': { neutral: true, fresh: true },
    ...members(['Emails#', 'Batch#', 'Batch$1#'], 'send create', MAIL()),
    '*#*': request('resend'),
  },
});

export const nodemailer = defineModels({
  package: 'nodemailer',
  aliases: ['@nestjs-modules/mailer'],
  source: 'https://nodemailer.com/usage/',
  extends: { Transporter: 'Mail' },
  calls: {
    ...members([''], 'createTransport createTestAccount', { neutral: true, fresh: true, instance: 'Mail' }),
    ...members(['Mail#', 'MailerService#'], 'sendMail', MAIL()),
    ...members(['Mail#'], 'verify close use', NEUTRAL),
  },
});

export const postmark = defineModels({
  package: 'postmark',
  aliases: ['mailgun.js', '@mailchimp/mailchimp_transactional'],
  source: 'https://github.com/ActiveCampaign/postmark.js',
  calls: {
    ...members(['*#'], 'sendEmail sendEmailBatch sendEmailWithTemplate', MAIL()),
    ...members(['new '], 'ServerClient', { neutral: true, fresh: true }),
  },
});

/** Firestore is a database, messaging a third party; transactions retry by themselves. */
export const firebase = defineModels({
  package: 'firebase-admin',
  aliases: ['@google-cloud/firestore', 'firebase-admin/firestore', 'firebase-admin/messaging', 'firebase-admin/auth'],
  source: 'https://firebase.google.com/docs/reference/admin/node',
  calls: {
    'Firestore#collection': { neutral: true, boundTo: 'Argument[0]', returns: 'This', instance: 'CollectionReference' },
    'Firestore#doc': { neutral: true, boundTo: 'Argument[0]', returns: 'This', instance: 'DocumentReference' },
    'CollectionReference#doc': { builds: { where: 'Argument[0]' }, returns: 'This', instance: 'DocumentReference' },
    ...members(['Query#', 'CollectionReference#'], 'where orderBy limit startAfter', {
      neutral: true,
      returns: 'This',
    }),
    ...members(['DocumentReference#'], 'get', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', primaryKey: 'This', returns: 'row' },
    }),
    ...members(['Query#', 'CollectionReference#'], 'get', {
      effect: { kind: 'database', action: 'read', table: 'This.Entity', returns: 'rows' },
    }),
    'DocumentReference#set': {
      effect: {
        kind: 'database',
        action: 'save',
        table: 'This.Entity',
        primaryKey: 'This',
        data: 'Argument[0]',
        returns: 'nothing',
      },
    },
    'DocumentReference#create': {
      effect: {
        kind: 'database',
        action: 'insert',
        table: 'This.Entity',
        primaryKey: 'This',
        data: 'Argument[0]',
        returns: 'nothing',
      },
    },
    'DocumentReference#update': {
      effect: {
        kind: 'database',
        action: 'update',
        table: 'This.Entity',
        primaryKey: 'This',
        data: 'Argument[0]',
        returns: 'nothing',
      },
    },
    'DocumentReference#delete': {
      effect: { kind: 'database', action: 'delete', table: 'This.Entity', primaryKey: 'This', returns: 'nothing' },
    },
    'CollectionReference#add': {
      effect: { kind: 'database', action: 'insert', table: 'This.Entity', data: 'Argument[0]', returns: 'row' },
    },
    // Reads inside take part in the optimistic check; the library retries.
    'Firestore#runTransaction': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'once',
          transaction: { executor: 'Parameter[0]', isolation: 'Constant[SERIALIZABLE]' },
          returns: 'value',
        },
      ],
    },
    'Transaction#get': {
      effect: {
        kind: 'database',
        action: 'read',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        returns: 'row',
      },
    },
    ...members(['Transaction#', 'WriteBatch#'], 'set', {
      effect: {
        kind: 'database',
        action: 'save',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        data: 'Argument[1]',
        returns: 'nothing',
      },
    }),
    ...members(['Transaction#', 'WriteBatch#'], 'update', {
      effect: {
        kind: 'database',
        action: 'update',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        data: 'Argument[1]',
        returns: 'nothing',
      },
    }),
    ...members(['Transaction#', 'WriteBatch#'], 'create', {
      effect: {
        kind: 'database',
        action: 'insert',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        data: 'Argument[1]',
        returns: 'nothing',
      },
    }),
    ...members(['Transaction#', 'WriteBatch#'], 'delete', {
      effect: {
        kind: 'database',
        action: 'delete',
        table: 'Argument[0].Entity',
        primaryKey: 'Argument[0]',
        returns: 'nothing',
      },
    }),
    'WriteBatch#commit': { neutral: true, flushes: true },
    ...members(['Messaging#'], 'send sendEach sendEachForMulticast', request('firebase')),
    ...members(['BaseAuth#', 'Auth#'], 'getUser createUser updateUser deleteUser listUsers', request('firebase')),
    ...members(['BaseAuth#', 'Auth#'], 'verifyIdToken createCustomToken', NEUTRAL),
  },
});
