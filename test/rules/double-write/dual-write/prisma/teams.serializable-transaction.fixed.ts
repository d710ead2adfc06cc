// Idiom of github.com/hoppscotch/hoppscotch and github.com/documenso/documenso: Prisma, an invitation mail, a payment provider.
import { createTransport } from 'nodemailer';
import Stripe from 'stripe';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

interface Invitation {
  id: string;
  teamId: string;
  email: string;
}
interface Organisation {
  id: string;
  name: string;
  subscriptionId: string;
  customerId: string | null;
}
interface Delegate<Row> {
  findFirst(args: { where: Partial<Row> }): Promise<Row | null>;
  create(args: { data: Partial<Row> }): Promise<Row>;
  update(args: { where: Partial<Row>; data: Partial<Row> }): Promise<Row>;
  delete(args: { where: Partial<Row> }): Promise<Row>;
}
interface Client {
  teamInvitation: Delegate<Invitation>;
  organisation: Delegate<Organisation>;
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };

const mailer = createTransport('smtp://mail');
const stripe = new Stripe('sk_test');

export async function invite(teamId: string, email: string) {
  const invitation = await retryOnConflict(() => prisma.$transaction(async (tx) => {
    const known = await tx.teamInvitation.findFirst({ where: { teamId, email } });
    if (known !== null) throw new Error('already invited');
    return tx.teamInvitation.create({ data: { teamId, email } });
  }, { isolationLevel: 'Serializable' }));
  //                                             ^^^^^^ toctou/db-check-then-act
  await mailer.sendMail({ to: email, subject: 'Join us', text: `/join/${invitation.id}` });
  //           ^^^^^^^^ double-write/dual-write medium "'sendMail' sends a mail after 'create' has written 'teamInvitation' for good"
  return invitation;
}

export async function close(id: string, subscriptionId: string) {
  await prisma.organisation.delete({ where: { id } });
  try {
    await stripe.subscriptions.cancel(subscriptionId); // ok double-write/dual-write: nothing says that it is about the row
  } catch (error) {
    console.error(error);
  }
}

export async function closeOrganisation(organisation: Organisation) {
  await prisma.organisation.delete({ where: { id: organisation.id } });
  await stripe.subscriptions.cancel(`sub-${organisation.id}`);
  //                         ^^^^^^ double-write/dual-write medium "'cancel' asks the payment provider for a change"
}

export async function changeMail(organisation: Organisation, email: string) {
  await prisma.organisation.update({ where: { id: organisation.id }, data: { name: email } });
  await stripe.customers.update(organisation.id, { email });
  //                     ^^^^^^ double-write/dual-write low
}

export async function subscribe(organisation: Organisation, email: string) {
  await prisma.organisation.update({ where: { id: organisation.id }, data: { name: email } });
  const customer = await stripe.customers.create({ email }); // ok double-write/dual-write: what it gave is kept below, until then the row has none
  await prisma.organisation.update({ where: { id: organisation.id }, data: { customerId: customer.id } });
}

export async function look(organisation: Organisation) {
  await prisma.organisation.update({ where: { id: organisation.id }, data: { name: 'seen' } });
  return stripe.subscriptions.retrieve(`sub-${organisation.id}`); // ok double-write/dual-write: only asks
}
