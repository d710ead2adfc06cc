import { addLine, createOrder, createWithFirst } from './orders.ts';

export function useOrders(userId: string, refresh: () => void) {
  async function add(productId: string): Promise<void> {
    const orderId = await createOrder(userId);
    await addLine(orderId, productId); // ok race-condition/related-writes-without-transaction: two requests of a browser share no transaction
    refresh();
  }

  async function addAtOnce(productId: string): Promise<void> {
    await createWithFirst(userId, productId); // ok race-condition/related-writes-without-transaction: told where both are written
    refresh();
  }
  return { add, addAtOnce };
}
