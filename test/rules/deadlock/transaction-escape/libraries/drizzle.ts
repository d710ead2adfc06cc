// Idiom of github.com/lobehub/lobe-chat: models of a user over one database, transactions by callback.
import { eq } from 'drizzle-orm';
import { type PgDatabase, type PgTransaction, pgTable, text } from 'drizzle-orm/pg-core';

const sessions = pgTable('sessions', { id: text('id'), title: text('title') });
const messages = pgTable('messages', { id: text('id'), sessionId: text('session_id') });

export class SessionModel {
  constructor(private readonly db: PgDatabase) {}

  async duplicate(id: string, copy: string) {
    await this.db.transaction(async (tx) => {
    //            ^^^^^^^^^^^ related "The transaction begins here."
      const [session] = await tx.select().from(sessions).where(eq(sessions.id, id));
      await tx.insert(sessions).values({ id: copy, title: session?.title });
      await this.db.insert(messages).values({ id: copy, sessionId: copy });
      //            ^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
    });
  }

  async remove(id: string) {
    await this.db.transaction(async (tx) => {
    //            ^^^^^^^^^^^ related "The transaction begins here."
      await this.removeMessages(id);
      //         ^^^^^^^^^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
      await this.removeMessages(id, tx); // ok deadlock/transaction-escape: given the transaction
      await tx.delete(sessions).where(eq(sessions.id, id));
    });
  }

  private async removeMessages(sessionId: string, db: PgDatabase | PgTransaction = this.db) {
    await db.delete(messages).where(eq(messages.sessionId, sessionId));
  }

  async rename(id: string, title: string) {
    const [session] = await this.db.select().from(sessions).where(eq(sessions.id, id)); // ok deadlock/transaction-escape: before it begins
    if (session?.title === title) return;
    await this.db.transaction(async (tx) => {
      const rows = tx.select().from(messages).where(eq(messages.sessionId, id));
      await tx.update(sessions).set({ title }).where(eq(sessions.id, id)); // ok deadlock/transaction-escape: its own
      await rows;
    });
  }
}
