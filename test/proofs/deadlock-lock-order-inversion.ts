import { MUTEX_DECLARATIONS, MUTEX_MODULES, outcomeOf } from './deadlock-mutexes.ts';
import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'deadlock/lock-order-inversion';

export const lockOrderInversionProofs: readonly Proof[] = [
  proof<{ enable: (id: number) => Promise<void>; disable: (id: number) => Promise<void> }>({
    rule,
    fix: 'lock-in-same-order',
    form: 'rows of two tables',
    needs: 'postgres',
    setup: `CREATE TABLE tenants (id int PRIMARY KEY, active bool); CREATE TABLE keycards (tenant_id int PRIMARY KEY, valid bool);
      INSERT INTO tenants VALUES (1, true); INSERT INTO keycards VALUES (1, true)`,
    program: program`
      import { Pool, type PoolClient } from 'pg';

      export const pool = new Pool();

      async function withTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await work(client);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }

      export async function enable(id: number): Promise<void> {
        await withTransaction(async (client) => {
          await client.query('UPDATE keycards SET valid = true WHERE tenant_id = $1', [id]);
          await client.query('UPDATE tenants SET active = true WHERE id = $1', [id]);
        });
      }

      export async function disable(id: number): Promise<void> {
        await withTransaction(async (client) => {
          await client.query('UPDATE tenants SET active = false WHERE id = $1', [id]);
          await client.query('UPDATE keycards SET valid = false WHERE tenant_id = $1', [id]);
        });
      }
    `,
    async observe({ enable, disable }, scene) {
      return scene.atOnce(/^UPDATE/, [() => enable(1), () => disable(1)]);
    },
    before: ['40P01', 'done'],
    after: ['done', 'done'],
  }),
  proof<{ save: () => Promise<void>; undo: () => Promise<void> }>({
    rule,
    fix: 'swap-locks',
    form: 'two mutexes',
    declarations: MUTEX_DECLARATIONS,
    modules: MUTEX_MODULES,
    program: program`
      import { Mutex } from 'async-mutex';

      const drafts = new Mutex();
      const versions = new Mutex();
      const written: string[] = [];

      async function write(name: string): Promise<void> {
        await Promise.resolve();
        written.push(name);
      }

      export async function save(): Promise<void> {
        await drafts.runExclusive(() => versions.runExclusive(async () => write('draft')));
      }

      export async function undo(): Promise<void> {
        await versions.runExclusive(async () => {
          await restore();
        });
      }

      async function restore(): Promise<void> {
        await drafts.runExclusive(async () => write('version'));
      }
    `,
    async observe({ save, undo }) {
      return outcomeOf(Promise.all([save(), undo()]).then(() => 'done'));
    },
    before: 'never ends',
    after: 'done',
  }),
];
