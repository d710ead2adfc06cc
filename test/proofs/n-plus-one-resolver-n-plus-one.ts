import DataLoader from 'dataloader';
import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'n-plus-one/resolver-n-plus-one';

const TABLES = `CREATE TABLE posts (id int PRIMARY KEY, author_id int NOT NULL, title text NOT NULL);
  INSERT INTO posts SELECT n, (n + 1) / 2, 'post ' || n FROM generate_series(1, 40) n`;

/** What a GraphQL server does with a list: it asks each element for the field before it waits for any of them. */
function askAll<Parent, Value>(
  parents: readonly Parent[],
  resolve: (parent: Parent) => Promise<Value>,
): Promise<Value[]> {
  return Promise.all(parents.map((parent) => resolve(parent)));
}

interface Post {
  readonly title: string;
}
interface Author {
  readonly id: number;
}

interface Resolvers {
  readonly resolvers: {
    readonly Author: { posts: (author: Author, args: object, context: object) => Promise<readonly Post[]> };
  };
}

interface Writers {
  readonly resolvers: {
    readonly Article: { writer: (article: { writerId: number }) => Promise<{ name: string }> };
  };
}

const authors = [...Array.from({ length: 20 }, (_, index) => ({ id: index + 1 })), { id: 3 }, { id: 99 }];
const titles = (posts: readonly (readonly Post[])[]): unknown => ({
  lists: posts.length,
  third: posts[2]?.map(({ title }) => title).join(),
  again: posts[20]?.map(({ title }) => title).join(),
  none: posts[21]?.length,
});
const SAME = { lists: 22, third: 'post 5,post 6', again: 'post 5,post 6', none: 0 };

export const resolverNPlusOneProofs: readonly Proof[] = [
  proof<Resolvers>({
    rule,
    fix: 'load-in-batches',
    form: 'a resolver map over SQL text, without the package',
    needs: 'postgres',
    setup: TABLES,
    program: program`
      import { Pool } from 'pg';

      interface Post {
        title: string;
      }
      interface Author {
        id: number;
      }

      export const pool = new Pool();
      declare function gql(text: TemplateStringsArray): string;

      export const typeDefs = (): string => gql\`
        type Query { authors: [Author!]! }
        type Author { id: Int! posts: [Post!]! }
        type Post { title: String! }
      \`;

      export const resolvers = {
        Query: {},
        Author: {
          async posts(author: Author): Promise<Post[]> {
            const { rows } = await pool.query('SELECT * FROM posts WHERE author_id = $1 ORDER BY id', [author.id]);
            return rows;
          },
        },
      };
    `,
    async observe({ resolvers }, scene) {
      let found: (readonly Post[])[] = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        found = await askAll(authors, (author) => resolvers.Author.posts(author, {}, {}));
      });
      return { queries: sent.length, found: titles(found) };
    },
    before: { queries: 22, found: SAME },
    after: { queries: 1, found: SAME },
  }),
  proof<Resolvers & { start: () => Promise<void> }>({
    rule,
    fix: 'load-by-loader',
    form: 'TypeORM in a resolver map, one loader per request',
    needs: 'postgres',
    modules: { dataloader: DataLoader },
    program: program`
      import DataLoader from 'dataloader';
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Post {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        authorId: number;

        @Column({ type: 'text' })
        title: string;
      }
      interface Author {
        id: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Post],
        synchronize: true,
      });
      const posts = dataSource.getRepository(Post);
      declare function gql(text: TemplateStringsArray): string;

      export const typeDefs = (): string => gql\`
        type Query { authors: [Author!]! }
        type Author { id: Int! posts: [Post!]! }
        type Post { title: String! }
      \`;

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.query(
          'INSERT INTO post ("authorId", title) SELECT (n + 1) / 2, \'post \' || n FROM generate_series(1, 40) n',
        );
      }

      export const counts = new DataLoader((ids: readonly number[]) => Promise.resolve(ids));

      export const resolvers = {
        Query: {},
        Author: {
          async posts(author: Author, _args: object, context: object) {
            return posts.find({ where: { authorId: author.id }, order: { id: 'ASC' } });
          },
        },
      };
    `,
    async observe({ start, resolvers }, scene) {
      await start();
      const found: (readonly Post[])[][] = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        for (const context of [{}, {}])
          found.push(await askAll(authors, (author) => resolvers.Author.posts(author, {}, context)));
      });
      // Two requests: the second asks again, it may see other rows.
      return { queries: sent.length, found: found.map(titles) };
    },
    before: { queries: 44, found: [SAME, SAME] },
    after: { queries: 2, found: [SAME, SAME] },
  }),
  proof<Writers & { start: () => Promise<void> }>({
    rule,
    fix: 'load-in-batches',
    form: 'TypeORM, a service that throws for a missing row',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

      @Entity()
      export class Writer {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'text' })
        name: string;
      }
      interface Article {
        writerId: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Writer],
        synchronize: true,
      });

      class WriterService {
        constructor(private readonly writers: Repository<Writer>) {}

        async get(args: { where: { id: number } }): Promise<Writer> {
          const writer = await this.writers.findOneBy({ id: args.where.id });
          if (!writer) {
            throw new Error(\`no writer \${args.where.id}\`);
          }
          return writer;
        }
      }
      const service = new WriterService(dataSource.getRepository(Writer));
      declare function gql(text: TemplateStringsArray): string;

      export const typeDefs = (): string => gql\`
        type Query { articles: [Article!]! }
        type Article { writerId: Int! writer: Writer! }
        type Writer { name: String! }
      \`;

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.query("INSERT INTO writer (name) SELECT 'writer ' || n FROM generate_series(1, 9) n");
      }

      export const resolvers = {
        Query: {},
        Article: {
          async writer(article: Article) {
            return service.get({ where: { id: article.writerId } });
          },
        },
      };
    `,
    async observe({ start, resolvers }, scene) {
      await start();
      const articles = [{ writerId: 2 }, { writerId: 99 }, { writerId: 1 }];
      let found: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        found = await askAll(articles, (article) =>
          resolvers.Article.writer(article).then(
            ({ name }) => name,
            (error: Error) => error.message,
          ),
        );
      });
      return { queries: sent.length, found };
    },
    before: { queries: 3, found: ['writer 2', 'no writer 99', 'writer 1'] },
    after: { queries: 1, found: ['writer 2', 'no writer 99', 'writer 1'] },
  }),
];
