// Idiom of github.com/outline/outline
import type { Pool } from 'pg';

declare const pool: Pool;
declare const settingsCache: Map<string, { checked: boolean }>;

interface Page {
  id: string;
  body: string;
  teamId: string;
}

async function toJson(page: Page, options?: { signedFor?: number; teamId?: string }): Promise<unknown> {
  if (!options?.signedFor) return page.body;
  const { rows } = await pool.query('SELECT * FROM files WHERE page_id = $1', [page.id]);
  return { body: page.body, files: rows };
}

async function present(page: Page, options: { isPublic?: boolean } = {}) {
  return {
    id: page.id,
    body: await toJson(page, options.isPublic ? { signedFor: 60, teamId: page.teamId } : undefined),
  };
}

export async function presentAll(docs: Page[]) {
  return Promise.all(docs.map((doc) => present(doc)));
  //                                   ^^^^^^^ n-plus-one/query-in-loop low "'present' (through 'query') queries 'files'"
}

export async function presentSigned(docs: Page[]) {
  return Promise.all(docs.map((doc) => toJson(doc, { signedFor: 60 })));
  //                                   ^^^^^^ n-plus-one/query-in-loop medium "'files'"
}

interface StockCache {
  get(key: string): Promise<{ isTracked: boolean } | undefined>;
}
declare const redis: StockCache;

async function settings() {
  const known = settingsCache.get('stock');
  return known ?? { checked: true };
}

async function inStock(variantId: string): Promise<number> {
  const { checked } = await settings();
  const isTracked = (await redis.get('stock'))?.isTracked;
  if (!checked || isTracked === false) return Number.POSITIVE_INFINITY;
  const { rows } = await pool.query('SELECT amount FROM stock WHERE variant_id = $1', [variantId]);
  return rows[0].amount;
}

export async function missing(orderId: string) {
  const { rows: parts } = await pool.query('SELECT variant_id, amount FROM parts WHERE order_id = $1', [orderId]);
  const found: string[] = [];
  for (const part of parts) {
    if ((await inStock(part.variant_id)) < part.amount) found.push(part.variant_id);
    //         ^^^^^^^ n-plus-one/query-in-loop high "queries 'stock'"
  }
  return found;
}

async function pathsBelow(folderId: string): Promise<string[]> {
  const { rows } = await pool.query('SELECT id, path FROM folders WHERE parent_id = $1', [folderId]);
  const found: string[] = [];
  for (const row of rows) {
    found.push(row.path, ...(await pathsBelow(row.id)));
    //                             ^^^^^^^^^^ n-plus-one/query-in-loop medium "calls itself"
  }
  return found;
}

export async function allPaths(userId: string) {
  const { rows } = await pool.query('SELECT id FROM folders WHERE owner_id = $1', [userId]);
  const found: string[] = [];
  // ok n-plus-one/query-in-loop: told where the tree is walked
  for (const row of rows) found.push(...(await pathsBelow(row.id)));
  return found;
}
