// Idiom of github.com/logto-io/logto: queries of a factory, one after another or in a transaction.
import { type DatabasePool, sql } from 'slonik';

export const createOrganizationLibrary = (pool: DatabasePool) => {
  const insert = async (id: string, userId: string) => {
    await pool.query(sql.unsafe`insert into organizations (id) values (${id})`);
    // missing race-condition/related-writes-without-transaction: parent and child of one key that the caller chose
    await pool.query(sql.unsafe`insert into organization_users (organization_id, user_id) values (${id}, ${userId})`);
  };

  const moveQuota = async (from: string, to: string, amount: number) => {
    await pool.query(sql.unsafe`update organizations set quota = quota - ${amount} where id = ${from}`);
    //         ^^^^^ related "Written before."
    await pool.query(sql.unsafe`update organizations set quota = quota + ${amount} where id = ${to}`);
    //         ^^^^^ race-condition/related-writes-without-transaction medium "without a transaction; when it fails"
  };

  const setRoles = async (id: string, roles: string[]) => {
    await pool.query(sql.unsafe`delete from organization_roles where organization_id = ${id}`);
    await pool.query(sql.unsafe`insert into organization_roles (organization_id, name) select ${id}, unnest(${sql.array(roles, 'varchar')})`);
    //         ^^^^^ race-condition/related-writes-without-transaction medium "'query' writes anew what 'query' has deleted from"
  };

  const insertTogether = async (id: string, userId: string) =>
    pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`insert into organizations (id) values (${id})`);
      await connection.query(sql.unsafe`insert into organization_users (organization_id, user_id) values (${id}, ${userId})`); // ok race-condition/related-writes-without-transaction: both or none
    });

  const touch = async (id: string, userId: string) => {
    await pool.query(sql.unsafe`update organizations set used_at = now() where id = ${id}`);
    await pool.query(sql.unsafe`update users set seen_at = now() where id = ${userId}`); // ok race-condition/related-writes-without-transaction: neither needs the other
  };

  const removeUser = async (id: string, userId: string) => {
    const count = await pool.oneFirst(sql.unsafe`select count(*) from organization_users where organization_id = ${id}`);
    if (count < 2) throw new Error('The last one stays.');
    await pool.query(sql.unsafe`insert into events (organization_id, user_id) values (${id}, ${userId})`); // ok race-condition/related-writes-without-transaction: one write
  };

  return { insert, moveQuota, setRoles, insertTogether, touch, removeUser };
};
