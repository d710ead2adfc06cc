// Idiom of github.com/porsager/postgres: the options of BEGIN as the first argument.
import postgres from 'postgres';
import { withRetries } from './attempts.ts';

const sql = postgres();

export async function enrol(courseId: string, studentId: string) {
  await sql.begin('isolation level serializable', async (tx) => {
  //        ^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
    const [course] = await tx`select seats from courses where id = ${courseId}`;
    const [taken] = await tx`select count(*) as seats from enrolments where course_id = ${courseId}`;
    if (taken.seats >= course.seats) throw new Error('The course is full.');
    await tx`insert into enrolments (course_id, student_id) values (${courseId}, ${studentId})`;
  });
}

export async function digest(courseId: string) {
  // ok deadlock/no-victim-retry: it only reads
  return sql.begin('isolation level repeatable read read only', async (tx) => tx`select * from enrolments where course_id = ${courseId}`);
}

export async function close(courseId: string) {
  // ok deadlock/no-victim-retry: at this level the second of two waits and goes on
  await sql.begin('isolation level read committed', async (tx) => {
    await tx`update courses set open = false where id = ${courseId}`;
  });
}

export const leave = (courseId: string, studentId: string) => withRetries(() => removeEnrolment(courseId, studentId));

async function removeEnrolment(courseId: string, studentId: string) {
  // ok deadlock/no-victim-retry: its only caller calls it again
  await sql.begin('isolation level serializable', async (tx) => {
    await tx`delete from enrolments where course_id = ${courseId} and student_id = ${studentId}`;
  });
}
