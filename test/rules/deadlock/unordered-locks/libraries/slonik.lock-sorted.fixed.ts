// Idiom of github.com/logto-io/logto: a transaction's connection handed to a callback.
import { type DatabasePool, sql } from 'slonik';

export const moveUsers = async (pool: DatabasePool, from: string, to: string, count: number) =>
  pool.transaction(async (connection) => {
    for (const id of [from, to].sort()) {
      await connection.query(sql.unsafe`SELECT 1 FROM organizations WHERE id = ${id} FOR UPDATE`);
    }
    await connection.query(sql.unsafe`update organizations set users = users - ${count} where id = ${from}`);
    //               ^^^^^ related "The first row is locked here."
    await connection.query(sql.unsafe`update organizations set users = users + ${count} where id = ${to}`);
    //               ^^^^^ deadlock/unordered-locks high "'from' of 'organizations'"
  });

export const moveUsersLocked = async (pool: DatabasePool, from: string, to: string, count: number) =>
  pool.transaction(async (connection) => {
    await connection.any(
      sql.unsafe`select id from organizations where id = any(${sql.array([from, to], 'varchar')}) order by id for update`,
    );
    await connection.query(sql.unsafe`update organizations set users = users - ${count} where id = ${from}`);
    await connection.query(sql.unsafe`update organizations set users = users + ${count} where id = ${to}`); // ok deadlock/unordered-locks: both are locked in one order before
  });

export const addUsers = async (pool: DatabasePool, organizationId: string, userId: string) =>
  pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`update organizations set users = users + 1 where id = ${organizationId}`);
    await connection.query(sql.unsafe`insert into memberships (user_id) values (${userId})`); // ok deadlock/unordered-locks: a new row of another table
  });

export const rename = async (pool: DatabasePool, ids: string[], name: string) =>
  pool.transaction(async (connection) => {
    for (const id of ids.toSorted()) {
  //^^^ related "Repeated for each element of 'ids.toSorted()'."
      await connection.query(sql.unsafe`update organizations set name = ${name} where id = ${id}`); // ok deadlock/unordered-locks: everyone goes up
      //               ^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  });
