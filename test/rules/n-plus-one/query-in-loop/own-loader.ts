// Idiom of github.com/graphql/dataloader: a loader of one's own, which asks in the next tick for all it was asked for.
import { Pool } from 'pg';

const pool = new Pool();

interface Wish {
  id: string;
  resolve(row: unknown): void;
}
let wishes: Wish[] = [];

function load(id: string): Promise<unknown> {
  return new Promise((resolve) => {
    wishes.push({ id, resolve });
    if (wishes.length > 1) return;
    process.nextTick(async () => {
      const all = wishes;
      wishes = [];
      const { rows } = await pool.query('SELECT * FROM users WHERE id = ANY($1)', [all.map((wish) => wish.id)]);
      for (const wish of all) wish.resolve(rows.find((row) => row.id === wish.id));
    });
  });
}

export async function owners(ids: string[]): Promise<unknown[]> {
  return Promise.all(ids.map((id) => load(id))); // ok n-plus-one/query-in-loop: one query for all
}

function loadOne(id: string): Promise<unknown> {
  return pool.query('SELECT * FROM users WHERE id = $1', [id]);
}

export async function ownersOneByOne(ids: string[]): Promise<unknown[]> {
  return Promise.all(ids.map((id) => loadOne(id)));
  //                                 ^^^^^^^ n-plus-one/query-in-loop
}
