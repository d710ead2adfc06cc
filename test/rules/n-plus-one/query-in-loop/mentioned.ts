// Idiom of github.com/outline/outline: documents whose text mentions attachments and other documents.
import { Pool } from 'pg';

const pool = new Pool();

function idsIn(text: string): string[] {
  return [...text.matchAll(/attachments\/([0-9a-f-]{36})/g)].flatMap((match) => match[1] ?? []);
}

// However many documents there are, each mentions a few.
export async function copyAttachments(documentId: string): Promise<void> {
  const { rows } = await pool.query('SELECT text FROM documents WHERE id = $1', [documentId]);
  for (const id of idsIn(rows[0].text)) {
    const found = await pool.query('SELECT * FROM attachments WHERE id = $1', [id]);
    //                       ^^^^^ n-plus-one/query-in-loop low
    await pool.query('INSERT INTO attachments (document_id, url) VALUES ($1, $2)', [documentId, found.rows[0].url]);
  }
}

export async function links(documentId: string): Promise<unknown[]> {
  const { rows } = await pool.query('SELECT links FROM documents WHERE id = $1', [documentId]);
  const found: unknown[] = [];
  for (const id of rows[0].links.split(',')) {
    found.push(await pool.query('SELECT id, title FROM documents WHERE id = $1', [id]));
    //                    ^^^^^ n-plus-one/query-in-loop low
  }
  return found;
}

// All documents, and a query for each.
export async function attachmentsOf(collectionId: string): Promise<unknown[]> {
  const { rows } = await pool.query('SELECT id, text FROM documents WHERE collection_id = $1', [collectionId]);
  const found: unknown[] = [];
  for (const document of rows) {
    found.push(await pool.query('SELECT * FROM attachments WHERE document_id = $1', [document.id]));
    //                    ^^^^^ n-plus-one/query-in-loop high
  }
  return found;
}
