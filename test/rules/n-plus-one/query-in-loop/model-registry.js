// Idiom of github.com/requarks/wiki: Objection models behind an untyped registry.
const app = globalThis.app;

async function exportPages(pageIds) {
  const pages = [];
  for (const id of pageIds) {
    pages.push(await app.models.pages.query().findById(id).select('id', 'title'));
    //                                        ^^^^^^^^ n-plus-one/query-in-loop medium "queries 'pages'"
  }
  return pages;
}

async function closeAll(ids) {
  for (const id of ids) {
    await app.models.tickets.query().patch({ open: false }).where('id', id);
    //                               ^^^^^ n-plus-one/query-in-loop "'patch' writes to 'tickets' once per element of 'ids'"
  }
}

async function exportAtOnce(pageIds) {
  return app.models.pages.query().whereIn('id', pageIds); // ok n-plus-one/query-in-loop: one statement
}

async function collect(sources) {
  const found = [];
  for (const source of sources) found.push(await source.query()); // ok n-plus-one/query-in-loop: 'query' alone is no database
  return found;
}

async function texts(urls) {
  return urls.map((url) => url.query('text').where); // ok n-plus-one/query-in-loop: no statement begins with a text
}

module.exports = { exportPages, closeAll, exportAtOnce, collect, texts };
