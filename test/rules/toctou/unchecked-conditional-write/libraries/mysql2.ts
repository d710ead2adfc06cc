// Idiom of github.com/smithalan92/expense-tracker-backend: the header of a write comes first in its result.
import type { Pool, ResultSetHeader } from 'mysql2/promise';

export class StockRepository {
  constructor(private readonly pool: Pool) {}

  async sell(productId: number, quantity: number, orderId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?', [quantity, productId, quantity]);
      //               ^^^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
      await connection.execute<ResultSetHeader>('INSERT INTO order_lines (order_id, product_id) VALUES (?, ?)', [orderId, productId]);
      //               ^^^^^^^ related "Happens whether the row was changed or not."
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async take(productId: number, quantity: number) {
    // ok toctou/unchecked-conditional-write: the count is looked at
    const [result] = await this.pool.execute<ResultSetHeader>('UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?', [quantity, productId, quantity]);
    if (result.affectedRows === 0) throw new Error('Sold out.');
  }

  async tryTake(productId: number, quantity: number) {
    // ok toctou/unchecked-conditional-write: the caller gets the header
    return this.pool.execute<ResultSetHeader>('UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?', [quantity, productId, quantity]);
  }

  async hide(productId: number) {
    await this.pool.execute<ResultSetHeader>('UPDATE products SET hidden = 1 WHERE id = ? AND stock = 0', [productId]); // ok toctou/unchecked-conditional-write: nothing follows that relies on it
  }
}
