// Idiom of github.com/openstatusHQ/openstatus: an invitation whose one copy of the token leaves by mail.
import { and, eq } from 'drizzle-orm';
import { integer, type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import { Inngest } from 'inngest';
import { Resend } from 'resend';
import { sql } from 'drizzle-orm';

const invitations = pgTable('invitations', { id: text('id'), email: text('email'), token: text('token') });
const monitors = pgTable('monitors', { id: text('id'), url: text('url'), periodicity: integer('periodicity') });
const outbox = pgTable('outbox', { topic: text('topic'), payload: text('payload') });

const resend = new Resend('re_key');
const inngest = new Inngest({ id: 'status' });

export async function invite(db: PgDatabase, email: string, token: string) {
  const [known] = await db.select().from(invitations).where(eq(invitations.email, email)).limit(1);
  //                       ^^^^^^ related "Checked here."
  if (known) throw new Error('Invited already.');
  await db.transaction(async (tx) => {
    await tx.insert(invitations).values({ email, token });
    await tx.execute(sql`INSERT INTO outbox (topic, payload) VALUES ('emails', ${JSON.stringify({ from: 'team@example.com', to: email, subject: 'Join us', html: `/invite?token=${token}` })})`);
  });
  //       ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  //       ^^^^^^ related "Written to 'invitations' here."
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
