// Idiom of github.com/openstatusHQ/openstatus: an invitation whose one copy of the token leaves by mail.
import { and, eq } from 'drizzle-orm';
import { integer, type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import { Inngest } from 'inngest';
import { Resend } from 'resend';

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

const invitations = pgTable('invitations', { id: text('id'), email: text('email'), token: text('token') });
const monitors = pgTable('monitors', { id: text('id'), url: text('url'), periodicity: integer('periodicity') });
const outbox = pgTable('outbox', { topic: text('topic'), payload: text('payload') });

const resend = new Resend('re_key');
const inngest = new Inngest({ id: 'status' });

export async function invite(db: PgDatabase, email: string, token: string) {
  await retryOnConflict(() => db.transaction(async (tx) => {
    const [known] = await tx.select().from(invitations).where(eq(invitations.email, email)).limit(1);
    //                       ^^^^^^ related "Checked here."
    if (known) throw new Error('Invited already.');
    await tx.insert(invitations).values({ email, token });
  }, { isolationLevel: 'serializable' }));
  //       ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  //       ^^^^^^ related "Written to 'invitations' here."
  await resend.emails.send({ from: 'team@example.com', to: email, subject: 'Join us', html: `/invite?token=${token}` });
  //                  ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function addMonitor(db: PgDatabase, id: string, url: string) {
  await db.insert(monitors).values({ id, url, periodicity: 600 });
  //       ^^^^^^ related "Written to 'monitors' here."
  await inngest.send({ name: 'monitor/created', data: { monitorId: id } });
  //            ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function removeMonitor(db: PgDatabase, id: string) {
  await db.delete(monitors).where(eq(monitors.id, id));
  //       ^^^^^^ related "Written to 'monitors' here."
  void inngest.send({ name: 'monitor/removed', data: { monitorId: id } });
  //           ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
}

export async function addMonitorThroughOutbox(db: PgDatabase, id: string, url: string) {
  await db.transaction(async (tx) => {
    await tx.insert(monitors).values({ id, url, periodicity: 600 });
    await tx.insert(outbox).values({ topic: 'monitor/created', payload: id }); // ok double-write/dual-write: a row of the same transaction
  });
}

export async function welcome(db: PgDatabase, id: string, email: string) {
  await db.insert(monitors).values({ id, url: `mailto:${email}`, periodicity: 600 });
  await resend.emails.send({ from: 'team@example.com', to: email, subject: 'Welcome', html: id }); // ok double-write/dual-write: a notice, no state
}

export async function inviteAgain(db: PgDatabase, email: string, token: string) {
  const [open] = await db
    .select()
    .from(invitations)
    .where(and(eq(invitations.email, email), eq(invitations.token, token)))
    .limit(1);
  if (!open) return;
  await resend.emails.send({ from: 'team@example.com', to: email, subject: 'Join us', html: open.token }); // ok double-write/dual-write: nothing is written
}

export async function checkNow(db: PgDatabase, id: string, periodicity: number) {
  await inngest.send({ id: `check-${id}`, name: 'monitor/check', data: { monitorId: id } }); // ok double-write/dual-write: the event first, and repeating both does no harm
  await db.update(monitors).set({ periodicity }).where(eq(monitors.id, id));
}
