import { type Proof, program, proof } from './harness/proof.ts';

export const cacheSetAfterWriteProofs: readonly Proof[] = [
  proof<{ rename: (id: string, name: string) => Promise<void>; nameOf: (id: string) => Promise<string> }>({
    rule: 'double-write/cache-set-after-write',
    fix: 'delete-key',
    form: 'SQL text and ioredis',
    needs: 'both',
    setup: `CREATE TABLE profiles (id text PRIMARY KEY, name text NOT NULL); INSERT INTO profiles VALUES ('p', 'old')`,
    program: program`
      import { Redis } from 'ioredis';
      import { Pool } from 'pg';

      export const pool = new Pool();
      export const redis = new Redis(process.env['REDIS_URL'] ?? '');

      export async function rename(id: string, name: string): Promise<void> {
        await pool.query('UPDATE profiles SET name = $1 WHERE id = $2', [name, id]);
        await redis.set(\`profile-name:\${id}\`, name, 'EX', 3600);
      }

      export async function nameOf(id: string): Promise<string> {
        const cached = await redis.get(\`profile-name:\${id}\`);
        if (cached !== null) return cached;
        const { rows } = await pool.query('SELECT name FROM profiles WHERE id = $1', [id]);
        return rows[0].name;
      }
    `,
    async observe({ rename, nameOf }, scene) {
      await scene.overtaken(
        /^UPDATE/,
        () => rename('p', 'first'),
        () => rename('p', 'second'),
      );
      const [row] = await scene.postgres.query('SELECT name AS stored FROM profiles');
      return { ...row, shown: await nameOf('p') };
    },
    before: { stored: 'second', shown: 'first' },
    after: { stored: 'second', shown: 'second' },
  }),
  proof<{ rename: (id: string, name: string) => Promise<void>; nameOf: (id: string) => Promise<string> }>({
    rule: 'double-write/cache-set-after-write',
    fix: 'delete-key',
    form: 'a field of a hash, whose other fields stay',
    needs: 'both',
    setup: `CREATE TABLE teams (id text PRIMARY KEY, name text NOT NULL); INSERT INTO teams VALUES ('t', 'old')`,
    program: program`
      import { Redis } from 'ioredis';
      import { Pool } from 'pg';

      export const pool = new Pool();
      export const redis = new Redis(process.env['REDIS_URL'] ?? '');

      export async function rename(id: string, name: string): Promise<void> {
        await pool.query('UPDATE teams SET name = $1 WHERE id = $2', [name, id]);
        await redis.hset('team-names', id, name);
      }

      export async function nameOf(id: string): Promise<string> {
        const cached = await redis.hget('team-names', id);
        if (cached !== null) return cached;
        const { rows } = await pool.query('SELECT name FROM teams WHERE id = $1', [id]);
        return rows[0].name;
      }
    `,
    async observe({ rename, nameOf }, scene) {
      await scene.redis.hset('team-names', 'other', 'kept');
      await scene.overtaken(
        /^UPDATE/,
        () => rename('t', 'first'),
        () => rename('t', 'second'),
      );
      return { shown: await nameOf('t'), other: await scene.redis.hget('team-names', 'other') };
    },
    before: { shown: 'first', other: 'kept' },
    after: { shown: 'second', other: 'kept' },
  }),
];
