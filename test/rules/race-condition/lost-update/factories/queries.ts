import type { Pool, PoolClient } from 'pg';

export const createUserQueries = (db: Pool | PoolClient) => {
  const findCredit = async (id: string) => {
    const { rows } = await db.query('SELECT credit FROM users WHERE id = $1', [id]);
    return rows[0].credit as number;
  };
  const lockCredit = async (id: string) => {
    const { rows } = await db.query('SELECT credit FROM users WHERE id = $1 FOR UPDATE', [id]);
    return rows[0].credit as number;
  };
  const setCredit = async (id: string, credit: number) => {
    await db.query('UPDATE users SET credit = $2 WHERE id = $1', [id, credit]);
  };
  const addCredit = async (id: string, amount: number) => {
    await db.query('UPDATE users SET credit = credit + $2 WHERE id = $1', [id, amount]);
  };
  return { findCredit, lockCredit, setCredit, addCredit };
};

export type UserQueries = ReturnType<typeof createUserQueries>;
