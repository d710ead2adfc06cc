// Idiom of github.com/mikro-orm/mikro-orm
import { EntityManager } from '@mikro-orm/core';

export class Author {
  id: number;
  name: string;
}

export async function authorNames(em: EntityManager, books: { authorId: number }[]) {
  const names: string[] = [];
  for (const book of books) {
    const author = await em.findOne(Author, { id: book.authorId });
//                          ^^^^^^^ n-plus-one/query-in-loop medium "'findOne' queries 'Author' once per element of"
    names.push(author === null ? 'none' : author.name);
  }
  return names;
}
