// Idiom of github.com/logto-io/logto: an invitation inserted and mailed in one transaction of the pool.
import mail from '@sendgrid/mail';
import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';

class InvitationQueries {
  constructor(private readonly connection: CommonQueryMethods) {}

  async insert(id: string, invitee: string) {
    await this.connection.query(
      sql.unsafe`INSERT INTO organization_invitations (id, invitee, status) VALUES (${id}, ${invitee}, 'Pending')`,
    );
  }

  async findById(id: string) {
    return this.connection.one(sql.unsafe`SELECT * FROM organization_invitations WHERE id = ${id}`);
  }
}

export class InvitationLibrary {
  constructor(private readonly pool: DatabasePool) {}

  async insert(id: string, invitee: string) {
    const result = await this.pool.transaction(async (connection) => {
    //               ^^^^^^^^^^^ related "The transaction begins here."
      const invitations = new InvitationQueries(connection);
      await invitations.insert(id, invitee);
      //         ^^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'organization_invitations' goes back to what it"
      return invitations.findById(id);
    });
    await this.sendEmail(id, invitee);
    return result;
  }

  async insertThenSend(id: string, invitee: string) {
    await this.pool.transaction(async (connection) => {
      await new InvitationQueries(connection).insert(id, invitee);
    });
    await this.sendEmail(id, invitee); // ok double-write/effect-in-transaction: after the commit
  }

  async insertAlone(id: string, invitee: string) {
    await new InvitationQueries(this.pool).insert(id, invitee);
    await this.sendEmail(id, invitee); // ok double-write/effect-in-transaction: no transaction is open
  }

  async resend(id: string) {
    const invitation = await new InvitationQueries(this.pool).findById(id);
    await this.sendEmail(id, invitation.invitee); // ok double-write/effect-in-transaction: nothing is written
  }

  private async sendEmail(id: string, to: string) {
    await mail.send({ from: 'team@example.com', to, subject: 'Join us', html: `/invitations/${id}` });
  }
}
