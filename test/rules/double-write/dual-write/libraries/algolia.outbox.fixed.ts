// Idiom of github.com/medusajs/medusa: products put into an index by a service of its own.
import { algoliasearch } from 'algoliasearch';
import { Pool } from 'pg';

const pool = new Pool();
const client = algoliasearch('app', 'key');

export async function publishArticle(id: string, title: string) {
  const client2 = await pool.connect();
  try {
    await client2.query('BEGIN');
    await client2.query('INSERT INTO articles (id, title) VALUES ($1, $2)', [id, title]);
    await client2.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['saveObject', JSON.stringify({ indexName: 'articles', body: { objectID: id, title } })]);
    await client2.query('COMMIT');
  } catch (error) {
    await client2.query('ROLLBACK');
    throw error;
  } finally {
    client2.release();
  }
  //         ^^^^^ related "Written to 'articles' here."
  //           ^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
}

export async function unpublishArticle(id: string) {
  await pool.query('DELETE FROM articles WHERE id = $1', [id]);
  //         ^^^^^ related "Written to 'articles' here."
  void client.deleteObject({ indexName: 'articles', objectID: id });
  //          ^^^^^^^^^^^^ double-write/dual-write high "if it fails nobody learns of it"
}

/** At night. */
export async function reindexAll() {
  const { rows } = await pool.query('SELECT id, title FROM articles');
  await client.saveObjects({ indexName: 'articles', objects: rows }); // ok double-write/dual-write: nothing was written
}

export async function publishOrUndo(id: string, title: string) {
  await pool.query('INSERT INTO articles (id, title) VALUES ($1, $2)', [id, title]);
  try {
    await client.saveObject({ indexName: 'articles', body: { objectID: id, title } }); // ok double-write/dual-write: the catch takes the row away again
  } catch (error) {
    await pool.query('DELETE FROM articles WHERE id = $1', [id]);
    throw error;
  }
}

export async function indexFirst(id: string, title: string) {
  await client.saveObject({ indexName: 'articles', body: { objectID: id, title } }); // ok double-write/dual-write: the index first, which can be done again
  await pool.query('INSERT INTO articles (id, title) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET title = $2', [id, title]);
}
