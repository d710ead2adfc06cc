// Idiom of github.com/brianc/node-postgres: a row through a pool, whose key or columns the message needs.
import { Client } from '@elastic/elasticsearch';
import { Inngest } from 'inngest';
import { Pool } from 'pg';

const pool = new Pool();
const search = new Client({ node: 'http://search:9200' });
const inngest = new Inngest({ id: 'shop' });

// Handed back from inside, once it is committed.
export async function place(total: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO orders (total) VALUES ($1) RETURNING id', [total]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['order/placed', JSON.stringify({ orderId: rows[0].id })]);
    await client.query('COMMIT');
    return rows[0].id as string;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  //                          ^^^^^ related "Written to 'orders' here."
  //            ^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

// No outbox: something else works with the row behind it.
export async function placeAndPrint(total: number) {
  const { rows } = await pool.query('INSERT INTO orders (total) VALUES ($1) RETURNING id', [total]);
  //                          ^^^^^ related "Written to 'orders' here."
  await inngest.send({ name: 'order/placed', data: { orderId: rows[0].id } });
  //            ^^^^ double-write/dual-write medium "if it fails the caller gets an error"
  console.log('placed', rows[0].id);
  return rows[0].id as string;
}

// No outbox: what is sent is not known yet when the row is written.
export async function rename(id: string, name: string) {
  await pool.query('UPDATE products SET name = $2 WHERE id = $1', [id, name]);
  //         ^^^^^ related "Written to 'products' here."
  const document = { name, letters: [...name].length };
  await search.index({ index: 'products', id, document });
  //           ^^^^^ double-write/dual-write low "if it fails the caller gets an error"
}

// No outbox: the answer is used.
export async function publish(id: string, title: string) {
  await pool.query('INSERT INTO articles (id, title) VALUES ($1, $2)', [id, title]);
  //         ^^^^^ related "Written to 'articles' here."
  const answer = await search.index({ index: 'articles', id, document: { title } });
  //                          ^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
  return answer;
}

// No outbox: it is sent although nothing may have been written.
export async function touch(id: string, isKnown: boolean) {
  if (!isKnown) {
    await pool.query('INSERT INTO pages (id) VALUES ($1)', [id]);
    //         ^^^^^ related "Written to 'pages' here."
  }
  await search.index({ index: 'pages', id, document: { isKnown } });
  //           ^^^^^ double-write/dual-write
}
