// Idiom of github.com/porsager/postgres: the callback's tag is the transaction, the module's is any connection.
import postgres, { type Sql } from 'postgres';

const sql = postgres();

async function log(message: string, db: Sql = sql) {
  await db`insert into logs (message) values (${message})`;
}

export async function transfer(from: string, to: string, amount: number) {
  await sql.begin(async (tx) => {
  //        ^^^^^ related "The transaction begins here."
    await tx`update accounts set balance = balance - ${amount} where id = ${from}`;
    await tx`insert into entries (account_id, amount) values (${to}, ${amount})`;
    //    ^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
    await log(`${from} to ${to}`);
    //    ^^^ deadlock/transaction-escape low "while a transaction is open that it is not given"
    await log(`${from} to ${to}`, tx); // ok deadlock/transaction-escape: given the transaction
  });
}

export async function book(to: string, amount: number) {
  await sql.begin(async (sql) => {
    await sql`insert into entries (account_id, amount) values (${to}, ${amount})`; // ok deadlock/transaction-escape: the parameter shadows the module's
    await sql.savepoint(async (sp) => {
      await sp`insert into logs (message) values (${to})`; // ok deadlock/transaction-escape: a savepoint of it
    });
  });
  await log(to); // ok deadlock/transaction-escape: after it has ended
}
