// Idiom of github.com/March1-Org/gateway-api: handlers change a row by a query builder, and its entry in an ioredis.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import type { Redis } from 'ioredis';
import type { Kysely } from 'kysely';

interface Tables {
  workspaces: { id: string; name: string };
}
const pages = pgTable('pages', { id: text('id'), title: text('title') });

export async function renameWorkspace(db: Kysely<Tables>, redis: Redis, id: string, name: string) {
  await db.updateTable('workspaces').set({ name }).where('id', '=', id).execute();
  //       ^^^^^^^^^^^ related "Written to 'workspaces' here."
  await redis.set(`workspace-name:${id}`, name, 'EX', 3600);
  //          ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
}

export async function renamePage(db: PgDatabase, redis: Redis, id: string, title: string) {
  const [page] = await db.update(pages).set({ title }).where(eq(pages.id, id)).returning();
  //                      ^^^^^^ related "Written to 'pages' here."
  await redis.setex(`page:${id}`, 3600, JSON.stringify(page));
  //          ^^^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
  return page;
}

export async function renameWorkspaceAndDrop(db: Kysely<Tables>, redis: Redis, id: string, name: string) {
  await db.updateTable('workspaces').set({ name }).where('id', '=', id).execute();
  await redis.del(`workspace-name:${id}`); // ok double-write/cache-set-after-write: the entry goes
}

export async function renamePageAndDrop(db: PgDatabase, redis: Redis, id: string, title: string) {
  const [page] = await db.update(pages).set({ title }).where(eq(pages.id, id)).returning();
  await redis.unlink(`page:${id}`); // ok double-write/cache-set-after-write: the entry goes
  return page;
}

export async function renamePageAndReload(db: PgDatabase, redis: Redis, id: string, title: string) {
  await db.update(pages).set({ title }).where(eq(pages.id, id));
  const [page] = await db.select().from(pages).where(eq(pages.id, id)).limit(1);
  await redis.setex(`page:${id}`, 3600, JSON.stringify(page)); // ok double-write/cache-set-after-write: read again after the write
}

export async function workspaceName(db: Kysely<Tables>, redis: Redis, id: string) {
  const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst();
  if (row) await redis.set(`workspace-name:${id}`, row.name, 'EX', 3600); // ok double-write/cache-set-after-write: filled from a read
  return row?.name;
}
