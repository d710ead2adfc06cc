// Idiom of github.com/logto-io/logto: `rowCount` of a query says whether there was such a row.
import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';

const consumePasscode = async (connection: CommonQueryMethods, id: string) => {
  await connection.query(sql.unsafe`update passcodes set consumed = true where id = ${id} and consumed = false`);
  //               ^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  await connection.query(sql.unsafe`insert into sessions (passcode_id) values (${id})`);
  //               ^^^^^ related "Happens whether the row was changed or not."
};

export const signIn = async (pool: DatabasePool, id: string) =>
  pool.transaction(async (connection) => consumePasscode(connection, id));

export const signInCounted = async (pool: DatabasePool, id: string) =>
  pool.transaction(async (connection) => {
    const { rowCount } = await connection.query(
      sql.unsafe`update passcodes set consumed = true where id = ${id} and consumed = false`, // ok toctou/unchecked-conditional-write: the count is looked at
    );
    if (rowCount < 1) throw new Error('passcode.consumed');
    await connection.query(sql.unsafe`insert into sessions (passcode_id) values (${id})`);
  });

export const signInOne = async (pool: DatabasePool, id: string) =>
  pool.transaction(async (connection) => {
    // ok toctou/unchecked-conditional-write: `one` throws when there is no row
    await connection.one(
      sql.unsafe`update passcodes set consumed = true where id = ${id} and consumed = false returning id`,
    );
    await connection.query(sql.unsafe`insert into sessions (passcode_id) values (${id})`);
  });

export const consumeAll = async (pool: DatabasePool, userId: string) =>
  // ok toctou/unchecked-conditional-write: there may be none
  pool.query(sql.unsafe`update passcodes set consumed = true where user_id = ${userId} and consumed = false`);
