// Idiom of github.com/logto-io/logto: query functions that a library calls for each of its rows.
import { type CommonQueryMethods, sql } from 'slonik';

interface Role {
  id: string;
}
interface Assignment {
  userId: string;
  roleId: string;
}
interface User {
  id: string;
  name: string;
}

export const createRoleLibrary = (pool: CommonQueryMethods) => {
  const findScopesByRoleId = async (roleId: string) =>
    pool.any(sql.unsafe`select * from scopes where role_id = ${roleId}`);
//       ^^^ n-plus-one/query-in-loop low "queries 'scopes' once per element of 'roles'"

  const getRoles = async () => {
    const roles = await pool.any<Role>(sql.unsafe`select id from roles`);
    return Promise.all(
      roles.map(async (role) => ({ ...role, scopes: await findScopesByRoleId(role.id) })),
    );
  };

  const getRolesAtOnce = async () => {
    const roles = await pool.any<Role>(sql.unsafe`select id from roles`);
    const ids = roles.map(({ id }) => id);
    const scopes = await pool.any(sql.unsafe`select * from scopes where role_id = any(${sql.array(ids, 'varchar')})`); // ok n-plus-one/query-in-loop: one query for all
    return roles.map((role) => ({ ...role, scopes: scopes.filter((scope) => scope.role_id === role.id) }));
  };

  const insertRoles = async (names: string[]) => {
    const rows = sql.join(
      names.map((name) => sql.fragment`(${name})`), // ok n-plus-one/query-in-loop: fragments of one statement
      sql.fragment`, `,
    );
    await pool.query(sql.unsafe`insert into roles (name) values ${rows}`);
  };

  const findFirst = async (roleIds: string[]) => {
    for (const roleId of roleIds) {
  //^^^ related "Repeated for each element of 'roleIds'."
      const scope = await pool.maybeOne(sql.unsafe`select * from scopes where role_id = ${roleId} limit 1`);
      //                       ^^^^^^^^ n-plus-one/query-in-loop low "once per element"
      if (scope) return scope;
    }
    return null;
  };

  const namesOf = async (assignments: Assignment[]) => {
    const names: string[] = [];
    const userIds = assignments.map(({ userId }) => userId);
    const users = userIds.length === 0 ? [] : await pool.any<User>(sql.unsafe`select id, name from users where id in (${sql.join(userIds, sql.fragment`, `)})`);
    const usersById = new Map(users.map((userRow) => [String(userRow.id), userRow]));
    for (const { userId } of assignments) {
  //^^^ related "Repeated for each element of 'assignments'."
      const user = usersById.get(String(userId)) ?? null;
      //                      ^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
      names.push(user?.name ?? 'nobody');
    }
    return names;
  };

  const scopesOf = async (assignments: Assignment[], tenant: string) =>
    Promise.all(
      assignments.map(async ({ userId, roleId }) => {
      //          ^^^ related "Repeated for each element of 'assignments'."
        const scopes = await pool.any<{ role_id: string; name: string }>(
          //                      ^^^ n-plus-one/query-in-loop medium "once per element"
          sql.unsafe`select role_id, name from scopes where role_id = ${roleId} and tenant = ${tenant} order by name`,
        );
        return { userId, scopes };
      }),
    );

  return { getRoles, getRolesAtOnce, insertRoles, findFirst, namesOf, scopesOf };
};
