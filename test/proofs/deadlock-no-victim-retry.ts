import { type Proof, program, proof } from './harness/proof.ts';

export const noVictimRetryProofs: readonly Proof[] = [
  proof<{ start: () => Promise<void>; take: (id: number) => Promise<void> }>({
    rule: 'deadlock/no-victim-retry',
    fix: 'retry-transaction',
    form: 'TypeORM, a serializable transaction',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Berth {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        free: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Berth],
        synchronize: true,
      });

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.getRepository(Berth).insert({ free: 5 });
      }

      export async function take(id: number): Promise<void> {
        await dataSource.transaction('SERIALIZABLE', async (manager) => {
          const berth = await manager.findOneByOrFail(Berth, { id });
          await manager.update(Berth, id, { free: berth.free - 1 });
        });
      }
    `,
    async observe({ start, take }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT .* FROM "berth"/s, [() => take(1), () => take(1)]);
      return { outcomes, free: await scene.postgres.query('SELECT free FROM berth') };
    },
    before: { outcomes: ['40001', 'done'], free: [{ free: 4 }] },
    after: { outcomes: ['done', 'done'], free: [{ free: 3 }] },
  }),
];
