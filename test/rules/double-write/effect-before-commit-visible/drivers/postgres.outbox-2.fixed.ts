// Idiom of github.com/porsager/postgres: `sql.begin` with a client of its own, rows from objects.
import { PubSub } from '@google-cloud/pubsub';
import postgres from 'postgres';

const sql = postgres('postgres://db');
const orders = new PubSub().topic('orders');

export async function place(id: string, total: number) {
  await sql.begin(async (tx) => {
  //        ^^^^^ related "The transaction begins here."
    await tx`INSERT INTO orders ${tx({ id, total })}`;
    await orders.publishMessage({ json: { orderId: id } });
    //           ^^^^^^^^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'orders' is committed, or although"
  });
}

export async function placeThenPublish(id: string, total: number) {
  await sql.begin(async (tx) => {
    await tx`INSERT INTO orders (id, total) VALUES (${id}, ${total})`;
    await tx`INSERT INTO outbox (topic, payload) VALUES ('publishMessage', ${JSON.stringify({ json: { orderId: id } })})`;
    //    ^^ related "Written to 'orders' here."
  });
   // ok double-write/effect-before-commit-visible: after the commit
  //           ^^^^^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function placeThroughOutbox(id: string, total: number) {
  await sql.begin(async (tx) => {
    await tx`INSERT INTO orders (id, total) VALUES (${id}, ${total})`;
    await tx`INSERT INTO outbox (topic, payload) VALUES ('orders', ${id})`; // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function announce(id: string) {
  const [order] = await sql`SELECT id, total FROM orders WHERE id = ${id}`;
  if (order) await orders.publishMessage({ json: order }); // ok double-write/effect-before-commit-visible: no transaction is open
}
