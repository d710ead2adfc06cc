// Idiom of github.com/vendure-ecommerce/vendure and github.com/hoppscotch/hoppscotch: what only administrators set up.
import { Pool } from 'pg';

const pool = new Pool();

export class CatalogService {
  // Two administrators who save one form in the same moment know that the last one wins.
  async addCurrency(id: string, currency: string): Promise<void> {
    const { rows } = await pool.query('SELECT currencies, languages FROM catalogs WHERE id = $1', [id]);
    //                          ^^^^^ related "Read here."
    await pool.query('UPDATE prices SET currency = $1 WHERE catalog_id = $2', [currency, id]);
    const currencies = [...rows[0].currencies, currency];
    await pool.query('UPDATE catalogs SET currencies = $1 WHERE id = $2', [currencies, id]);
    //         ^^^^^ race-condition/lost-update low "'currencies' of 'catalogs'"
  }

  // Everyone who takes part is added by himself.
  async join(id: string, userId: string): Promise<void> {
    const { rows } = await pool.query('SELECT watchers FROM catalogs WHERE id = $1', [id]);
    //                          ^^^^^ related "Read here."
    await pool.query('UPDATE catalogs SET watchers = $1 WHERE id = $2', [[...rows[0].watchers, userId], id]);
    //         ^^^^^ race-condition/lost-update medium "'watchers' of 'catalogs'"
  }

  // A count is wrong from then on, whoever changed it.
  async restock(id: string, amount: number): Promise<void> {
    const { rows } = await pool.query('SELECT shelves FROM catalogs WHERE id = $1', [id]);
    //                          ^^^^^ related "Read here."
    await pool.query('UPDATE catalogs SET shelves = shelves + $1 WHERE id = $2', [amount, id]);
    //         ^^^^^ race-condition/lost-update high "'shelves' of 'catalogs'"
  }
}
