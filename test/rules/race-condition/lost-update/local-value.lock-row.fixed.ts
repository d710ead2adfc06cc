// Idiom of github.com/Kdotseth7/bank-system-api: a deposit reads the balance and stores the sum.
interface Row {
  balance: number;
  visits: number;
}
interface Transaction {
  query(sql: string, parameters?: unknown[]): Promise<Row[]>;
}
interface Database extends Transaction {
  transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T>;
}
declare const db: Database;

export async function topUp(accountId: string, amount: number): Promise<void> {
  const [account] = await db.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
//                           ^^^^^ related "Read here."
  if (account === undefined) throw new Error('No such account.');
  const balance = account.balance + amount;
  await db.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance, accountId]);
//         ^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function visit(accountId: string): Promise<number> {
  const [account] = await db.query('SELECT visits FROM accounts WHERE id = $1', [accountId]);
//                           ^^^^^ related "Read here."
  if (account === undefined) throw new Error('No such account.');
  const visits = account.visits + 1;
  await db.query('UPDATE accounts SET visits = $1 WHERE id = $2', [visits, accountId]);
//         ^^^^^ race-condition/lost-update high "a change made in between is lost"
  return visits;
}

// The bound is on the new value: no fix that leaves it behind.
export async function charge(accountId: string, amount: number): Promise<void> {
  await db.transaction(async (tx) => {
    const [account] = await tx.query('SELECT balance FROM accounts WHERE id = $1 FOR UPDATE', [accountId]);
  //                           ^^^^^ related "Read here."
    if (account === undefined) throw new Error('No such account.');
    const balance = account.balance - amount;
    if (balance < 0) throw new Error('Not enough money.');
    await tx.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance, accountId]);
  });
//         ^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function setBalance(accountId: string, amount: number): Promise<void> {
  const [account] = await db.query('SELECT visits FROM accounts WHERE id = $1', [accountId]);
  if (account === undefined) throw new Error('No such account.');
  const balance = account.visits + amount;
  await db.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance, accountId]); // ok race-condition/lost-update: computed from another column
}

export async function topUpAtomically(accountId: string, amount: number): Promise<void> {
  await db.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, accountId]); // ok race-condition/lost-update: the database computes the value
}

export async function chargeLocked(accountId: string, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    const [account] = await trx.query('SELECT balance FROM accounts WHERE id = $1 FOR UPDATE', [accountId]);
    if (account === undefined) throw new Error('No such account.');
    const balance = account.balance - amount;
    if (balance < 0) throw new Error('Not enough money.');
    await trx.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance, accountId]); // ok race-condition/lost-update: the row is locked
  });
}
