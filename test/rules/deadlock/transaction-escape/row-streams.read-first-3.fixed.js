// Idiom of github.com/requarks/wiki: an export that streams rows and queries for each of them.
const { Transform, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const knex = require('knex');

const db = knex({ client: 'pg' });
const warehouse = knex({ client: 'pg' });

async function tagsOf(id) {
  return db('tags').where({ pageId: id }).select('name');
}

async function exportPages(write) {
  await pipeline(
    db('pages').where({ published: true }).stream(),
    new Transform({
      objectMode: true,
      async transform(page, _encoding, done) {
        const tags = await tagsOf(page.id);
//                         ^^^^^^ deadlock/transaction-escape medium "for each row of 'stream'"
//                         ^^^^^^ n-plus-one/query-in-loop medium "queries 'tags'"
        write(`${tags.length} ${page.body}`);
        done();
      },
    }),
  );
}

async function renumber() {
  let number = 0;
  for await (const page of db('pages').orderBy('createdAt').stream()) {
    number += 1;
    await db('pages').where({ id: page.id }).update({ number });
//                                           ^^^^^^ deadlock/transaction-escape medium "writes to 'pages'"
//                                           ^^^^^^ n-plus-one/query-in-loop "writes to 'pages'"
  }
}

function mirror(done) {
  const sink = new Writable({
    objectMode: true,
    write: async (page, _encoding, next) => {
      await db('search').insert({ pageId: page.id });
//                       ^^^^^^ deadlock/transaction-escape medium "writes to 'search'"
//                       ^^^^^^ n-plus-one/query-in-loop "writes to 'search'"
      next();
    },
  });
  db('pages').stream().pipe(sink).on('finish', done);
}

async function batched(search) {
  const batch = [];
  const enqueue = async (page) => {
    page.tags = await db('tags').where({ pageId: page.id });
//                    ^^ deadlock/transaction-escape medium "queries 'tags'"
//                    ^^ n-plus-one/query-in-loop "queries 'tags'"
    batch.push(page);
    if (batch.length === 500) await search.bulk(batch.splice(0));
  };
  await pipeline(
    await db('pages'),
    new Transform({
      objectMode: true,
      transform: async (page, _encoding, next) => {
        await enqueue(page);
        next();
      },
    }),
  );
}

async function batchedFromList(search) {
  const enqueue = async (article) => {
    article.tags = await db('tags').where({ pageId: article.id }); // ok deadlock/transaction-escape: no stream is open
//                       ^^ n-plus-one/query-in-loop "queries 'tags'"
    await search.bulk([article]);
  };
  for (const article of await db('pages').where({ published: true })) await enqueue(article);
}

async function fromList() {
  for (const page of await db('pages').where({ published: true })) {
    await db('search').insert({ pageId: page.id }); // ok deadlock/transaction-escape: the rows are all there, the connection is back
//                     ^^^^^^ n-plus-one/query-in-loop "writes to 'search'"
  }
}

async function intoOtherPool() {
  for await (const page of db('pages').stream()) {
    await warehouse('pages').insert({ id: page.id }); // ok deadlock/transaction-escape: a pool of its own
  }
}

async function collected() {
  const ids = [];
  for await (const page of db('pages').stream()) ids.push(page.id);
  for (const id of ids) await db('search').insert({ pageId: id }); // ok deadlock/transaction-escape: the stream has ended
//                                         ^^^^^^ n-plus-one/query-in-loop "writes to 'search'"
}

async function withoutQueries(write) {
  for await (const page of db('pages').stream()) {
    write(page.body); // ok deadlock/transaction-escape: nothing else is asked for
  }
}

module.exports = { exportPages, renumber, mirror, batched, batchedFromList, fromList, intoOtherPool, collected, withoutQueries };
