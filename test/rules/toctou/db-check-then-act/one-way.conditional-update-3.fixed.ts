// Idiom of github.com/documenso/documenso: one of two branches on a value, and a column that knows one way only.
import { Pool } from 'pg';

const pool = new Pool();

export async function openStore(ownerId: string, plan: string | undefined): Promise<string> {
  if (!plan) {
    const { rows } = await pool.query('SELECT 1 FROM stores WHERE owner_id = $1', [ownerId]);
    //                          ^^^^^ related "Checked here."
    if (rows.length > 0) throw new Error('One store is free.');
  }
  if (plan && plan !== 'trial') {
    // ok toctou/db-check-then-act: whoever has a plan was not looked for
    const { rows } = await pool.query('INSERT INTO stores (owner_id, plan) VALUES ($1, $2) RETURNING id', [ownerId, plan]);
    return rows[0].id;
  }
  const { rows } = await pool.query('INSERT INTO stores (owner_id) VALUES ($1) RETURNING id', [ownerId]);
  //                          ^^^^^ toctou/db-check-then-act medium "finds no row of 'stores' with this 'owner_id'"
  return rows[0].id;
}

// Whoever comes in between makes a business of it as well; the invoice follows from another column.
export async function sync(id: string, paidUntil: Date): Promise<void> {
  const { rows } = await pool.query('SELECT kind, paid_until FROM shops WHERE id = $1', [id]);
  //                          ^^^^^ related "Checked here."
  const [shop] = rows;
  if (shop.kind === 'personal') {
    await pool.query("UPDATE shops SET kind = 'business' WHERE id = $1", [id]);
  //           ^^^^^ toctou/db-check-then-act low "'kind' of 'shops' is checked"
  }
  if (shop.paid_until < paidUntil) await pool.query('INSERT INTO invoices (shop_id) VALUES ($1)', [id]);
}

// Here somebody may have closed it in between.
export async function reopen(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT kind, due FROM studios WHERE id = $1', [id]);
  //                          ^^^^^ related "Checked here."
  const [studio] = rows;
  if (studio.kind === 'paused') {
    await pool.query("UPDATE studios SET kind = 'open' WHERE id = $1", [id]);
  //           ^^^^^ toctou/db-check-then-act medium "'kind' of 'studios' is checked"
  }
  if (studio.due) await pool.query('INSERT INTO invoices (studio_id) VALUES ($1)', [id]);
}

export async function close(id: string): Promise<void> {
  await pool.query("UPDATE studios SET kind = 'closed' WHERE id = $1", [id]);
}

// The only way it goes, but each that goes it sends an invoice.
export async function finish(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT phase FROM works WHERE id = $1', [id]);
  //                          ^^^^^ related "Checked here."
  if (rows[0].phase !== 'begun') return;
  const updated = await pool.query("UPDATE works SET phase = 'finished' WHERE id = $1 AND phase = $2 RETURNING phase", [id, 'begun']);
  if (updated.rows.length === 0) return;
  //         ^^^^^ toctou/db-check-then-act medium "'phase' of 'works' is checked"
  await pool.query('INSERT INTO invoices (work_id) VALUES ($1)', [id]);
}

// There may be some, and one more is as good.
export async function switchOn(flag: string, staysOff: boolean): Promise<void> {
  const { rows } = await pool.query('SELECT off FROM strategies WHERE flag = $1', [flag]);
  //                          ^^^^^ related "Checked here."
  if (rows.length === 0 || (rows.every((row) => row.off) && !staysOff)) {
    await pool.query('INSERT INTO strategies (flag) VALUES ($1)', [flag]);
  //           ^^^^^ toctou/db-check-then-act low "finds no row of 'strategies'"
  }
}
