// Idiom of github.com/actualbudget/actual: `changes` of a statement that has run.
import Database from 'better-sqlite3';

const db = new Database('jobs.sqlite');

export const start = db.transaction((id: number, worker: string) => {
  db.prepare("UPDATE jobs SET state = 'running' WHERE id = ? AND state = 'queued'").run(id);
  //                                                                                ^^^ toctou/unchecked-conditional-write low "nobody looks at whether it did"
  db.prepare('INSERT INTO runs (job_id, worker) VALUES (?, ?)').run(id, worker);
  //                                                            ^^^ related "Happens whether the row was changed or not."
});

export const startCounted = db.transaction((id: number, worker: string) => {
  const { changes } = db.prepare("UPDATE jobs SET state = 'running' WHERE id = ? AND state = 'queued'").run(id); // ok toctou/unchecked-conditional-write: the count is looked at
  if (changes === 0) throw new Error('It runs already.');
  db.prepare('INSERT INTO runs (job_id, worker) VALUES (?, ?)').run(id, worker);
});

export const startReturned = db.transaction((id: number, worker: string) => {
  const job = db.prepare("UPDATE jobs SET state = 'running' WHERE id = ? AND state = 'queued' RETURNING id").get(id); // ok toctou/unchecked-conditional-write: the returned row is looked at
  if (job === undefined) throw new Error('It runs already.');
  db.prepare('INSERT INTO runs (job_id, worker) VALUES (?, ?)').run(job.id, worker);
});

export function requeue() {
  db.prepare("UPDATE jobs SET state = 'queued' WHERE state = 'failed'").run(); // ok toctou/unchecked-conditional-write: there may be none
}
