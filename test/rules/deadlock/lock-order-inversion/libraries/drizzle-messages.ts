// Idiom of github.com/lobehub/lobe-chat: a function that takes the database or a transaction of it.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

export const messages = pgTable('messages', { id: text('id'), topicId: text('topic_id'), state: text('state') });

export async function archiveMessages(db: PgDatabase, topicId: string) {
  await db.update(messages).set({ state: 'archived' }).where(eq(messages.topicId, topicId));
}
