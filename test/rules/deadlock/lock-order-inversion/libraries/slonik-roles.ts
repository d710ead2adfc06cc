// Idiom of github.com/logto-io/logto: query functions made for the pool, or for the transaction's connection.
import { type CommonQueryMethods, sql } from 'slonik';

export const createRoleQueries = (pool: CommonQueryMethods) => ({
  disableRoles: async (organizationId: string) =>
    pool.query(sql.unsafe`update organization_roles set is_enabled = false where organization_id = ${organizationId}`),
});
