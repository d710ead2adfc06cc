declare module 'stripe' {
  interface Options {
    idempotencyKey?: string;
  }
  export class PaymentIntentsResource {
    create(
      params: { amount: number; currency: string; customer: string; metadata?: Record<string, string> },
      options?: Options,
    ): Promise<{ id: string }>;
    capture(id: string, params?: { amount_to_capture?: number }, options?: Options): Promise<{ id: string }>;
  }
  export class RefundsResource {
    create(params: { charge: string }, options?: Options): Promise<{ id: string }>;
  }
  export class SessionsResource {
    create(params: { customer: string }, options?: Options): Promise<{ url: string }>;
  }
  export default class Stripe {
    constructor(key: string);
    paymentIntents: PaymentIntentsResource;
    refunds: RefundsResource;
    checkout: { sessions: SessionsResource };
  }
}
declare module 'bullmq' {
  export class Worker<Data> {
    constructor(name: string, processor: (job: { id: string; data: Data }) => Promise<void>);
  }
}
