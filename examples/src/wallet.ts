import { db } from './database.js';

/** race-condition/lost-update: the new balance is computed here, from a balance that may be old. */
export async function topUp(accountId: string, amount: number): Promise<void> {
  const [account] = await db.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
  if (account === undefined) throw new Error('No such account.');
  const balance = account.balance + amount;
  await db.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance, accountId]);
}

/** toctou/db-check-then-act: two withdrawals both see enough money. */
export async function withdraw(accountId: string, amount: number): Promise<void> {
  const [account] = await db.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
  if (account === undefined || account.balance < amount) throw new Error('Not enough money.');
  await db.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
}

/** deadlock/unordered-locks: A pays B while B pays A. */
export async function transfer(fromId: string, toId: string, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, fromId]);
    await trx.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, toId]);
  });
}
