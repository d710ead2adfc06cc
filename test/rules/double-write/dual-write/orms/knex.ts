// Idiom of github.com/1024pix/pix: repositories over knex, jobs sent to pg-boss beside them.
import type { Knex } from 'knex';
import PgBoss from 'pg-boss';

const boss = new PgBoss('postgres://jobs');

export async function completeAssessment(knex: Knex, id: string, userId: string) {
  const [row] = await knex('certification-courses').insert({ assessmentId: id, userId }).returning('id');
  //                                                ^^^^^^ related "Written to 'certification-courses' here."
  await boss.send('CertificationRescoring', { certificationCourseId: row.id });
  //         ^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return row.id;
}

export async function anonymize(knex: Knex, userId: string) {
  await knex('authentication-methods').where({ userId }).del();
  //                                                     ^^^ related "Written to 'authentication-methods' here."
  void boss.send('UserAnonymized', { userId });
  //        ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
}

export async function completeTogether(knex: Knex, id: string, userId: string) {
  await knex.transaction(async (trx) => {
    const db = { executeSql: (text: string, values: unknown[]) => trx.raw(text, values) };
    await trx('certification-courses').insert({ assessmentId: id, userId });
    await boss.send('CertificationRescoring', { assessmentId: id }, { db }); // ok double-write/dual-write: the job is a row of the same transaction
  });
}

export async function scheduleThenMark(knex: Knex, id: string) {
  await boss.send('ParticipationCompleted', { id }, { singletonKey: id }); // ok double-write/dual-write: the job first, the same one again after a failure
  await knex('participations').where({ id }).update({ sharedAt: new Date() });
}

export async function archive(knex: Knex, id: string) {
  await knex('campaigns').insert({ id, state: 'requested' });
  await boss.send('CampaignArchiving', { id }); // ok double-write/dual-write: requested until it was sent
  await knex('campaigns').where({ id }).update({ state: 'queued' });
}

export async function resend(knex: Knex, id: string) {
  const course = await knex('certification-courses').where({ id }).first();
  if (course !== undefined) await boss.send('CertificationRescoring', { certificationCourseId: course.id }); // ok double-write/dual-write: a read, and then a job
}
