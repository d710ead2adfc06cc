// Idiom of github.com/brianc/node-postgres: functions that take the pool, and lead back to each other: a moved page to the page it moved to.
import type { Pool, PoolClient } from 'pg';

interface Page {
  id: string;
  views: number;
  movedTo: string | null;
}

export async function countViews(db: Pool, id: string, views: number): Promise<void> {
  const page = await pageFor(db, id, views);
  //                 ^^^^^^^ related "Read here."
  if (page !== undefined) await storeViews(db, page.id, page.views + views);
  //                            ^^^^^^^^^^ race-condition/lost-update high "'views' of 'pages' is read by 'pageFor' (through 'query')"
}

async function pageFor(db: Pool, id: string, views: number): Promise<Page | undefined> {
  const { rows } = await db.query<Page>('SELECT id, views, moved_to AS "movedTo" FROM pages WHERE id = $1', [id]);
  const page = rows[0];
  if (page?.movedTo) return redirected(db, page.movedTo, views);
  return page;
}

/** The views are counted where the page is now. */
async function redirected(db: Pool, id: string, views: number): Promise<undefined> {
  await countViews(db, id, views);
}

async function storeViews(db: Pool, id: string, views: number): Promise<void> {
  await db.query('UPDATE pages SET views = $1 WHERE id = $2', [views, id]);
}

export async function addViews(db: Pool, id: string, views: number): Promise<void> {
  const page = await movedPage(db, id, views);
  // ok race-condition/lost-update: the database adds
  if (page !== undefined) await db.query('UPDATE pages SET views = views + $1 WHERE id = $2', [views, page.id]);
}

async function movedPage(db: Pool, id: string, views: number): Promise<Page | undefined> {
  const { rows } = await db.query<Page>('SELECT id, views, moved_to AS "movedTo" FROM pages WHERE id = $1', [id]);
  const page = rows[0];
  if (page?.movedTo) await addViews(db, page.movedTo, views);
  return page?.movedTo ? undefined : page;
}

export async function countLocked(client: PoolClient, id: string, views: number): Promise<void> {
  await client.query('BEGIN');
  await addLocked(client, id, views);
  await client.query('COMMIT');
}

async function addLocked(client: PoolClient, id: string, views: number): Promise<void> {
  const page = await lockedPage(client, id, views);
  if (page !== undefined) await client.query('UPDATE pages SET views = $1 WHERE id = $2', [page.views + views, page.id]); // ok race-condition/lost-update: the row is locked when it is read
}

async function lockedPage(client: PoolClient, id: string, views: number): Promise<Page | undefined> {
  const { rows } = await client.query<Page>('SELECT id, views, moved_to AS "movedTo" FROM pages WHERE id = $1 FOR UPDATE', [id]);
  const page = rows[0];
  if (page?.movedTo) await addLocked(client, page.movedTo, views);
  return page?.movedTo ? undefined : page;
}

export async function resetViews(db: Pool, id: string): Promise<void> {
  const page = await pageToReset(db, id);
  if (page !== undefined) await db.query('UPDATE pages SET views = $1 WHERE id = $2', [0, page.id]); // ok race-condition/lost-update: not computed from what was read
}

async function pageToReset(db: Pool, id: string): Promise<Page | undefined> {
  const { rows } = await db.query<Page>('SELECT id, views, moved_to AS "movedTo" FROM pages WHERE id = $1', [id]);
  const page = rows[0];
  if (page?.movedTo) await resetViews(db, page.movedTo);
  return page;
}
