// Idiom of github.com/roneygomes/credix-checkout: the stock of each line of an order, through the executor handed in.
import { type Executor, StockStore } from './stock-store.ts';

declare const db: { transaction<T>(work: (trx: Executor) => Promise<T>): Promise<T> };

export interface Line {
  productId: string;
  quantity: number;
}

async function takeAll(lines: readonly Line[], executor: Executor): Promise<void> {
  const store = new StockStore(executor);
  for (const line of lines) {
//^^^ related "The order comes from here."
//^^^ related "Repeated for each element of 'lines'."
    await store.take(line.productId, line.quantity);
//              ^^^^ deadlock/unordered-locks medium "two transactions with different orders deadlock"
//              ^^^^ n-plus-one/query-in-loop low "'take' (through 'query') writes to 'products' once per element of 'lines'"
  }
}

export async function placeOrder(lines: readonly Line[]): Promise<void> {
  await db.transaction(async (trx) => {
    await takeAll(lines, trx);
  });
}

export async function takeOne(line: Line): Promise<void> {
  await db.transaction(async (trx) => {
    await new StockStore(trx).take(line.productId, line.quantity); // ok deadlock/unordered-locks: a single row
  });
}
