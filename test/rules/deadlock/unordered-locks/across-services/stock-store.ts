export interface Executor {
  query(sql: string, params?: unknown[]): Promise<unknown>;
}

export class StockStore {
  constructor(private readonly db: Executor) {}

  async take(productId: string, quantity: number): Promise<void> {
    await this.db.query('UPDATE products SET stock = stock - $1 WHERE id = $2', [quantity, productId]);
  }
}
