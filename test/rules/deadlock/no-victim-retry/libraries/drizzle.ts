// Idiom of github.com/magnuswahlstrand/replicache-multiplayer: one function that runs everything at the strictest level.
import { eq } from 'drizzle-orm';
import { integer, type PgDatabase, type PgTransaction, pgTable, text } from 'drizzle-orm/pg-core';
import { withRetries } from './attempts.ts';

const spaces = pgTable('spaces', { id: text('id'), version: integer('version') });
const entries = pgTable('entries', { id: text('id'), spaceId: text('space_id') });

declare const db: PgDatabase;

export const push = async (spaceId: string, version: number) =>
  db.transaction(
  // ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
    async (tx) => {
      const [space] = await tx.select().from(spaces).where(eq(spaces.id, spaceId));
      if (space?.version !== version) throw new Error('Pull first.');
      await tx.update(spaces).set({ version: version + 1 }).where(eq(spaces.id, spaceId));
    },
    { isolationLevel: 'serializable' },
  );

export const pull = async (spaceId: string) =>
  // ok deadlock/no-victim-retry: it only reads
  db.transaction(async (tx) => tx.select().from(entries).where(eq(entries.spaceId, spaceId)), {
    isolationLevel: 'repeatable read',
  });

export const add = async (id: string, spaceId: string) =>
  // ok deadlock/no-victim-retry: at the default level there is nothing to repeat
  db.transaction(async (tx) => {
    await tx.insert(entries).values({ id, spaceId });
  });

const atStrictestLevel = <R>(run: (tx: PgTransaction) => Promise<R>) =>
  // ok deadlock/no-victim-retry: a helper calls it again
  withRetries(() => db.transaction(run, { isolationLevel: 'serializable' }));

export const clear = async (spaceId: string) =>
  atStrictestLevel(async (tx) => {
    await tx.delete(entries).where(eq(entries.spaceId, spaceId));
  });
