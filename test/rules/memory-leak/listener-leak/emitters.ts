// Idiom of github.com/amplication/amplication and github.com/parse-community/parse-server: an emitter of the module, listened to by whoever asks.
import { EventEmitter } from 'node:events';

export const orders = new EventEmitter();

export class OrderProcessor extends EventEmitter {
  processOrder(orderId: string): void {
    this.on('orderComplete', (id: string) => {
  //     ^^ memory-leak/listener-leak high "Every call of 'processOrder' adds a listener for 'orderComplete' to 'this'"
      if (id === orderId) {
        // Done with this order.
        console.info(orderId);
      }
    });
  }

  waitForOrder(orderId: string): void {
    const handler = (id: string): void => {
      if (id === orderId) this.off('orderPaid', handler);
    };
    this.on('orderPaid', handler); // ok memory-leak/listener-leak: the handler takes itself off
  }
}

export function notifyWhenShipped(orderId: string, notify: (text: string) => void): void {
  orders.on('shipped', (id) => {
  //     ^^ memory-leak/listener-leak medium "'orders', which the whole program shares, and nothing removes it"
    if (id === orderId) notify(`Order ${orderId} is on its way.`);
  });
}

export function followOrder(orderId: string, notify: (text: string) => void): void {
  orders.on('progress', (text: string) => notify(`${orderId}: ${text}`));
  //     ^^ memory-leak/listener-leak medium "'progress'"
}

export function nextCancellation(notify: (id: string) => void): void {
  orders.once('cancelled', (id: string) => notify(id)); // ok memory-leak/listener-leak: once
}

export function watchRefunds(orderId: string, notify: (id: string) => void): () => void {
  const listener = (id: string): void => {
    if (id === orderId) notify(id);
  };
  orders.on('refunded', listener); // ok memory-leak/listener-leak: the caller gets the removal
  return () => orders.off('refunded', listener);
}

export async function collectDuring(work: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const listener = (id: string): void => {
    seen.push(id);
  };
  orders.on('touched', listener); // ok memory-leak/listener-leak: taken off in finally
  try {
    await work();
  } finally {
    orders.removeListener('touched', listener);
  }
  return seen;
}

/** Called from the module below: once. */
function logOrders(prefix: string): void {
  orders.on('created', (id: string) => console.info(prefix, id)); // ok memory-leak/listener-leak: called once, by the module
}
logOrders('order');

let isLogging = false;

export function logChanges(prefix: string): void {
  if (isLogging) return;
  isLogging = true;
  orders.on('changed', (id: string) => console.info(prefix, id)); // ok memory-leak/listener-leak: a flag lets it happen once
}

export function initShutdown(close: () => void): void {
  process.on('SIGTERM', () => close()); // ok memory-leak/listener-leak: start-up
}
