// Idiom of github.com/consumet/api.consumet.org: helpers around Redis in a file of their own.
import { readJson, takeLock, writeJson } from './json-cache.ts';

interface Product {
  readonly sku: string;
}

async function download(shop: string): Promise<Product[]> {
  const response = await fetch(`https://${shop}.example.com/products`);
  return (await response.json()) as Product[];
}

export async function products(shop: string): Promise<Product[]> {
  const cached = await readJson<Product[]>(`products:${shop}`);
  if (cached !== undefined) return cached;
  const list = await download(shop);
  await writeJson(`products:${shop}`, list, 600);
  //    ^^^^^^^^^ throttling/cache-stampede high "stored by 'writeJson' (through 'set')"
  return list;
}

export async function locked(shop: string): Promise<Product[]> {
  const cached = await readJson<Product[]>(`products:${shop}`);
  if (cached !== undefined) return cached;
  if (!(await takeLock(shop))) throw new Error('try again');
  const list = await download(shop);
  await writeJson(`products:${shop}`, list, 600); // ok throttling/cache-stampede: one has the lock
  return list;
}
