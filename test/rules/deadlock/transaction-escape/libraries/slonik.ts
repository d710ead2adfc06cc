// Idiom of github.com/logto-io/logto: query functions made for the pool, or for the transaction's connection.
import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';

const createUserQueries = (pool: CommonQueryMethods) => ({
  insertUser: async (name: string) => pool.query(sql.unsafe`insert into users (name) values (${name})`),
});

export const createUserLibrary = (pool: DatabasePool) => {
  const { insertUser } = createUserQueries(pool);

  const register = async (name: string, roleId: string) =>
    pool.transaction(async (connection) => {
    //   ^^^^^^^^^^^ related "The transaction begins here."
      await insertUser(name);
      //    ^^^^^^^^^^ deadlock/transaction-escape high "'insertUser' (through 'query') goes to 'users' through 'pool'"
      await connection.query(sql.unsafe`insert into users_roles (role_id) values (${roleId})`);
    });

  const assign = async (userId: string, roleId: string) =>
    pool.transaction(async (connection) => {
    //   ^^^^^^^^^^^ related "The transaction begins here."
      await connection.query(sql.unsafe`insert into users_roles (user_id, role_id) values (${userId}, ${roleId})`);
      await pool.query(sql.unsafe`update roles set users = users + 1 where id = ${roleId}`);
      //         ^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
    });

  const registerInside = async (name: string, roleId: string) =>
    pool.transaction(async (connection) => {
      const queries = createUserQueries(connection);
      await queries.insertUser(name); // ok deadlock/transaction-escape: made for the transaction's connection
      await connection.query(sql.unsafe`insert into users_roles (role_id) values (${roleId})`); // ok deadlock/transaction-escape: its own
    });

  const rename = async (id: string, name: string) => {
    await pool.transaction(async (pool) => {
      await pool.query(sql.unsafe`update users set name = ${name} where id = ${id}`); // ok deadlock/transaction-escape: the parameter shadows the pool
    });
  };

  return { register, assign, registerInside, rename };
};
