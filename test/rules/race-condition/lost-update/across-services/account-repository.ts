// Idiom of github.com/brianc/node-postgres: a repository over a pool.
import type { Pool } from 'pg';

export interface Account {
  id: string;
  points: number;
}

export class AccountRepository {
  constructor(private readonly pool: Pool) {}

  async find(id: string): Promise<Account> {
    const { rows } = await this.pool.query('SELECT id, points FROM accounts WHERE id = $1', [id]);
    return rows[0];
  }

  async store(id: string, points: number): Promise<void> {
    await this.pool.query('UPDATE accounts SET points = $1 WHERE id = $2', [points, id]);
  }

  async add(id: string, points: number): Promise<void> {
    await this.pool.query('UPDATE accounts SET points = points + $1 WHERE id = $2', [points, id]);
  }
}
