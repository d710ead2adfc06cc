import type { Redis } from 'ioredis';
import { db } from './database.js';

/** double-write/cache-set-after-write: of two updates, the cache may keep the one the database does not have. */
export async function updateProfile(
  redis: Redis,
  userId: string,
  profile: { name: string; email: string },
): Promise<void> {
  await db.query('UPDATE users SET name = $1, email = $2 WHERE id = $3', [profile.name, profile.email, userId]);
  await redis.set(`user:${userId}`, JSON.stringify(profile));
}
