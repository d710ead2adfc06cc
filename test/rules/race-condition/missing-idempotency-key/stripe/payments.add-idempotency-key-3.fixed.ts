// Idiom of github.com/vendure-ecommerce/vendure: payments taken by workers, by webhooks and by retries.
import { Worker } from 'bullmq';
import Stripe from 'stripe';

const stripe = new Stripe('sk_test');

interface Order {
  id: string;
  total: number;
  customer: string;
}
interface Options {
  idempotencyKey?: string;
}

export const charges = new Worker<Order>('charges', async (job) => {
  await stripe.paymentIntents.create({ amount: job.data.total, currency: 'eur', customer: job.data.customer });
  //                          ^^^^^^ race-condition/missing-idempotency-key high "'create' asks stripe for something that costs, without an idempotency key, in a job that is run again"
});

export const keyed = new Worker<Order>('charges', async (job) => {
  await stripe.paymentIntents.create(
    { amount: job.data.total, currency: 'eur', customer: job.data.customer },
    { idempotencyKey: `charge-${job.id}` }, // ok race-condition/missing-idempotency-key: the key is the job's
  );
});

export async function chargeWithRetry(order: Order) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      return await stripe.paymentIntents.create({
        //                               ^^^^^^ race-condition/missing-idempotency-key high "and is made again when it seems to have failed"
        amount: order.total,
        currency: 'eur',
        customer: order.customer,
        metadata: { orderId: order.id },
      });
    } catch (error) {
      if (attempt === 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt * 1000));
    }
  }
  return undefined;
}

export async function handleDisputeWebhook(event: { id: string; charge: string }) {
  await stripe.refunds.create({ charge: event.charge }, { idempotencyKey: `refund-${event.id}` });
  //                   ^^^^^^ race-condition/missing-idempotency-key medium "for an event that is delivered again"
}

export async function capture(id: string, options: Options) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      return await stripe.paymentIntents.capture(id, {}, options); // ok race-condition/missing-idempotency-key: the caller gives the options
    } catch {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt * 1000));
    }
  }
  return undefined;
}

export const portal = new Worker<Order>('portal', async (job) => {
  await stripe.checkout.sessions.create({ customer: job.data.customer }); // ok race-condition/missing-idempotency-key: a page to pay on; nothing is paid by making two
});

export async function charge(order: Order) {
  return stripe.paymentIntents.create({ amount: order.total, currency: 'eur', customer: order.customer }); // ok race-condition/missing-idempotency-key: nothing repeats it; the client retries with a key of its own
}
