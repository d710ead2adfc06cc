// Idiom of github.com/openstatusHQ/openstatus: subscribers of a page confirm by mail; the page is cached at the edge.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import { Redis } from '@upstash/redis';
import { Resend } from 'resend';

const subscribers = pgTable('subscribers', { id: text('id'), email: text('email'), token: text('token') });
const pages = pgTable('pages', { id: text('id'), title: text('title') });

const redis = Redis.fromEnv();
const resend = new Resend('re_key');

export async function subscribe(db: PgDatabase, email: string, token: string) {
  await db.transaction(async (tx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await tx.insert(subscribers).values({ email, token });
    await resend.emails.send({ from: 'status@example.com', to: email, subject: 'Confirm', html: `/verify/${token}` });
    //                  ^^^^ double-write/effect-in-transaction high "if it is rolled back, 'subscribers' goes back to what it was and this"
  });
}

export async function rename(db: PgDatabase, id: string, title: string) {
  await db.transaction(async (tx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await tx.update(pages).set({ title }).where(eq(pages.id, id));
    //          ^^^ double-write/effect-in-transaction medium "whoever reads 'pages' before the commit puts the older value back"
  });
  await redis.del(`page:${id}`);
}

export async function subscribeThenSend(db: PgDatabase, email: string, token: string) {
  await db.transaction(async (tx) => {
    await tx.insert(subscribers).values({ email, token });
  });
  await resend.emails.send({ from: 'status@example.com', to: email, subject: 'Confirm', html: `/verify/${token}` }); // ok double-write/effect-in-transaction: after the commit
}

export async function renameThenDrop(db: PgDatabase, id: string, title: string) {
  await db.transaction(async (tx) => {
    await tx.update(pages).set({ title }).where(eq(pages.id, id));
  });
  await redis.del(`page:${id}`); // ok double-write/effect-in-transaction: after the commit
}

export async function renameOnce(db: PgDatabase, id: string, title: string) {
  const first = await redis.set(`rename:${id}`, title, { nx: true, ex: 60 }); // ok double-write/effect-in-transaction: before it begins
  if (first === null) return;
  await db.transaction(async (tx) => {
    await tx.update(pages).set({ title }).where(eq(pages.id, id));
  });
}
