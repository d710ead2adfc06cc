// Idiom of github.com/logto-io/logto: `exists` asked by a query function, inserts by another.
import { type CommonQueryMethods, sql } from 'slonik';

export const createInvitationLibrary = (pool: CommonQueryMethods) => {
  const hasUserWithEmail = async (email: string) =>
    pool.exists(sql.unsafe`select id from users where primary_email = ${email}`);
    //   ^^^^^^ related "Checked here."

  const insertUser = async (email: string) =>
    pool.query(sql.unsafe`insert into users (primary_email) values (${email})`);
    //   ^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"

  const register = async (email: string) => {
    if (await hasUserWithEmail(email)) throw new Error('user.email_already_in_use');
    await insertUser(email);
  };

  const accept = async (id: string) => {
    const invitation = await pool.one<{ status: string }>(sql.unsafe`select status from invitations where id = ${id}`);
    //                            ^^^ related "Checked here."
    if (invitation.status !== 'Pending') throw new Error('invitation.not_pending');
    const updated = await pool.query(sql.unsafe`update invitations set status = 'Accepted' where id = ${id} AND status = 'Pending' RETURNING status`);
    if (updated.rows.length === 0) throw new Error('invitation.not_pending');
    //         ^^^^^ toctou/db-check-then-act low "'status' of 'invitations'"
  };

  const acceptOnce = async (id: string) => {
    const { rowCount } = await pool.query(
      sql.unsafe`update invitations set status = 'Accepted' where id = ${id} and status = 'Pending'`, // ok toctou/db-check-then-act: checked by the statement that writes
    );
    if (rowCount === 0) throw new Error('invitation.not_pending');
  };

  const acceptLocked = async (id: string) =>
    pool.transaction(async (connection) => {
      const invitation = await connection.one<{ status: string }>(
        sql.unsafe`select status from invitations where id = ${id} for update`,
      );
      if (invitation.status !== 'Pending') throw new Error('invitation.not_pending');
      await connection.query(sql.unsafe`update invitations set status = 'Accepted' where id = ${id}`); // ok toctou/db-check-then-act: locked by its read
    });

  const registerOrFind = async (email: string) => {
    if (await hasUserWithEmail(email)) return;
    // ok toctou/db-check-then-act: a second one does nothing
    await pool.query(sql.unsafe`insert into users (primary_email) values (${email}) on conflict (primary_email) do nothing`);
  };

  return { register, accept, acceptOnce, acceptLocked, registerOrFind };
};
