import { EventEmitter } from 'node:events';

const orderEvents = new EventEmitter();

/** memory-leak/listener-leak: every call adds a listener that nothing removes. */
export function notifyWhenShipped(orderId: string, notify: (text: string) => void): void {
  orderEvents.on('shipped', (shippedId: string) => {
    if (shippedId === orderId) notify(`Order ${orderId} is on its way.`);
  });
}

const renderedInvoices = new Map<string, string>();

/** memory-leak/unbounded-cache: an entry for every invoice ever asked for. */
export function invoice(orderId: string): string {
  const known = renderedInvoices.get(orderId);
  if (known !== undefined) return known;
  const text = `Invoice for ${orderId}`;
  renderedInvoices.set(orderId, text);
  return text;
}
