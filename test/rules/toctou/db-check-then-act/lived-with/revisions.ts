// Idiom of github.com/outline/outline: what a document was before.
import { Pool } from 'pg';

const pool = new Pool();

export async function keepRevision(documentId: string, text: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM revisions WHERE document_id = $1 AND text = $2', [documentId, text]);
  if (rows.length > 0) return;
  await pool.query('INSERT INTO revisions (document_id, text) VALUES ($1, $2)', [documentId, text]);
  //         ^^^^^ toctou/db-check-then-act low "'query' finds no row of 'revisions'"
}

export async function share(documentId: string, userId: string): Promise<void> {
  const { rows } = await pool.query('SELECT id FROM shares WHERE document_id = $1 AND user_id = $2', [documentId, userId]);
  if (rows.length > 0) return;
  await pool.query('INSERT INTO shares (document_id, user_id) VALUES ($1, $2)', [documentId, userId]);
  //         ^^^^^ toctou/db-check-then-act medium "'query' finds no row of 'shares'"
}
