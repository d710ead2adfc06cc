// Idiom of github.com/mikro-orm/mikro-orm
import { EntityManager } from '@mikro-orm/core';

export class Author {
  id: number;
  name: string;
}

export async function authorNames(em: EntityManager, books: { authorId: number }[]) {
  const names: string[] = [];
  const authorIds = Array.from(books, (book) => book.authorId);
  const authors = await em.find(Author, { id: { $in: authorIds } });
  const authorsById = new Map(authors.map((authorRow) => [authorRow.id, authorRow]));
  for (const book of books) {
    const author = authorsById.get(book.authorId) ?? null;
//                          ^^^^^^^ n-plus-one/query-in-loop medium "'findOne' queries 'Author' once per element of"
    names.push(author === null ? 'none' : author.name);
  }
  return names;
}
