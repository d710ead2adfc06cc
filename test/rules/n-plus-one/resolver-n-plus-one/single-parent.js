// Idiom of github.com/requarks/wiki
const { Pool } = require('pg');
const gql = require('graphql-tag');

const pool = new Pool();

exports.typeDefs = gql`
  type Query {
    account: Account
    accounts: [AccountSummary!]!
  }
  type Account {
    id: ID!
    groups: [Group!]!
  }
  type AccountSummary {
    id: ID!
  }
  type Group {
    id: ID!
  }
`;

exports.resolvers = {
  Query: {
    async account() {
      const { rows } = await pool.query('SELECT * FROM accounts LIMIT 1');
      return rows[0];
    },
  },
  Account: {
    async groups(account) {
      const { rows } = await pool.query('SELECT * FROM groups WHERE account_id = $1', [account.id]); // ok n-plus-one/resolver-n-plus-one: lists give AccountSummary, which has no such field
      return rows;
    },
  },
};
