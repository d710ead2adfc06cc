import { type Proof, program, proof } from './harness/proof.ts';

const STRIPE = `
declare module 'stripe' {
  export class RefundsResource {
    create(params: { charge: string; metadata: { orderId: string } }, options?: { idempotencyKey?: string }): Promise<{ id: string }>;
  }
  export default class Stripe {
    constructor(key: string);
    refunds: RefundsResource;
  }
}
`;

/** Does what the provider documents: the result of the first call with a key is the result of all. The first answer is lost. */
class Provider {
  refunds: string[] = [];
  private answers = new Map<string, string>();
  private calls = 0;

  reset(): void {
    this.refunds = [];
    this.answers.clear();
    this.calls = 0;
  }

  async create({ charge }: { charge: string }, options?: { idempotencyKey?: string }): Promise<{ id: string }> {
    await Promise.resolve();
    const key = options?.idempotencyKey;
    const known = key === undefined ? undefined : this.answers.get(key);
    const id = known ?? `re_${this.refunds.length + 1}`;
    if (known === undefined) this.refunds.push(charge);
    if (key !== undefined) this.answers.set(key, id);
    this.calls += 1;
    if (this.calls === 1) throw new Error('the connection is lost');
    return { id };
  }
}

const provider = new Provider();

export const missingIdempotencyKeyProofs: readonly Proof[] = [
  proof<{ refund: (charge: string, orderId: string) => Promise<string | undefined> }>({
    rule: 'race-condition/missing-idempotency-key',
    fix: 'add-idempotency-key',
    form: 'a retry whose first answer is lost',
    declarations: STRIPE,
    modules: {
      stripe: class {
        readonly refunds = provider;
      },
    },
    program: program`
      import Stripe from 'stripe';

      const stripe = new Stripe('sk_test');

      export async function refund(charge: string, orderId: string): Promise<string | undefined> {
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          try {
            const { id } = await stripe.refunds.create({ charge, metadata: { orderId } });
            return id;
          } catch (error) {
            if (attempt === 3) throw error;
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt));
          }
        }
        return undefined;
      }
    `,
    async observe({ refund }) {
      provider.reset();
      await refund('ch_1', '17');
      const once = provider.refunds.length;
      await refund('ch_2', '18');
      return { once, both: provider.refunds.length };
    },
    before: { once: 2, both: 3 },
    after: { once: 1, both: 2 },
  }),
];
