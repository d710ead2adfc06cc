// Idiom of github.com/requarks/wiki
import { Pool } from 'pg';

const pool = new Pool();

interface Node {
  id: number;
  title: string;
}

export async function rebuildMenu(nodes: Node[]): Promise<void> {
  await pool.query('DELETE FROM menu_nodes');
  await pool.query('INSERT INTO menu_nodes (id, title) SELECT * FROM unnest($1::int[], $2::text[])', [
    //       ^^^^^ race-condition/related-writes-without-transaction medium "writes anew what 'query' has deleted from 'menu_nodes'"
    nodes.map(({ id }) => id),
    nodes.map(({ title }) => title),
  ]);
}

export async function rebuildMenuAtOnce(nodes: Node[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM menu_nodes');
    // ok race-condition/related-writes-without-transaction: in a transaction
    await client.query('INSERT INTO menu_nodes (id, title) SELECT * FROM unnest($1::int[], $2::text[])', [
      nodes.map(({ id }) => id),
      nodes.map(({ title }) => title),
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function pruneMenu(day: Date, node: Node): Promise<void> {
  await pool.query('DELETE FROM menu_nodes WHERE created_at < $1', [day]);
  // ok race-condition/related-writes-without-transaction: another row than those that are old
  await pool.query('INSERT INTO menu_nodes (id, title) VALUES ($1, $2)', [node.id, node.title]);
}
