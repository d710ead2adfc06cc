// Idiom of github.com/documenso/documenso: recipients in one Prisma transaction, each of them written to.
import { Resend } from 'resend';
import { createTransport } from 'nodemailer';

interface Recipient {
  id: string;
  email: string;
  token: string;
  envelopeId: string;
}
interface Delegate<Row> {
  create(args: { data: Partial<Row> }): Promise<Row>;
  delete(args: { where: Partial<Row> }): Promise<Row>;
  findMany(args: { where: Partial<Row> }): Promise<Row[]>;
}
interface Client {
  recipient: Delegate<Recipient>;
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };

const resend = new Resend('re_key');
const mailer = createTransport('smtp://mail');

export async function addRecipient(envelopeId: string, email: string, token: string) {
  return prisma.$transaction(async (tx) => {
  //            ^^^^^^^^^^^^ related "The transaction begins here."
    const recipient = await tx.recipient.create({ data: { envelopeId, email, token } });
    await tx.$executeRaw`INSERT INTO outbox (topic, payload) VALUES (${'emails'}, ${JSON.stringify({ from: 'sign@example.com', to: email, subject: 'Please sign', html: `/sign/${token}` })}::jsonb)`;
    //                  ^^^^ double-write/effect-in-transaction high "if it is rolled back, 'recipient' goes back to what it was and this"
    return recipient;
  });
}

export async function removeRecipient(id: string, email: string) {
  await prisma.$transaction(
  //           ^^^^^^^^^^^^ related "The transaction begins here."
    async (tx) => {
      await tx.recipient.delete({ where: { id } });
      await mailer.sendMail({ to: email, subject: 'You were removed', text: id });
      //           ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'recipient' goes back to what it was and this"
    },
    { timeout: 30_000 },
  );
}

export async function addThenSend(envelopeId: string, email: string, token: string) {
  const recipient = await prisma.$transaction((tx) => tx.recipient.create({ data: { envelopeId, email, token } }));
  await resend.emails.send({ from: 'sign@example.com', to: email, subject: 'Please sign', html: recipient.token }); // ok double-write/effect-in-transaction: after the commit
}

export async function renderThenAdd(envelopeId: string, email: string) {
  const token = await (await fetch('https://tokens.example.com')).text(); // ok double-write/effect-in-transaction: before it begins
  await prisma.$transaction((tx) => tx.recipient.create({ data: { envelopeId, email, token } }));
}

export async function remindAll(envelopeId: string) {
  const recipients = await prisma.$transaction((tx) => tx.recipient.findMany({ where: { envelopeId } }));
  for (const { email } of recipients) await mailer.sendMail({ to: email, subject: 'Reminder', text: '' }); // ok double-write/effect-in-transaction: the transaction is over
}
