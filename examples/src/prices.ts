import type { Redis } from 'ioredis';
import { db } from './database.js';

/** A supplier's service, reached over HTTP. */
export declare const supplierApi: { priceOf(sku: string): Promise<number> };

/** throttling/unthrottled-api-calls: as many requests as there are products, as fast as they go. */
export async function refreshPrices(skus: string[]): Promise<void> {
  for (const sku of skus) {
    const price = await supplierApi.priceOf(sku);
    await db.query('INSERT INTO prices (sku, price) VALUES ($1, $2)', [sku, price]);
  }
}

/** throttling/retry-without-backoff: a supplier that is down is asked again at once, for ever. */
export async function stockOf(sku: string): Promise<unknown> {
  for (;;) {
    try {
      const response = await fetch(`https://supplier.example/stock/${sku}`);
      if (response.ok) return await response.json();
    } catch {
      continue;
    }
  }
}

/** throttling/cache-stampede: when the report expires, every request computes it. */
export async function salesReport(redis: Redis, month: string): Promise<unknown> {
  const cached = await redis.get(`report:${month}`);
  if (cached !== null) return JSON.parse(cached);
  const report = await db.query('SELECT sku, sum(quantity) AS sold FROM sales WHERE month = $1 GROUP BY sku', [month]);
  await redis.set(`report:${month}`, JSON.stringify(report), 'EX', 600);
  return report;
}
