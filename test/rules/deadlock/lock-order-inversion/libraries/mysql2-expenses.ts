// Idiom of github.com/smithalan92/expense-tracker-backend: a repository that is given the connection.
import type { PoolConnection, ResultSetHeader } from 'mysql2/promise';

export class ExpenseRepository {
  async close(connection: PoolConnection, tripId: number) {
    const [result] = await connection.execute<ResultSetHeader>('UPDATE expenses SET locked = 1 WHERE trip_id = ?', [tripId]);
    return result.affectedRows;
  }
}
