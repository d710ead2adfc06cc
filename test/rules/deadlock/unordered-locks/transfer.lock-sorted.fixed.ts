// Idiom of github.com/HackYourAssignment/databases-cohort49: in one transaction one balance goes down and another up.
interface Transaction {
  query(sql: string, params?: unknown[]): Promise<unknown>;
}
declare const db: { transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T> } & Transaction;

export async function transfer(fromId: string, toId: string, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    for (const id of [fromId, toId].sort()) {
      await trx.query('SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE', [id]);
    }
    await trx.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, fromId]);
//            ^^^^^ related "The first row is locked here."
    await trx.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, toId]);
//            ^^^^^ deadlock/unordered-locks high "a transaction given them the other way round locks them in the opposite order"
  });
}

export async function transferSorted(fromId: string, toId: string, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.query('SELECT 1 FROM accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE', [[fromId, toId]]);
    await trx.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, fromId]);
    // ok deadlock/unordered-locks: both rows are locked by one ordered statement before
    await trx.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, toId]);
  });
}

export async function transferWithoutTransaction(fromId: string, toId: string, amount: number): Promise<void> {
  await db.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, fromId]);
  await db.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, toId]); // ok deadlock/unordered-locks: each statement lets its lock go
//         ^^^^^ race-condition/related-writes-without-transaction high "'query' changes 'accounts' after 'query' has changed"
}

export async function adjust(accountId: string, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
    await trx.query('UPDATE accounts SET touched = now() WHERE id = $1', [accountId]); // ok deadlock/unordered-locks: the same row
  });
}

export async function exchange(firstId: string, secondId: string): Promise<void> {
  const [low, high] = firstId < secondId ? [firstId, secondId] : [secondId, firstId];
  await db.transaction(async (trx) => {
    await trx.query('UPDATE accounts SET frozen = true WHERE id = $1', [low]);
    await trx.query('UPDATE accounts SET frozen = true WHERE id = $1', [high]); // ok deadlock/unordered-locks: the smaller key comes first
  });
}

export async function book(accountId: string, entryId: string): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.query('UPDATE accounts SET touched = now() WHERE id = $1', [accountId]);
    await trx.query('UPDATE entries SET booked = true WHERE id = $1', [entryId]); // ok deadlock/unordered-locks: another table, always second
  });
}
