// Idiom of github.com/lobehub/lobe-chat: models of a user over one database, transactions by callback.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import { archiveMessages, messages } from './drizzle-messages.ts';

const topics = pgTable('topics', { id: text('id'), title: text('title') });
const agents = pgTable('agents', { id: text('id'), topicId: text('topic_id') });
const files = pgTable('files', { id: text('id'), topicId: text('topic_id') });

export class TopicModel {
  constructor(private readonly db: PgDatabase) {}

  /** The topic, then its messages. */
  async archive(id: string) {
    await this.db.transaction(async (tx) => {
      await tx.update(topics).set({ title: 'archived' }).where(eq(topics.id, id));
      await archiveMessages(tx, id);
    });
  }

  /** The messages, then their topic. */
  async resolve(id: string) {
    await this.db.transaction(async (tx) => {
      await tx.update(messages).set({ state: 'resolved' }).where(eq(messages.topicId, id));
      await tx.update(topics).set({ title: 'resolved' }).where(eq(topics.id, id));
      //       ^^^^^^ deadlock/lock-order-inversion high "'update' takes a row of 'topics' while a row of 'messages' is held,"
    });
  }

  async assign(id: string) {
    await this.db.transaction(async (tx) => {
      await tx.update(topics).set({ title: 'assigned' }).where(eq(topics.id, id));
      await tx.update(agents).set({ busy: true }).where(eq(agents.topicId, id)); // ok deadlock/lock-order-inversion: who goes the other way fails at once
    });
  }

  async release(id: string) {
    await this.db.transaction(async (tx) => {
      await tx.update(agents).set({ busy: false }).where(eq(agents.topicId, id));
      await tx.select().from(topics).where(eq(topics.id, id)).for('update', { noWait: true }); // ok deadlock/lock-order-inversion: it does not wait
    });
  }

  async attach(id: string, fileId: string) {
    await this.db.transaction(async (tx) => {
      await tx.insert(files).values({ id: fileId, topicId: id });
      await tx.update(topics).set({ title: 'with a file' }).where(eq(topics.id, id)); // ok deadlock/lock-order-inversion: the file's row is new
    });
  }

  async strip(id: string) {
    await this.db.transaction(async (tx) => {
      await tx.update(topics).set({ title: 'without files' }).where(eq(topics.id, id));
      await tx.delete(files).where(eq(files.topicId, id)); // ok deadlock/lock-order-inversion: topics come first everywhere
    });
  }
}
