// Idiom of github.com/openstatusHQ/openstatus: an incident and its updates in one transaction, subscribers told by events.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';
import { Inngest } from 'inngest';
import { sql } from 'drizzle-orm';

const incidents = pgTable('incidents', { id: text('id'), monitorId: text('monitor_id'), state: text('state') });
const outbox = pgTable('outbox', { topic: text('topic'), payload: text('payload') });
const inngest = new Inngest({ id: 'status' });

export async function openIncident(db: PgDatabase, id: string, monitorId: string) {
  await db.transaction(async (tx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await tx.insert(incidents).values({ id, monitorId, state: 'open' });
    await inngest.send({ name: 'incident/opened', data: { incidentId: id } });
    //            ^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'incidents' is committed, or"
  });
}

export async function openThenSend(db: PgDatabase, id: string, monitorId: string) {
  await db.transaction(async (tx) => {
    await tx.insert(incidents).values({ id, monitorId, state: 'open' });
    await tx.execute(sql`INSERT INTO outbox (topic, payload) VALUES ('incident/opened', ${JSON.stringify({ incidentId: id })})`);
    //       ^^^^^^ related "Written to 'incidents' here."
  });
   // ok double-write/effect-before-commit-visible: after the commit
  //            ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function openThroughOutbox(db: PgDatabase, id: string, monitorId: string) {
  await db.transaction(async (tx) => {
    await tx.insert(incidents).values({ id, monitorId, state: 'open' });
    await tx.insert(outbox).values({ topic: 'incident/opened', payload: id }); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function collect(db: PgDatabase, monitorId: string) {
  const open = await db.transaction(async (tx) => tx.select().from(incidents).where(eq(incidents.monitorId, monitorId)));
  for (const { id } of open) await inngest.send({ id, name: 'incident/reminded', data: { incidentId: id } }); // ok double-write/effect-before-commit-visible: no transaction is open
}
