// Idiom of github.com/1024pix/pix: a transaction of the domain around repositories over knex, jobs by pg-boss.
import type { Knex } from 'knex';
import PgBoss from 'pg-boss';

const boss = new PgBoss('postgres://jobs');

export async function share(knex: Knex, id: string) {
  await knex.transaction(async (trx) => {
  //         ^^^^^^^^^^^ related "The transaction begins here."
    await trx('participations').where({ id }).update({ sharedAt: new Date() });
    await boss.send('ParticipationShared', { campaignParticipationId: id });
    //         ^^^^ double-write/effect-before-commit-visible medium "a consumer can be at work before 'participations' is committed, or"
  });
}

export async function shareTogether(knex: Knex, id: string) {
  await knex.transaction(async (trx) => {
    const db = { executeSql: (text: string, values: unknown[]) => trx.raw(text, values) };
    await trx('participations').where({ id }).update({ sharedAt: new Date() });
    await boss.send('ParticipationShared', { campaignParticipationId: id }, { db }); // ok double-write/effect-before-commit-visible: the job is a row of the same transaction
  });
}

export async function shareThenSend(knex: Knex, id: string) {
  await knex.transaction(async (trx) => {
    await trx('participations').where({ id }).update({ sharedAt: new Date() });
    //                                        ^^^^^^ related "Written to 'participations' here."
  });
  await boss.send('ParticipationShared', { campaignParticipationId: id }); // ok double-write/effect-before-commit-visible: after the commit
  //         ^^^^ double-write/dual-write low "if it fails the caller gets an error, but what was written stays"
}

export async function importLater(knex: Knex, importId: string) {
  await boss.send('ParticipationsImport', { importId }, { singletonKey: importId }); // ok double-write/effect-before-commit-visible: before it begins
  await knex.transaction(async (trx) => {
    await trx('imports').where({ id: importId }).update({ state: 'queued' });
  });
}

export async function refreshAll(knex: Knex, campaignId: string) {
  const rows = await knex.transaction(async (trx) => {
  //         ^^^^^^^^^^^ related "The transaction begins here."
    const rows = await trx('participations').where({ campaignId }).select('id');
    return rows; // ok double-write/effect-before-commit-visible: nothing is written
    //         ^^^^ double-write/effect-in-transaction low "its connection is held for as long as the answer takes"
  });
  await boss.send('ParticipationsRefresh', { ids: rows });
}
