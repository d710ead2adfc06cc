// Idiom of github.com/formbricks/formbricks and github.com/documenso/documenso: what is not waited for, and why.
import Stripe from 'stripe';

interface Survey {
  id: string;
  answer: string;
}
interface Team {
  id: string;
  subscriptionId: string;
}
interface Delegate<Row> {
  create(args: { data: Partial<Row> }): Promise<Row>;
}
interface Client {
  response: Delegate<Survey>;
  team: Delegate<Team>;
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };
declare const PIPELINE: string;

const stripe = new Stripe('sk_test');

export async function respond(answer: string) {
  const response = await prisma.response.create({ data: { answer } });
  // don't await to not block the response
  fetch(`${PIPELINE}/finished`, { method: 'POST', body: JSON.stringify({ response }) });
//^^^^^ double-write/dual-write low
  return response.id;
}

export async function respondUnsaid(answer: string) {
  const response = await prisma.response.create({ data: { answer } });
  fetch(`${PIPELINE}/finished`, { method: 'POST', body: JSON.stringify({ response }) });
//^^^^^ double-write/dual-write medium
  return response.id;
}

export async function respondAndLog(answer: string) {
  const response = await prisma.response.create({ data: { answer } });
  fetch(`${PIPELINE}/finished`, { method: 'POST', body: JSON.stringify({ response }) }).catch(console.error);
//^^^^^ double-write/dual-write low
  return response.id;
}

export async function found(subscriptionId: string) {
  const team = await prisma.$transaction(async (tx) => {
    const team = await tx.team.create({ data: { subscriptionId } });
    await tx.$executeRaw`INSERT INTO outbox (topic, payload) VALUES (${'cancel'}, ${JSON.stringify(`old-${team.id}`)}::jsonb)`;
    return team;
  });
  return team;
}

export async function foundUnsaid(subscriptionId: string) {
  const team = await prisma.team.create({ data: { subscriptionId } });
  try {
    await stripe.subscriptions.cancel(`old-${team.id}`);
    //                         ^^^^^^ double-write/dual-write medium "if it fails nobody learns of it"
  } catch (error) {
    console.error(error);
  }
  return team;
}
