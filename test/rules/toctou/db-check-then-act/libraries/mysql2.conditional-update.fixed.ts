// Idiom of github.com/smithalan92/expense-tracker-backend: repositories over a pool of connections.
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

export class CategoryRepository {
  constructor(private readonly pool: Pool) {}

  async create(userId: number, name: string) {
    const [rows] = await this.pool.query<RowDataPacket[]>('SELECT id FROM categories WHERE user_id = ? AND name = ?', [userId, name]);
    //                             ^^^^^ related "Checked here."
    if (rows.length > 0) throw new Error('There is such a category.');
    await this.pool.query<ResultSetHeader>('INSERT INTO categories (user_id, name) VALUES (?, ?)', [userId, name]);
    //              ^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  }

  async book(seatId: number, userId: number) {
    const [[seat]] = await this.pool.execute<RowDataPacket[]>('SELECT taken_by FROM seats WHERE id = ?', [seatId]);
    //                               ^^^^^^^ related "Checked here."
    if (seat?.taken_by !== null) throw new Error('The seat is taken.');
    const [updated] = await this.pool.execute<ResultSetHeader>('UPDATE seats SET taken_by = ? WHERE id = ? AND taken_by IS NULL', [userId, seatId]);
    if (updated.affectedRows === 0) throw new Error('The seat is taken.');
    //              ^^^^^^^ toctou/db-check-then-act medium "'taken_by' of 'seats'"
  }

  async bookOnce(seatId: number, userId: number) {
    // ok toctou/db-check-then-act: checked by the statement that writes
    const [result] = await this.pool.execute<ResultSetHeader>('UPDATE seats SET taken_by = ? WHERE id = ? AND taken_by IS NULL', [userId, seatId]);
    if (result.affectedRows === 0) throw new Error('The seat is taken.');
  }

  async createOnce(userId: number, name: string) {
    const [rows] = await this.pool.query<RowDataPacket[]>('SELECT id FROM categories WHERE user_id = ? AND name = ?', [userId, name]);
    if (rows.length > 0) return;
    await this.pool.query<ResultSetHeader>('INSERT IGNORE INTO categories (user_id, name) VALUES (?, ?)', [userId, name]); // ok toctou/db-check-then-act: a second one does nothing
  }

  async bookLocked(seatId: number, userId: number) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const [[seat]] = await connection.execute<RowDataPacket[]>('SELECT taken_by FROM seats WHERE id = ? FOR UPDATE', [seatId]);
      if (seat?.taken_by !== null) throw new Error('The seat is taken.');
      await connection.execute<ResultSetHeader>('UPDATE seats SET taken_by = ? WHERE id = ?', [userId, seatId]); // ok toctou/db-check-then-act: locked by its read
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }
}
