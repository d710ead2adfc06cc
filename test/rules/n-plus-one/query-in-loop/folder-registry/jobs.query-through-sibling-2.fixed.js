// Idiom of github.com/requarks/wiki: models of a folder behind a global object.
const { models } = APP;

async function names(ids) {
  const found = [];
  for (const id of ids) {
    found.push(await APP.models.authors.nameOf(id));
//                                      ^^^^^^ n-plus-one/query-in-loop medium "queries 'Author'"
  }
  return found;
}

async function namesAgain(ids) {
  const authorsById = await models.authors.nameOfAll(ids);
  return Promise.all(ids.map((id) => authorsById.get(id)));
//                                                  ^^^^^^ n-plus-one/query-in-loop medium "queries 'Author'"
}

async function remind(addresses) {
  for (const address of addresses) {
    await APP.mail.send(address);
//                 ^^^^ n-plus-one/query-in-loop low "queries 'templates'"
  }
}

function titles(books) {
  return books.map((book) => APP.models.books.title(book)); // ok n-plus-one/query-in-loop: no query
}

async function others(ids) {
  for (const id of ids) await APP.plugins.authors.nameOf(id); // ok n-plus-one/query-in-loop: no folder of this name is loaded
}

async function unknown(ids) {
  for (const id of ids) await APP.models.shelves.nameOf(id); // ok n-plus-one/query-in-loop: the folder has no such file
}

module.exports = { names, namesAgain, remind, titles, others, unknown };
