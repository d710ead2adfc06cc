// Idiom of github.com/lobehub/lobe-chat: models with a client of their own, ids made in code.
import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

const messages = pgTable('messages', { id: text('id'), topicId: text('topic_id'), agentId: text('agent_id'), threadId: text('thread_id') });
const agents = pgTable('agents', { id: text('id'), threadId: text('thread_id') });

export class MessageModel {
  constructor(private readonly db: PgDatabase) {}

  async add(topicId: string, agentId: string, body: string) {
    await retryOnConflict(() => this.db.transaction(async (tx) => {
      const [earlier] = await tx
        .select()
        //^^^^^ related "Checked here."
        .from(messages)
        .where(and(eq(messages.topicId, topicId), eq(messages.agentId, agentId)))
        .limit(1);
      let threadId: string;
      if (earlier) threadId = earlier.threadId;
      else threadId = `thd_${randomUUID()}`;
      await tx.insert(messages).values({ id: randomUUID(), topicId, agentId, threadId, body });
    }, { isolationLevel: 'serializable' }));
    //            ^^^^^^ toctou/db-check-then-act medium "a row of 'messages' with the 'threadId' of the one that 'select' finds"
  }

  async addToAgent(topicId: string, agentId: string) {
    const [agent] = await this.db.select().from(agents).where(eq(agents.id, agentId));
    // ok toctou/db-check-then-act: another table's row says which thread it is
    await this.db.insert(messages).values({ id: randomUUID(), topicId, agentId, threadId: agent?.threadId ?? randomUUID() });
  }

  async copy(id: string, topicId: string) {
    const [original] = await this.db.select().from(messages).where(eq(messages.id, id));
    // ok toctou/db-check-then-act: the copy is found by another id than the one that was looked for
    await this.db.insert(messages).values({ id: randomUUID(), topicId, threadId: original?.threadId ?? randomUUID() });
  }

  async addByName(topicId: string, agentId: string) {
    const [earlier] = await this.db.select().from(messages).where(and(eq(messages.topicId, topicId), eq(messages.agentId, agentId)));
    const threadId = earlier?.threadId ?? `${topicId}/${agentId}`;
    // ok toctou/db-check-then-act: both runs make the same value
    await this.db.insert(messages).values({ id: randomUUID(), topicId, agentId, threadId });
  }

  async addAlone(topicId: string, agentId: string) {
    await this.db.transaction(async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${topicId}))`);
      const [earlier] = await tx.select().from(messages).where(and(eq(messages.topicId, topicId), eq(messages.agentId, agentId)));
      // ok toctou/db-check-then-act: one at a time has the topic
      await tx.insert(messages).values({ id: randomUUID(), topicId, agentId, threadId: earlier?.threadId ?? randomUUID() });
    });
  }
}
