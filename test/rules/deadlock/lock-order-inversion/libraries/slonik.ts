// Idiom of github.com/logto-io/logto: queries made for a connection, put together by a library.
import { type DatabasePool, sql } from 'slonik';
import { createRoleQueries } from './slonik-roles.ts';

export const createOrganizationLibrary = (pool: DatabasePool) => {
  /** The organization, then its roles. */
  const suspend = async (organizationId: string) =>
    pool.transaction(async (connection) => {
      const { disableRoles } = createRoleQueries(connection);
      await connection.query(sql.unsafe`update organizations set is_suspended = true where id = ${organizationId}`);
      await disableRoles(organizationId);
      //    ^^^^^^^^^^^^ deadlock/lock-order-inversion low "'disableRoles' (through 'query') takes a row of 'organization_roles'"
    });

  /** The roles, then their organization. */
  const replaceRoles = async (organizationId: string) =>
    pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`update organization_roles set is_default = false where organization_id = ${organizationId}`);
      await connection.query(sql.unsafe`update organizations set roles_changed_at = now() where id = ${organizationId}`);
    });

  const lockInvitation = async (organizationId: string, id: string) =>
    pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`update organizations set invited = invited + 1 where id = ${organizationId}`);
      await connection.query(sql.unsafe`update organization_invitations set status = 'locked' where id = ${id} and organization_id = ${organizationId}`); // ok deadlock/lock-order-inversion: who goes the other way fails at once
    });

  const accept = async (organizationId: string, id: string) =>
    pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`update organization_invitations set status = 'accepted' where id = ${id}`);
      await connection.one(sql.unsafe`select id from organizations where id = ${organizationId} for update nowait`); // ok deadlock/lock-order-inversion: it does not wait
    });

  const renameDomain = async (organizationId: string, domain: string) => {
    await pool.query(sql.unsafe`update organization_domains set domain = ${domain} where organization_id = ${organizationId}`); // ok deadlock/lock-order-inversion: no transaction holds it
    await pool.query(sql.unsafe`update organizations set domain = ${domain} where id = ${organizationId}`);
  };

  const removeDomains = async (organizationId: string) =>
    pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`update organizations set domain = null where id = ${organizationId}`);
      await connection.query(sql.unsafe`delete from organization_domains where organization_id = ${organizationId}`);
    });

  return { suspend, replaceRoles, lockInvitation, accept, renameDomain, removeDomains };
};
