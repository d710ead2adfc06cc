// Idiom of github.com/brianc/node-postgres: a pool, and a client of it for a transaction.
import { Pool, type PoolClient } from 'pg';

const pool = new Pool();
const reports = new Pool();

async function addMember(teamId: string, client: Pool | PoolClient = pool): Promise<void> {
  await client.query('UPDATE teams SET members = members + 1 WHERE id = $1', [teamId]);
}

async function addNote(teamId: string): Promise<void> {
  await pool.query('INSERT INTO notes (team_id) VALUES ($1)', [teamId]);
}

async function withTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function join(teamId: string, userId: string): Promise<void> {
  await withTransaction(async (client) => {
    await client.query('INSERT INTO members (team_id, user_id) VALUES ($1, $2)', [teamId, userId]);
    await pool.query('DELETE FROM invitations WHERE team_id = $1 AND user_id = $2', [teamId, userId]);
//             ^^^^^ deadlock/transaction-escape high "'query' and 2 other queries go through 'pool' while a"
    await addMember(teamId);
//        ^^^^^^^^^ related "This is outside as well."
    await addMember(teamId, client); // ok deadlock/transaction-escape: given the client
    await addNote(teamId);
//        ^^^^^^^ related "This is outside as well."
    await reports.query('SELECT 1 FROM numbers WHERE team_id = $1', [teamId]); // ok deadlock/transaction-escape: another pool
  });
}

export async function rename(id: string, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE teams SET name = $1 WHERE id = $2', [name, id]);
    await pool.query('UPDATE teams SET renamed = now() WHERE id = $1', [id]);
//             ^^^^^ deadlock/transaction-escape high "'query' goes to 'teams' through 'pool' while a transaction is"
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function archive(id: string): Promise<void> {
  const { rows } = await pool.query('SELECT 1 FROM members WHERE team_id = $1', [id]);
  await withTransaction(async (client) => {
    await client.query('UPDATE teams SET archived = true, members = $1 WHERE id = $2', [rows.length, id]);
  });
  await pool.query('UPDATE teams SET archived_at = now() WHERE id = $1', [id]); // ok deadlock/transaction-escape: after the commit
}

// After the failed statement PostgreSQL takes no other in the transaction: what makes good for it goes outside.
export async function joinNew(teamId: string, userId: string): Promise<void> {
  await withTransaction(async (client) => {
    try {
      await client.query('INSERT INTO members (team_id, user_id) VALUES ($1, $2)', [teamId, userId]);
    } catch (error) {
      await client.query('INSERT INTO teams (id) VALUES ($1)', [teamId]);
//               ^^^^^ deadlock/transaction-escape low "'query' goes to 'teams'"
      throw error;
    }
  });
}
