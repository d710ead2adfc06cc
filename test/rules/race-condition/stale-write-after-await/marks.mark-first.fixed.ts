// Idiom of github.com/Unleash/unleash: how far a reader has come, and a pause between two mails.
import { Pool } from 'pg';

const pool = new Pool();
const pauses = new Map<string, NodeJS.Timeout>();
const running = new Set<string>();

export class FeedService {
  private revision = 0;

  // A slower run sets it back, and the next one reads some of the events once more.
  async advance(tell: (ids: number[]) => Promise<void>): Promise<void> {
    const from = this.revision;
    //           ^^^^^^^^^^^^^ related "Read here."
    const found = await pool.query('SELECT id FROM events WHERE id > $1 ORDER BY id', [from]);
    if (found.rows.length === 0) return;
    await tell(found.rows);
    this.revision = found.rows[found.rows.length - 1].id;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "'this.revision' is read before an await"
  }
}

// Two that ask at once get two codes.
export async function sendCode(phone: string): Promise<void> {
  if (pauses.has(phone)) throw new Error('Wait a minute.');
  //  ^^^^^^^^^^^^^^^^^ related "Checked here."
  pauses.set(phone, setTimeout(() => pauses.delete(phone), 60_000));
  await pool.query('INSERT INTO codes (phone) VALUES ($1)', [phone]);
  //     ^^^ race-condition/stale-write-after-await medium "'pauses' is checked before an await"
}

export async function bill(account: string): Promise<void> {
  if (running.has(account)) return;
  //  ^^^^^^^^^^^^^^^^^^^^ related "Checked here."
  await pool.query('INSERT INTO bills (account) VALUES ($1)', [account]);
  running.add(account);
  //      ^^^ race-condition/stale-write-after-await medium "'running' is checked before an await"
  await pool.query('UPDATE accounts SET billed_at = now() WHERE id = $1', [account]);
  running.delete(account);
}
