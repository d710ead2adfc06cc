// Idiom of github.com/haben-tekeste/ticketing-microservices and github.com/NanorIsrael/nest-rest-api: publish where the row is written.
import type { Channel } from 'amqplib';
import { type JetStreamClient, StringCodec } from 'nats';
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();
const sc = StringCodec();

async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function createTicket(js: JetStreamClient, id: string) {
  await inTransaction(async (client) => {
  //    ^^^^^^^^^^^^^ related "The transaction begins here."
    await client.query('INSERT INTO tickets (id) VALUES ($1)', [id]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['ticket.created', JSON.stringify(id)]);
    //       ^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'tickets' is committed"
  });
}

export async function createUser(channel: Channel, id: string) {
  await inTransaction(async (client) => {
  //    ^^^^^^^^^^^^^ related "The transaction begins here."
    await client.query('INSERT INTO users (id) VALUES ($1)', [id]);
    channel.sendToQueue('user_queue', Buffer.from(JSON.stringify({ id })));
    //      ^^^^^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'users' is committed"
  });
}

export async function createTicketFirst(js: JetStreamClient, id: string) {
  await inTransaction((client) => client.query('INSERT INTO tickets (id) VALUES ($1)', [id]));
  //                                     ^^^^^ related "Written to 'tickets' here."
  await js.publish('ticket.created', sc.encode(id)); // ok double-write/effect-before-commit-visible: after the commit
  //       ^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function createThroughOutbox(id: string) {
  await inTransaction(async (client) => {
    await client.query('INSERT INTO tickets (id) VALUES ($1)', [id]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['ticket.created', id]); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function count(channel: Channel) {
  await inTransaction(async (client) => {
  //    ^^^^^^^^^^^^^ related "The transaction begins here."
    const { rows } = await client.query('SELECT count(*) FROM tickets');
    channel.sendToQueue('statistics', Buffer.from(String(rows[0].count))); // ok double-write/effect-before-commit-visible: nothing is written
    //      ^^^^^^^^^^^ double-write/effect-in-transaction low "its connection is held"
  });
}
