// Idiom of github.com/brianc/node-postgres: a pool of a CommonJS module.
const { Pool } = require('pg');

const pool = new Pool();

async function exportAuthors(posts) {
  const authors = [];
  for (const post of posts) {
    const { rows: [author] } = await pool.query('SELECT id, name FROM authors WHERE id = $1', [post.authorId]);
    //                                    ^^^^^ n-plus-one/query-in-loop medium "'query' queries 'authors' once per element of 'posts'"
    authors.push(author);
  }
  return authors;
}

async function copyAll(rows) {
  for await (const row of rows) {
    await pool.query('INSERT INTO copies (id, title) VALUES ($1, $2)', [row.id, row.title]);
    //         ^^^^^ n-plus-one/query-in-loop high "'query' writes to 'copies' once per element of 'rows'"
  }
}

async function copyBatches(batches) {
  for await (const batch of batches) {
    await pool.query('INSERT INTO copies SELECT * FROM json_populate_recordset(NULL::copies, $1)', [JSON.stringify(batch)]); // ok n-plus-one/query-in-loop: a statement per batch
  }
}

async function withRetry(id) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { rows } = await pool.query('SELECT * FROM jobs WHERE id = $1', [id]); // ok n-plus-one/query-in-loop: attempts, not elements
    if (rows.length > 0) return rows[0];
  }
  return undefined;
}

module.exports = { exportAuthors, copyAll, copyBatches, withRetry };
