// Idiom of github.com/drizzle-team/drizzle-orm: queries as functions of a module.
import { eq } from 'drizzle-orm';
import { type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core';

const customers = pgTable('customers', { email: text('email'), name: text('name') });
declare const db: PgDatabase;

async function findCustomer(email: string) {
  const [known] = await db.select().from(customers).where(eq(customers.email, email));
  return known;
}

async function addCustomer(email: string, name: string) {
  await db.insert(customers).values({ email, name });
}

export async function register(email: string, name: string) {
  const known = await findCustomer(email);
  //                  ^^^^^^^^^^^^ related "Checked here."
  if (known) throw new Error('There is such a customer.');
  await addCustomer(email, name);
  //    ^^^^^^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
}
