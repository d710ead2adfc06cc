/** Columns that may be NULL, where the program counts from 0. */
import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

const rule = 'race-condition/lost-update';

const FILES = `CREATE TABLE files (id int PRIMARY KEY, downloads int); INSERT INTO files VALUES (1, NULL)`;

interface Files {
  readonly count: (id: number) => Promise<unknown>;
}

/** Both have read the row before either writes it. */
async function twice({ count }: Files, scene: Scene): Promise<unknown> {
  await scene.atOnce(/^SELECT/, [() => count(1), () => count(1)]);
  const [row] = await scene.postgres.query('SELECT downloads FROM files');
  return row?.['downloads'];
}

export const lostUpdateColumnProofs: readonly Proof[] = [
  proof<Files>({
    rule,
    fix: 'atomic-update',
    form: 'SQL text, a column that is NULL before it is counted',
    needs: 'postgres',
    setup: FILES,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function count(id: number): Promise<void> {
        const { rows } = await pool.query('SELECT downloads FROM files WHERE id = $1', [id]);
        await pool.query('UPDATE files SET downloads = $1 WHERE id = $2', [(rows[0].downloads ?? 0) + 1, id]);
      }
    `,
    observe: twice,
    before: 1,
    after: 2,
  }),
];
