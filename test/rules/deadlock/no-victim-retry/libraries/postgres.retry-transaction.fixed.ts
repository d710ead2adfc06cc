// Idiom of github.com/porsager/postgres: the options of BEGIN as the first argument.
import postgres from 'postgres';
import { withRetries } from './attempts.ts';

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

const sql = postgres();

export async function enrol(courseId: string, studentId: string) {
  await retryOnConflict(() => sql.begin('isolation level serializable', async (tx) => {
  //        ^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
    const [course] = await tx`select seats from courses where id = ${courseId}`;
    const [taken] = await tx`select count(*) as seats from enrolments where course_id = ${courseId}`;
    if (taken.seats >= course.seats) throw new Error('The course is full.');
    await tx`insert into enrolments (course_id, student_id) values (${courseId}, ${studentId})`;
  }));
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
