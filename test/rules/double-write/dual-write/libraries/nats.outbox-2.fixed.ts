// Idiom of github.com/haben-tekeste/ticketing-microservices: a document saved, then published to a stream by a codec.
import { type JetStreamClient, StringCodec } from 'nats';
import { Pool } from 'pg';

const pool = new Pool();
const sc = StringCodec();

export async function createTicket(js: JetStreamClient, id: string, price: number) {
  await pool.query('INSERT INTO tickets (id, price) VALUES ($1, $2)', [id, price]);
  //         ^^^^^ related "Written to 'tickets' here."
  await js.publish('ticket.created', sc.encode(JSON.stringify({ id, price })));
  //       ^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function createTicketForgotten(js: JetStreamClient, id: string, price: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO tickets (id, price) VALUES ($1, $2)', [id, price]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['ticket.created', JSON.stringify([id, { msgID: id }])]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  //         ^^^^^ related "Written to 'tickets' here."
  //      ^^^^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
}

export async function publishFirst(js: JetStreamClient, id: string, price: number) {
  await js.publish('ticket.requested', sc.encode(JSON.stringify({ id, price })), { msgID: id }); // ok double-write/dual-write: the message first, the row by its consumer
}

export async function createWithOutbox(id: string, price: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO tickets (id, price) VALUES ($1, $2)', [id, price]);
    await client.query('INSERT INTO outbox (subject, payload) VALUES ($1, $2)', ['ticket.created', id]); // ok double-write/dual-write: a row of the same transaction
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function createOrNot(js: JetStreamClient, id: string, price: number) {
  await pool.query('INSERT INTO tickets (id, price) VALUES ($1, $2)', [id, price]);
  try {
    await js.publish('ticket.offered', sc.encode(id), { msgID: id }); // ok double-write/dual-write: the catch takes the row away again
  } catch (error) {
    await pool.query('DELETE FROM tickets WHERE id = $1', [id]);
    throw error;
  }
}

/** Every second. */
export async function relayOutbox(js: JetStreamClient) {
  const { rows } = await pool.query('SELECT id, subject, payload FROM outbox ORDER BY id LIMIT 100');
  for (const { id, subject, payload } of rows) {
//^^^ related "Repeated for each element of 'rows'."
    await js.publish(subject, sc.encode(payload), { msgID: id });
    await pool.query('DELETE FROM outbox WHERE id = $1', [id]);
    //         ^^^^^ n-plus-one/query-in-loop low "'query' writes to 'outbox' once per element of 'rows'"
  }
}
