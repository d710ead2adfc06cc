// Idiom of github.com/hayes/pothos
import type { Pool } from 'pg';

interface Author {
  id: string;
  publisher_id: string;
}
interface Fields<Parent> {
  field(options: {
    type: unknown;
    resolve: (parent: Parent, args: object, context: object) => unknown;
  }): unknown;
}
declare const pool: Pool;
declare const builder: {
  queryField(name: string, build: (t: Fields<undefined>) => unknown): void;
  objectRef<T>(name: string): { implement(options: { fields: (t: Fields<T>) => object }): void };
  objectType(name: string, options: { fields: (t: Fields<Author>) => object }): void;
};

builder.queryField('authors', (t) =>
  t.field({
    type: ['Author'],
    resolve: async () => (await pool.query('SELECT * FROM authors')).rows,
  }),
);

builder.objectType('Author', {
  fields: (t) => ({
    books: t.field({
      type: ['Book'],
      resolve: async (author) => {
        const { rows } = await pool.query('SELECT * FROM books WHERE author_id = $1', [author.id]);
//                                  ^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Author.books' queries 'books' by 'query' once per"
        return rows;
      },
    }),
    publisherName: t.field({
      type: 'String',
      resolve: (author) => author.publisher_id, // ok n-plus-one/resolver-n-plus-one: nothing is queried
    }),
  }),
});
