// Idiom of github.com/brianc/node-postgres users before promises.
import type { Pool } from 'pg';

export function spend(pool: Pool, id: string, amount: number, done: (error?: Error) => void) {
  pool.query('SELECT balance FROM accounts WHERE id = $1', [id], (error, result) => {
  //   ^^^^^ related "Read here."
    if (error) {
      done(error);
      return;
    }
    const { balance } = result.rows[0];
    pool.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [id, amount], (failed) => done(failed));
    //   ^^^^^ race-condition/lost-update high "'balance' of 'accounts'"
  });
}

export function rename(pool: Pool, id: string, name: string, done: (error?: Error) => void) {
  pool.query('SELECT name FROM accounts WHERE id = $1', [id], (error, result) => {
    if (error || result.rows.length === 0) {
      done(error);
      return;
    }
    // ok race-condition/lost-update: what is written was not read
    pool.query('UPDATE accounts SET name = $2 WHERE id = $1', [id, name], (failed) => done(failed));
  });
}

export function copy(pool: Pool, from: string, to: string, done: (error?: Error) => void) {
  pool.query('SELECT name FROM accounts WHERE id = $1', [from], (error, result) => {
    if (error) {
      done(error);
      return;
    }
    // ok race-condition/lost-update: another row
    pool.query('UPDATE accounts SET name = $2 WHERE id = $1', [to, result.rows[0].name], (failed) => done(failed));
  });
}

export function log(pool: Pool, id: string, done: (error?: Error) => void) {
  pool.query('SELECT balance FROM accounts WHERE id = $1', [id], (error, result) => {
    if (error) {
      done(error);
      return;
    }
    // ok race-condition/lost-update: a new row is written
    pool.query('INSERT INTO logs (account_id, balance) VALUES ($1, $2)', [id, result.rows[0].balance], (failed) => done(failed));
  });
}
