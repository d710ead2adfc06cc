// Idiom of github.com/logto-io/logto: query functions of a transaction's connection, messages by a connector.
import { type JetStreamClient, StringCodec } from 'nats';
import { type DatabasePool, sql } from 'slonik';

const sc = StringCodec();

export async function invite(pool: DatabasePool, js: JetStreamClient, id: string, email: string) {
  await pool.transaction(async (connection) => {
  //         ^^^^^^^^^^^ related "The transaction begins here."
    await connection.query(sql.unsafe`INSERT INTO organization_invitations (id, invitee) VALUES (${id}, ${email})`);
    //       ^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'organization_invitations' is"
  });
  await js.publish('invitation.created', sc.encode(id));
}

export async function inviteThenPublish(pool: DatabasePool, js: JetStreamClient, id: string, email: string) {
  await pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`INSERT INTO organization_invitations (id, invitee) VALUES (${id}, ${email})`);
    //               ^^^^^ related "Written to 'organization_invitations' here."
  });
  await js.publish('invitation.created', sc.encode(id)); // ok double-write/effect-before-commit-visible: after the commit
  //       ^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function inviteThroughOutbox(pool: DatabasePool, id: string, email: string) {
  await pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`INSERT INTO organization_invitations (id, invitee) VALUES (${id}, ${email})`);
    await connection.query(sql.unsafe`INSERT INTO outbox (topic, payload) VALUES ('invitation.created', ${id})`); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function expire(pool: DatabasePool, js: JetStreamClient, id: string) {
  await js.publish('invitation.expiring', sc.encode(id)); // ok double-write/effect-before-commit-visible: before it begins
  await pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`UPDATE organization_invitations SET status = 'Expired' WHERE id = ${id}`);
  });
}
