declare module 'nodemailer' {
  export class Mail {
    sendMail(message: { to: string; subject: string; text: string }): Promise<{ messageId: string }>;
  }
  export function createTransport(url: string): Mail;
}
declare module 'stripe' {
  export class CustomersResource {
    create(params: { email: string }): Promise<{ id: string }>;
    update(id: string, params: { email: string }): Promise<{ id: string }>;
    del(id: string): Promise<{ id: string }>;
  }
  export class SubscriptionsResource {
    cancel(id: string): Promise<{ id: string }>;
    retrieve(id: string): Promise<{ id: string; status: string }>;
  }
  export default class Stripe {
    constructor(key: string);
    customers: CustomersResource;
    subscriptions: SubscriptionsResource;
  }
}
declare module 'bullmq' {
  export class Queue<Data = unknown> {
    constructor(name: string);
    add(name: string, data: Data): Promise<{ id?: string }>;
  }
}
