// Idiom of github.com/documenso/documenso: Drizzle's relational queries, without the package's types.
const { drizzle } = require('drizzle-orm/node-postgres');
const { eq, inArray } = require('drizzle-orm');
const schema = require('./schema');

const db = drizzle(process.env.DATABASE_URL, { schema });

async function owners(documents) {
  const found = [];
  for (const document of documents) {
    found.push(await db.query.users.findFirst({ where: eq(schema.users.id, document.ownerId) }));
//                                  ^^^^^^^^^ n-plus-one/query-in-loop medium "queries 'users'"
  }
  return found;
}

async function fields(documentIds) {
  return Promise.all(
    documentIds.map((id) => db.query.fields.findMany({ where: eq(schema.fields.documentId, id), with: { recipient: true } })),
//                                          ^^^^^^^^ n-plus-one/query-in-loop medium "queries 'fields'"
  );
}

async function ownersAtOnce(documents) {
  const ids = documents.map(({ ownerId }) => ownerId);
  return db.query.users.findMany({ where: inArray(schema.users.id, ids) }); // ok n-plus-one/query-in-loop: one statement
}

async function withFields(id) {
  return db.query.documents.findFirst({ where: eq(schema.documents.id, id), with: { fields: true } }); // ok n-plus-one/query-in-loop: no loop
}

async function inMemory(documents, lists) {
  return documents.map(({ id }) => lists.entries.findFirst(id)); // ok n-plus-one/query-in-loop: nothing called 'query'
}

module.exports = { owners, fields, ownersAtOnce, withFields, inMemory };
