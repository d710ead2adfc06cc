// Idiom of github.com/calcom/cal.com and github.com/documenso/documenso: mail by SendGrid, Resend or SMTP, where the row is written.
import mail from '@sendgrid/mail';
import { createTransport } from 'nodemailer';
import { Resend } from 'resend';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Invitation {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() email!: string;
}

const resend = new Resend('key');
const transport = createTransport('smtp://mail');

async function sendInvitation(email: string) {
  await resend.emails.send({ from: 'team@example.com', to: email, subject: 'Join us', html: '' });
}

export class InvitationService {
  constructor(private readonly source: DataSource) {}

  async inviteByResend(email: string) {
    await this.source.transaction(async (manager) => {
    //                ^^^^^^^^^^^ related "The transaction begins here."
      await manager.insert(Invitation, { email });
      await sendInvitation(email);
      //    ^^^^^^^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Invitation' goes back"
    });
  }

  async inviteBySendGrid(email: string) {
    await this.source.transaction(async (manager) => {
    //                ^^^^^^^^^^^ related "The transaction begins here."
      await manager.insert(Invitation, { email });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['mail', JSON.stringify({ from: 'team@example.com', to: email, subject: 'Join us', html: '' })]);
      //         ^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Invitation' goes back"
    });
  }

  async inviteBySmtp(email: string) {
    await this.source.transaction(async (manager) => {
    //                ^^^^^^^^^^^ related "The transaction begins here."
      await transport.sendMail({ to: email, subject: 'Join us', text: '' });
      //              ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Invitation' goes back"
      await manager.insert(Invitation, { email });
    });
  }

  async inviteThenSend(email: string) {
    await this.source.transaction(async (manager) => {
      await manager.insert(Invitation, { email });
    });
    await sendInvitation(email); // ok double-write/effect-in-transaction: after the commit
  }

  async sendThenInvite(email: string) {
    await transport.sendMail({ to: email, subject: 'Hello', text: '' }); // ok double-write/effect-in-transaction: before it begins
    await this.source.transaction(async (manager) => {
      await manager.insert(Invitation, { email });
    });
  }

  async inviteThroughOutbox(email: string) {
    await this.source.transaction(async (manager) => {
      await manager.insert(Invitation, { email });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['invitation', email]); // ok double-write/effect-in-transaction: a row of the transaction
    });
  }

  async prepare(email: string) {
    await this.source.transaction(async (manager) => {
      const sender = new Resend('other key'); // ok double-write/effect-in-transaction: a client, nothing sent
      await manager.insert(Invitation, { email });
      return sender;
    });
  }
}
