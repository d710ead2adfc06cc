// Idiom of github.com/adyen-examples/adyen-node-online-payments: other providers, and machines that are paid by the hour.
import { PaymentsApi } from '@adyen/api-library';
import { DescribeTasksCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { OrdersController } from '@paypal/paypal-server-sdk';
import pRetry from 'p-retry';

const adyen = new PaymentsApi();
const paypal = new OrdersController();
const ecs = new ECSClient({ region: 'eu-central-1' });

export async function payWithAdyen(order: { id: string; total: number }) {
  return pRetry(() => adyen.payments({ amount: order.total, reference: order.id }, { idempotencyKey: `payments-${order.id}` }));
  //                        ^^^^^^^^ race-condition/missing-idempotency-key high "'payments' asks adyen"
}

export async function payWithKey(order: { id: string; total: number }) {
  return pRetry(() => adyen.payments({ amount: order.total, reference: order.id }, { idempotencyKey: order.id })); // ok race-condition/missing-idempotency-key: keyed
}

export async function orderWebhook(orderId: string, amount: string) {
  await paypal.createOrder({ body: { intent: 'CAPTURE', amount } });
  //           ^^^^^^^^^^^ race-condition/missing-idempotency-key medium "'createOrder' asks paypal"
  await paypal.createOrder({ body: { intent: 'CAPTURE', amount }, paypalRequestId: orderId }); // ok race-condition/missing-idempotency-key: keyed
  return paypal.getOrder({ id: orderId }); // ok race-condition/missing-idempotency-key: only asks
}

export class RenderJob {
  async run(taskId: string) {
    await ecs.send(new RunTaskCommand({ taskDefinition: `render:${taskId}` }));
    //        ^^^^ race-condition/missing-idempotency-key medium "'send' asks aws"
    await ecs.send(new RunTaskCommand({ taskDefinition: 'render', clientToken: taskId })); // ok race-condition/missing-idempotency-key: keyed
    await ecs.send(new DescribeTasksCommand({ tasks: [taskId] })); // ok race-condition/missing-idempotency-key: only asks
  }
}
