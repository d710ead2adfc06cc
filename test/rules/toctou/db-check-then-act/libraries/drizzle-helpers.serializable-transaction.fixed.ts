// Idiom of github.com/drizzle-team/drizzle-orm: queries as functions of a module.
import { eq } from 'drizzle-orm';
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

const customers = pgTable('customers', { email: text('email'), name: text('name') });
declare const db: PgDatabase;

async function findCustomer(email: string, tx: Pick<typeof db, 'select'> = db) {
  const [known] = await tx.select().from(customers).where(eq(customers.email, email));
  return known;
}

async function addCustomer(email: string, name: string, tx: Pick<typeof db, 'insert'> = db) {
  await tx.insert(customers).values({ email, name });
}

export async function register(email: string, name: string) {
  await retryOnConflict(() => db.transaction(async (tx) => {
    const known = await findCustomer(email, tx);
    //                  ^^^^^^^^^^^^ related "Checked here."
    if (known) throw new Error('There is such a customer.');
    await addCustomer(email, name, tx);
  }, { isolationLevel: 'serializable' }));
  //    ^^^^^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
}
