// Idiom of github.com/outline/outline: events that refresh other people's screens, and one job that has to be done.
import { Queue } from 'bullmq';
import { Pool } from 'pg';

const pool = new Pool();
const events = new Queue('events');
const exports = new Queue('exports');

// Nobody waits for an event anywhere: it is meant to be lost with the process.
export async function star(id: string, userId: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO stars (document_id, user_id) VALUES ($1, $2) RETURNING id', [id, userId]);
  events.add('documents.star', { starId: rows[0].id });
  //     ^^^ double-write/dual-write low
}

export async function pin(id: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO pins (document_id) VALUES ($1) RETURNING id', [id]);
  events.add('documents.pin', { pinId: rows[0].id });
  //     ^^^ double-write/dual-write low
}

export async function comment(id: string, text: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO comments (document_id, text) VALUES ($1, $2) RETURNING id', [id, text]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['documents.comment', JSON.stringify({ commentId: rows[0].id })]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  //     ^^^ double-write/dual-write low
}

export async function share(id: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO shares (document_id) VALUES ($1) RETURNING id', [id]);
  events.add('documents.share', { shareId: rows[0].id });
  //     ^^^ double-write/dual-write low
}

// The other queue is waited for elsewhere.
export async function requestExport(id: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO runs (document_id) VALUES ($1) RETURNING id', [id]);
  exports.add('run', { runId: rows[0].id });
  //      ^^^ double-write/dual-write medium "if it fails nobody learns of it"
}

export async function exportAgain(runId: string): Promise<void> {
  await exports.add('run', { runId });
}

// The export is what the job's name says, not the note that came last.
export async function exportAll(teamId: string): Promise<void> {
  const { rows } = await pool.query('INSERT INTO exports (team_id) VALUES ($1) RETURNING id', [teamId]);
  //                          ^^^^^ related "Written to 'exports' here."
  await pool.query('INSERT INTO notes (export_id) VALUES ($1)', [rows[0].id]);
  //         ^^^^^ race-condition/related-writes-without-transaction low
  exports.add('exports.create', { exportId: rows[0].id });
  //      ^^^ double-write/dual-write medium "has written 'exports' for good"
}
