// Idiom of github.com/brianc/node-postgres: statements with parameters in a list.
import type { Pool } from 'pg';

enum Level {
  Free = 'free',
  Pro = 'pro',
}
const LANGUAGES = ['en', 'de', 'fr'];

export async function perLevel(pool: Pool) {
  for (const level of Object.values(Level)) {
    await pool.query('SELECT count(*) FROM accounts WHERE level = $1', [level]); // ok n-plus-one/query-in-loop: the values of an enum
  }
  for (const language of LANGUAGES) {
    await pool.query('SELECT count(*) FROM texts WHERE language = $1', [language]); // ok n-plus-one/query-in-loop: three literals
  }
}

export async function translations(pool: Pool, site: { languages: string[] }) {
  const found: unknown[] = [];
  for (const language of site.languages) {
    const { rows } = await pool.query('SELECT * FROM texts WHERE language = $1', [language]);
    //                          ^^^^^ n-plus-one/query-in-loop low "'texts'"
    found.push(...rows);
  }
  return found;
}

export async function exportOne(pool: Pool, wanted: string[]) {
  for (const name of wanted) {
    switch (name) {
      case 'users':
        await pool.query('SELECT * FROM users');
        //         ^^^^^ n-plus-one/query-in-loop low "'users'"
        break;
      default:
        break;
    }
  }
}

export async function owners(pool: Pool, files: { ownerId: string }[]) {
  const known = new Map<string, unknown>();
  const userIds = Array.from(files, (file) => file.ownerId).filter((key) => key != null);
  const users = await pool.query('SELECT * FROM users WHERE id = ANY($1)', [userIds]);
  const usersById = new Map<string, typeof users.rows>();
  for (const user of users.rows) {
    const same = usersById.get(String(user.id));
    if (same === undefined) usersById.set(String(user.id), [user]);
    else same.push(user);
  }
  for (const file of files) {
    if (!known.has(file.ownerId)) {
      const rows = usersById.get(String(file.ownerId)) ?? [];
      //                          ^^^^^ n-plus-one/query-in-loop low "'users'"
      known.set(file.ownerId, rows[0]);
    }
  }
  return known;
}

export async function seedRoles(pool: Pool, names: string[]) {
  for (const name of names) {
    await pool.query('INSERT INTO roles (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
    //         ^^^^^ n-plus-one/query-in-loop low "'roles'"
  }
}
