// Idiom of github.com/logto-io/logto: query functions made for the transaction's connection.
import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';

const createUserQueries = (pool: CommonQueryMethods) => ({
  deleteRoles: async (userId: string) => pool.query(sql.unsafe`delete from users_roles where user_id = ${userId}`),
  deleteTokens: async (userId: string) => pool.query(sql.unsafe`delete from tokens where user_id = ${userId}`),
});

export const removeUser = async (pool: DatabasePool, userId: string) =>
  pool.transaction(async (connection) => {
    const { deleteRoles, deleteTokens } = createUserQueries(connection);
    await Promise.all([deleteRoles(userId), deleteTokens(userId)]);
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'deleteRoles' and others at once in one transaction,"
    await connection.query(sql.unsafe`delete from users where id = ${userId}`);
  });

export const removeUserInTurn = async (pool: DatabasePool, userId: string) =>
  pool.transaction(async (connection) => {
    const { deleteRoles, deleteTokens } = createUserQueries(connection);
    await deleteRoles(userId);
    await deleteTokens(userId); // ok race-condition/promise-all-in-transaction: one after another
  });

export const signOut = async (pool: DatabasePool, userId: string) => {
  const { deleteRoles, deleteTokens } = createUserQueries(pool);
  // ok race-condition/promise-all-in-transaction: no transaction, a connection for each
  await Promise.all([deleteRoles(userId), deleteTokens(userId)]);
};

export const profile = async (pool: DatabasePool, userId: string) =>
  pool.transaction(async (connection) => {
    // ok race-condition/promise-all-in-transaction: reads only
    const [user, roles] = await Promise.all([
      connection.one(sql.unsafe`select * from users where id = ${userId}`),
      connection.any(sql.unsafe`select * from users_roles where user_id = ${userId}`),
    ]);
    return { user, roles };
  });
