// Idiom of github.com/strapi/strapi and many others: a base store, and a class that says no more than its table.
import type { Pool } from 'pg';

export abstract class BaseStore<Row extends { id: string }> {
  protected abstract readonly table: string;

  constructor(protected readonly pool: Pool) {}

  async findById(id: string): Promise<Row> {
    const { rows } = await this.pool.query(`SELECT * FROM ${this.table} WHERE id = $1`, [id]);
    return rows[0];
  }

  async setStock(id: string, stock: number): Promise<void> {
    await this.pool.query(`UPDATE ${this.table} SET stock = $2 WHERE id = $1`, [id, stock]);
  }
}

export interface Stocked {
  id: string;
  stock: number;
}

export class ProductStore extends BaseStore<Stocked> {
  protected readonly table = 'products';
}

export class OfferStore extends BaseStore<Stocked> {
  protected readonly table = 'offers';
}
