declare module '@paypal/paypal-server-sdk' {
  export class OrdersController {
    createOrder(input: { body: { intent: string; amount: string }; paypalRequestId?: string }): Promise<{ id: string }>;
    getOrder(input: { id: string }): Promise<{ status: string }>;
  }
}
declare module '@aws-sdk/client-ecs' {
  import { Client } from '@smithy/smithy-client';
  export class RunTaskCommand {
    constructor(input: { taskDefinition: string; clientToken?: string });
  }
  export class DescribeTasksCommand {
    constructor(input: { tasks: string[] });
  }
  export class ECSClient extends Client {
    constructor(config: { region: string });
  }
}
declare module '@smithy/smithy-client' {
  export class Client {
    send(command: object): Promise<object>;
  }
}
declare module 'p-retry' {
  export default function pRetry<T>(run: (attempt: number) => Promise<T>, options?: { retries?: number }): Promise<T>;
}
declare module '@adyen/api-library' {
  export class PaymentsApi {
    payments(request: { amount: number; reference: string }, options?: { idempotencyKey?: string }): Promise<{ pspReference: string }>;
  }
}
