// Idiom of github.com/lobehub/lobe-chat: statements that run when they are awaited.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

const files = pgTable('files', { id: text('id'), owner: text('owner') });
const chunks = pgTable('chunks', { id: text('id'), fileId: text('file_id') });

export async function remove(db: PgDatabase, id: string) {
  await db.transaction(async (tx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await tx.delete(chunks).where(eq(chunks.fileId, id));
    await tx.delete(files).where(eq(files.id, id));
  });
}

export async function removeInTurn(db: PgDatabase, id: string) {
  await db.transaction(async (tx) => {
    await tx.delete(chunks).where(eq(chunks.fileId, id));
    await tx.delete(files).where(eq(files.id, id)); // ok race-condition/promise-all-in-transaction: one after another
  });
}

export async function load(db: PgDatabase, id: string) {
  // ok race-condition/promise-all-in-transaction: no transaction
  const [found, parts] = await Promise.all([
    db.select().from(files).where(eq(files.id, id)),
    db.select().from(chunks).where(eq(chunks.fileId, id)),
  ]);
  return { file: found[0], parts };
}

export async function add(db: PgDatabase, id: string, parts: string[]) {
  await db.transaction(async (tx) => {
    await tx.insert(chunks).values(parts.map((part) => ({ id: part, fileId: id }))); // ok race-condition/promise-all-in-transaction: one statement
  });
}
