// Idiom of github.com/outline/outline: a collection's plain text follows from its document.
import { Pool } from 'pg';

const pool = new Pool();
declare const serializer: { serialize(node: unknown): string };
declare function nodeOf(content: unknown): unknown;

interface Shelf {
  title: string;
  content: unknown;
  summary: string;
}

function toText(shelf: Shelf): string {
  const text = serializer.serialize(nodeOf(shelf.content ?? shelf.summary)).replace(/\\/g, '').trim();
  return `# ${shelf.title}\n\n${text}`;
}

// What is made of the whole row is no change of what the column held.
export async function rewrite(id: string, content: unknown): Promise<void> {
  const { rows } = await pool.query<Shelf>('SELECT title, content, summary FROM shelves WHERE id = $1', [id]);
  const summary = toText({ ...rows[0]!, content });
  await pool.query('UPDATE shelves SET content = $1, summary = $2 WHERE id = $3', [content, summary, id]); // ok race-condition/lost-update: rendered anew
}

export async function retitle(id: string, title: string): Promise<void> {
  const { rows } = await pool.query<Shelf>('SELECT title, content, summary FROM shelves WHERE id = $1', [id]);
  await pool.query('UPDATE shelves SET summary = $1 WHERE id = $2', [toText({ ...rows[0]!, title }), id]); // ok race-condition/lost-update: rendered anew
}

export async function clear(id: string): Promise<void> {
  await pool.query('UPDATE shelves SET summary = $1 WHERE id = $2', ['', id]); // ok race-condition/lost-update: nothing was read
}

// What stood there, and a line more.
export async function addLine(id: string, line: string): Promise<void> {
  const { rows } = await pool.query<Shelf>('SELECT summary FROM shelves WHERE id = $1', [id]);
  //                          ^^^^^ related "Read here."
  await pool.query('UPDATE shelves SET summary = $1 WHERE id = $2', [`${rows[0]!.summary.trim()}\n${line}`, id]);
  //         ^^^^^ race-condition/lost-update medium "'summary' of 'shelves'"
}
