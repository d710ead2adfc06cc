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
declare module '@aws-sdk/client-s3' {
  import { Client } from '@smithy/smithy-client';
  export class DeleteObjectCommand {
    constructor(input: { Bucket: string; Key: string });
  }
  export class S3Client extends Client {
    constructor(config: { region: string });
  }
}
declare module '@smithy/smithy-client' {
  export class Client {
    send(command: object): Promise<{ ETag?: string }>;
  }
}
