// Idiom of github.com/linkwarden/linkwarden and github.com/hoppscotch/hoppscotch: rows after one that goes move up.
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();
declare function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;

export async function removeFromBoard(boardId: string, id: string): Promise<void> {
  const { rows } = await pool.query('SELECT position FROM cards WHERE id = $1 AND board_id = $2', [id, boardId]);
  //                          ^^^^^ related "Read here."
  await pool.query('DELETE FROM cards WHERE id = $1', [id]);
  await pool.query('UPDATE cards SET position = position - 1 WHERE board_id = $1 AND position > $2', [boardId, rows[0].position]);
  //         ^^^^^ race-condition/lost-update medium "Rows are shifted"
}

// The order of the sections on somebody's own page.
export async function removeOwn(userId: string, id: string): Promise<void> {
  const { rows } = await pool.query('SELECT position FROM sections WHERE id = $1 AND user_id = $2', [id, userId]);
  //                          ^^^^^ related "Read here."
  await pool.query('DELETE FROM sections WHERE id = $1', [id]);
  await pool.query('UPDATE sections SET position = position - 1 WHERE user_id = $1 AND position > $2', [userId, rows[0].position]);
  //         ^^^^^ race-condition/lost-update low "Rows are shifted"
}

export async function removeLocked(boardId: string, id: string): Promise<void> {
  await pool.query('BEGIN');
  await pool.query('SELECT id FROM boards WHERE id = $1 FOR UPDATE', [boardId]);
  await pool.query('DELETE FROM cards WHERE id = $1', [id]);
  await pool.query('COMMIT');
}

export async function renumber(boardId: string, from: number): Promise<void> {
  await pool.query('UPDATE cards SET position = position - 1 WHERE board_id = $1 AND position > $2', [boardId, from]); // ok race-condition/lost-update: nothing was read before
}
