import type { Pool } from 'pg';

export interface AccountStore {
  balanceOf(id: string): Promise<number>;
  setBalance(id: string, balance: number): Promise<void>;
  addToBalance(id: string, amount: number): Promise<void>;
}

export class PgAccountStore implements AccountStore {
  constructor(private readonly pool: Pool) {}

  async balanceOf(id: string): Promise<number> {
    const { rows } = await this.pool.query('SELECT balance FROM accounts WHERE id = $1', [id]);
    return rows[0].balance;
  }

  async setBalance(id: string, balance: number): Promise<void> {
    await this.pool.query('UPDATE accounts SET balance = $2 WHERE id = $1', [id, balance]);
  }

  async addToBalance(id: string, amount: number): Promise<void> {
    await this.pool.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', [id, amount]);
  }
}
