// Idiom of github.com/mapsam/mug: Node's own SQLite, in the process, where a query costs no round trip.
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync('jobs.db');
const insert = database.prepare('INSERT INTO jobs (id, name) VALUES (?, ?)');

export function addJobs(jobs: { id: number; name: string }[]) {
  database.exec('BEGIN');
  for (const job of jobs) insert.run(job.id, job.name); // ok n-plus-one/query-in-loop: a prepared statement, in the process
  database.exec('COMMIT');
}

export function jobNames(runs: { jobId: number }[]) {
  const find = database.prepare('SELECT name FROM jobs WHERE id = ?');
  return runs.map(({ jobId }) => find.get(jobId)?.['name']); // ok n-plus-one/query-in-loop: the same
}

export function jobsOf(ids: number[]) {
  const marks = ids.map(() => '?').join(', ');
  return database.prepare(`SELECT id, name FROM jobs WHERE id IN (${marks})`).all(...ids); // ok n-plus-one/query-in-loop: one query for all
}
