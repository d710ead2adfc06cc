// Idiom of github.com/brianc/node-postgres: statements of a transaction that another file has begun.
import type { PoolClient } from 'pg';

export async function renewKeys(client: PoolClient, userId: string) {
  await client.query('UPDATE api_keys SET rate = 1000, expires_at = now() WHERE user_id = $1', [userId]);
}
