// Idiom of github.com/scaffoldly/stack-aws-serverless-express: clients of the SDK, a command for each message.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Pool } from 'pg';

const pool = new Pool();
const sqs = new SQSClient({});
const sns = new SNSClient({});
const events = new EventBridgeClient({});

export async function placeOrder(id: string, total: number) {
  await pool.query('INSERT INTO orders (id, total) VALUES ($1, $2)', [id, total]);
  //         ^^^^^ related "Written to 'orders' here."
  await sqs.send(new SendMessageCommand({ QueueUrl: 'fulfilment', MessageBody: JSON.stringify({ orderId: id }) }));
  //        ^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function cancelOrder(id: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM orders WHERE id = $1', [id]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['sns', JSON.stringify({ TopicArn: 'order-cancelled', Message: JSON.stringify({ orderId: id }) })]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  //         ^^^^^ related "Written to 'orders' here."
}

export async function refundOrder(id: string) {
  await pool.query('INSERT INTO refunds (order_id) VALUES ($1)', [id]);
  //         ^^^^^ related "Written to 'refunds' here."
  const entry = { Source: 'orders', DetailType: 'OrderRefunded', Detail: JSON.stringify({ orderId: id }) };
  void events.send(new PutEventsCommand({ Entries: [entry] }));
  //          ^^^^ double-write/dual-write medium "if it fails nobody learns of it"
}

export async function placeAndCompensate(id: string, total: number) {
  await pool.query('INSERT INTO orders (id, total) VALUES ($1, $2)', [id, total]);
  try {
    await sqs.send(new SendMessageCommand({ QueueUrl: 'fulfilment', MessageBody: id })); // ok double-write/dual-write: the catch takes the row away again
  } catch (error) {
    await pool.query('DELETE FROM orders WHERE id = $1', [id]);
    throw error;
  }
}

export async function enqueueFirst(id: string) {
  await sqs.send(new SendMessageCommand({ QueueUrl: 'imports', MessageBody: id, MessageDeduplicationId: id })); // ok double-write/dual-write: the message first
  await pool.query('INSERT INTO imports (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
}

export async function remind(id: string) {
  const { rows } = await pool.query('SELECT id FROM orders WHERE id = $1', [id]);
  if (rows.length === 0) return;
  const entry = { Source: 'shop', DetailType: 'OrderReminder', Detail: JSON.stringify({ id }) };
  await events.send(new PutEventsCommand({ Entries: [entry] })); // ok double-write/dual-write: a read, and then a message
}
