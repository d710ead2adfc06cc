// Idiom of github.com/timgit/pg-boss: jobs are rows, and can be rows of the caller's transaction.
import PgBoss from 'pg-boss';
import { Column, type DataSource, Entity, type EntityManager, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Report {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() title!: string;
}

const boss = new PgBoss('postgres://db');

const through = (manager: EntityManager) => ({
  executeSql: async (text: string, values: unknown[]) => ({ rows: (await manager.query(text, values)) as unknown[] }),
});

export async function create(source: DataSource, title: string) {
  await source.transaction(async (manager) => {
    const report = await manager.save(Report, { title });
    await boss.send('render', { reportId: report.id }, { db: through(manager) }); // ok double-write/effect-before-commit-visible: the job is a row of the same transaction
  });
}

export async function createBeside(source: DataSource, title: string) {
  await source.transaction(async (manager) => {
    const report = await manager.save(Report, { title });
    await boss.send('render', { reportId: report.id });
    //         ^^^^ double-write/effect-before-commit-visible high "'send' sends the job 'render'"
  });
}
