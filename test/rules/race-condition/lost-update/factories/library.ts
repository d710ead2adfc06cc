// Idiom of github.com/logto-io/logto: query functions are made for a pool, libraries are made of them.
import type { Pool } from 'pg';
import { createUserQueries } from './queries.ts';

export const createCreditLibrary = (pool: Pool) => {
  const { findCredit, setCredit, addCredit } = createUserQueries(pool);

  const spend = async (id: string, amount: number) => {
    const credit = await findCredit(id);
    //                   ^^^^^^^^^^ related "Read here."
    await setCredit(id, credit - amount);
    //    ^^^^^^^^^ race-condition/lost-update "'credit' of 'users' is read by 'findCredit' (through 'query')"
  };

  const grant = async (id: string, amount: number) => {
    const credit = await findCredit(id);
    // ok race-condition/lost-update: the database adds
    await addCredit(id, amount);
    return credit + amount;
  };

  const reset = async (id: string) => {
    const before = await findCredit(id);
    // ok race-condition/lost-update: what is written does not depend on what was read
    await setCredit(id, 0);
    return before;
  };

  const spendLocked = async (id: string, amount: number) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const locked = createUserQueries(client);
      const credit = await locked.lockCredit(id);
      // ok race-condition/lost-update: locked by the read, on the connection of the transaction
      await locked.setCredit(id, credit - amount);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  };

  const spendBeside = async (id: string, amount: number) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      //           ^^^^^ related "The transaction begins here."
      await createUserQueries(client).addCredit('bank', amount);
      await addCredit(id, -amount);
      //    ^^^^^^^^^ deadlock/transaction-escape high "goes to 'users' through 'pool' while a transaction is open that it is not given"
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  };

  return { spend, grant, reset, spendLocked, spendBeside };
};

const pool: Pool = undefined as never;
const queries = createUserQueries(pool);

export async function refund(id: string, amount: number) {
  const credit = await queries.findCredit(id);
  //                           ^^^^^^^^^^ related "Read here."
  await queries.setCredit(id, credit + amount);
  //            ^^^^^^^^^ race-condition/lost-update "'credit' of 'users'"
}
