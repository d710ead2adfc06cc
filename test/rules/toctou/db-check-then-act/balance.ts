// Idiom of github.com/brianc/node-postgres: a check, then a statement with parameters in a list.
import { Pool } from 'pg';
import type { Repository } from 'typeorm';

const pool = new Pool();

export async function withdraw(accountId: string, amount: number): Promise<void> {
  const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
//                            ^^^^^ related "Checked here."
  if (rows[0].balance < amount) throw new Error('insufficient funds');
  await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
//           ^^^^^ toctou/db-check-then-act high "two runs at once both pass the check"
}

// The transaction commits both or none, and lets another withdrawal in between.
export async function withdrawInTransaction(accountId: string, amount: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
//                                ^^^^^ related "Checked here."
    if (rows[0].balance >= amount) {
      await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
//                 ^^^^^ toctou/db-check-then-act high "two runs at once both pass the check"
    }
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function withdrawConditionally(accountId: string, amount: number): Promise<void> {
  const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
  if (rows[0].balance < amount) throw new Error('insufficient funds');
  // ok toctou/db-check-then-act: the WHERE checks again
  const result = await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2 AND balance >= $1', [amount, accountId]);
  if (result.rowCount === 0) throw new Error('insufficient funds');
}

export async function withdrawUnderAdvisoryLock(accountId: string, amount: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [accountId]);
    const { rows } = await client.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
    if (rows[0].balance < amount) throw new Error('insufficient funds');
    // ok toctou/db-check-then-act: the advisory lock is held until the commit
    await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function rename(accountId: string, userId: string, name: string): Promise<void> {
  const { rows } = await pool.query('SELECT owner_id FROM accounts WHERE id = $1', [accountId]);
  if (rows[0].owner_id !== userId) throw new Error('forbidden');
  await pool.query('UPDATE accounts SET name = $1 WHERE id = $2', [name, accountId]); // ok toctou/db-check-then-act: a permission, which the write does not change
}

export async function touch(accountId: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM accounts WHERE id = $1', [accountId]);
  if (rows.length === 0) throw new Error('not found');
  await pool.query('UPDATE accounts SET logins = logins + 1 WHERE id = $1', [accountId]); // ok toctou/db-check-then-act: without the row the update does nothing
}

declare class Coupon {
  id: number;
  remaining: number;
}

export class CouponService {
  constructor(private readonly coupons: Repository<Coupon>) {}

  async redeem(id: number): Promise<void> {
    const coupon = await this.coupons.findOneByOrFail({ id });
//                                    ^^^^^^^^^^^^^^^ related "Checked here."
    if (coupon.remaining <= 0) throw new Error('used up');
    await this.coupons.decrement({ id }, 'remaining', 1);
//                     ^^^^^^^^^ toctou/db-check-then-act high "two runs at once both pass the check"
  }
}
