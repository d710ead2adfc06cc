// Idiom of github.com/porsager/postgres: a transaction by callback, rows locked where they are read.
import postgres from 'postgres';

const sql = postgres();

/** From the invoice to the customer. */
export async function pay(invoiceId: string) {
  await sql.begin(async (tx) => {
    const [invoice] = await tx`select id, customer_id, total from invoices where id = ${invoiceId} for update`;
    await tx`update customers set balance = balance - ${invoice.total} where id = ${invoice.customer_id}`;
    await tx`update invoices set status = 'paid' where id = ${invoice.id}`;
  });
}

/** From the customer to the invoices. */
export async function suspend(customerId: string) {
  await sql.begin(async (tx) => {
    const [customer] = await tx`select id from customers where id = ${customerId} for update`;
    await tx`update invoices set status = 'void' where customer_id = ${customer.id} and status = 'open'`;
    //    ^^ deadlock/lock-order-inversion high "'tx' takes a row of 'invoices' while a row of 'customers' is held,"
  });
}

/** The next one that nobody has. */
export async function collect(customerId: string) {
  await sql.begin(async (tx) => {
    await tx`update reminders set sent = true where customer_id = ${customerId}`;
    const rows = await tx`select id from customers where id = ${customerId} for update skip locked`; // ok deadlock/lock-order-inversion: a row that is taken is passed over
    return rows.count;
  });
}

export async function forget(customerId: string) {
  await sql.begin(async (tx) => {
    await tx`update customers set notes = null where id = ${customerId}`;
    await tx`delete from reminders where customer_id = ${customerId}`; // ok deadlock/lock-order-inversion: who goes the other way does not wait
  });
}

export async function open(customerId: string, total: number) {
  await sql.begin(async (tx) => {
    const [credit] = await tx`insert into credits (customer_id, total) values (${customerId}, ${total}) returning id`;
    await tx`update credits set number = next_number() where id = ${credit.id}`; // ok deadlock/lock-order-inversion: nobody else knows the new row
    await tx`update customers set credits = credits + 1 where id = ${customerId}`;
  });
}

export async function withdraw(customerId: string, creditId: string) {
  await sql.begin(async (tx) => {
    await tx`update customers set credits = credits - 1 where id = ${customerId}`;
    await tx`update credits set status = 'withdrawn' where id = ${creditId}`;
  });
}

export async function freeze(accountId: string) {
  await sql.begin(async (tx) => {
    await tx`update cards set frozen = true where account_id = ${accountId}`;
    await tx`update accounts set frozen = true where id = ${accountId}`;
  });
}

export async function thaw(accountId: string) {
  await sql.begin(async (tx) => {
    await tx`update accounts set frozen = false where id = ${accountId}`;
    await tx`update cards set frozen = false where account_id = ${accountId}`;
    //    ^^ deadlock/lock-order-inversion high "'tx' takes a row of 'cards' while a row of 'accounts' is held, and"
  });
}
