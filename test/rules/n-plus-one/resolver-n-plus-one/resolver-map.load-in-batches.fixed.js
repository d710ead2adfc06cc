// Idiom of github.com/requarks/wiki
const { Pool } = require('pg');
const gql = require('graphql-tag');

/** Collects the keys asked for in one tick and loads them together; the package dataloader does this and more. */
function createLoader(load) {
  let batch;
  return async (key) => {
    const keys = batch?.keys ?? [];
    const position = keys.push(key) - 1;
    batch ??= {
      keys,
      values: new Promise((resolve) => {
        setImmediate(() => {
          batch = undefined;
          resolve(load(keys));
        });
      }),
    };
    const value = (await batch.values)[position];
    if (value instanceof Error) throw value;
    return value;
  };
}

const pool = new Pool();

const typeDefs = gql`
  type Query {
    posts(first: Int): PostList!
    me: User
  }
  type PostList {
    items: [Post!]!
    totalItems: Int!
  }
  type Post {
    id: ID!
    "Who wrote it"
    author: User
    tags: [Tag!]!
    likes: Int!
  }
  type User {
    id: ID!
    drafts: [Draft!]!
  }
  type Draft {
    id: ID!
  }
  type Tag {
    name: String!
  }
`;

const tagsLoader = createLoader(async (keys) => {
  const tags = await pool.query('SELECT * FROM tags WHERE post_id = ANY($1)', [[...keys]]);
  const tagsByPostId = new Map();
  for (const tag of tags.rows) {
    const same = tagsByPostId.get(String(tag.post_id));
    if (same === undefined) tagsByPostId.set(String(tag.post_id), [tag]);
    else same.push(tag);
  }
  return keys.map((key) => ({ rows: tagsByPostId.get(String(key)) ?? [] }));
});

const resolvers = {
  Query: {
    async posts(_, args) {
      const { rows } = await pool.query('SELECT * FROM posts LIMIT $1', [args.first]);
      return { items: rows, totalItems: rows.length };
    },
    async me(_, args, context) {
      const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [context.userId]);
      return rows[0]; // ok n-plus-one/resolver-n-plus-one: a root has no parent
    },
  },
  Post: {
    async tags(post) {
      const { rows } = await tagsLoader(post.id);
//                                ^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Post.tags' queries 'tags' by 'query' once per"
      return rows;
    },
    author: async (post) => {
      if (post.author) return post.author;
      const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [post.author_id]);
//                                ^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Post.author' queries 'users' by 'query' once per"
      return rows[0];
    },
    likes: (post) => post.likes ?? 0, // ok n-plus-one/resolver-n-plus-one: nothing is queried
  },
};

module.exports = { typeDefs, resolvers };
