// Idiom of github.com/mapsam/mug: Node's own SQLite, a database that every call blocks on.
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync('jobs.db');
const find = database.prepare('SELECT attempts FROM jobs WHERE id = ?');
const save = database.prepare('UPDATE jobs SET attempts = ? WHERE id = ?');

export async function attempt(id: number, run: () => Promise<void>) {
  const job = find.get(id);
  //               ^^^ related "Read here."
  await run();
  save.run(job?.attempts + 1, id);
  //   ^^^ race-condition/lost-update high "'attempts' of 'jobs'"
}

export async function spend(id: number, amount: number, run: () => Promise<void>) {
  const job = database.prepare('SELECT budget FROM jobs WHERE id = ?').get(id);
  if (job?.budget < amount) throw new Error('Nothing left.');
  await run();
  const updated = database.prepare('UPDATE jobs SET budget = budget - ? WHERE id = ? AND budget >= ?').run(amount, id, amount);
  if (updated.changes === 0) throw new Error('Nothing left.');
  //                                                          ^^^ race-condition/lost-update high "'budget' of 'jobs' is read by 'get' and written back as an absolute"
}

export function countAttempt(id: number) {
  const job = find.get(id);
  save.run(job?.attempts + 1, id); // ok race-condition/lost-update: nothing runs between two synchronous statements
}

export async function attemptThenCount(id: number, run: () => Promise<void>) {
  await run();
  const job = find.get(id);
  save.run(job?.attempts + 1, id); // ok race-condition/lost-update: read after the wait
}

export async function attemptAtOnce(id: number, run: () => Promise<void>) {
  await run();
  database.prepare('UPDATE jobs SET attempts = attempts + 1 WHERE id = ?').run(id); // ok race-condition/lost-update: the database adds
}
