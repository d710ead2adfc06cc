declare module 'nodemailer' {
  export class Mail {
    sendMail(message: { to: string; subject: string; text: string }): Promise<{ messageId: string }>;
  }
  export function createTransport(url: string): Mail;
}
declare module 'stripe' {
  export class RefundsResource {
    create(
      params: { charge: string; amount: number },
      options?: { idempotencyKey?: string },
    ): Promise<{ id: string; status: string }>;
  }
  export default class Stripe {
    constructor(key: string);
    refunds: RefundsResource;
  }
}
declare module 'typeorm-transactional' {
  export function Transactional(): MethodDecorator;
  export function runOnTransactionCommit(run: () => void): void;
}
