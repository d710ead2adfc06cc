// Idiom of github.com/requarks/wiki
const { Pool } = require('pg');
const gql = require('graphql-tag');

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
      const { rows } = await pool.query('SELECT * FROM tags WHERE post_id = $1', [post.id]);
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
