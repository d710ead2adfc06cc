// Idiom of github.com/outline/outline: jobs of bull, named or not, with rows that their processors load.
import Queue from 'bull';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Import {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() state!: string;
}

const importQueue = new Queue<{ importId: string }>('imports');

export async function startImport(source: DataSource) {
  const created = await source.transaction(async (manager) => {
  //            ^^^^^^^^^^^ related "The transaction begins here."
    const created = await manager.save(Import, { state: 'created' });
    //                ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Import' is committed"
    return created;
  });
  await importQueue.add({ importId: created.id });
  return created;
}

export async function startNotionImport(source: DataSource) {
  return source.transaction(async (manager) => {
  //            ^^^^^^^^^^^ related "The transaction begins here."
    const created = await manager.save(Import, { state: 'created' });
    await importQueue.add('notion', { importId: created.id }, { attempts: 3 });
    //                ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Import' is committed"
    return created;
  });
}

export async function startImportAfterwards(source: DataSource) {
  const { id } = await source.transaction(async (manager) => manager.save(Import, { state: 'created' }));
  //                                                                 ^^^^ related "Written to 'Import' here."
  await importQueue.add({ importId: id }); // ok double-write/effect-before-commit-visible: after the commit
  //                ^^^ double-write/dual-write low "if it fails the caller gets an error"
}

export async function startImportFirst(source: DataSource, importId: string) {
  await importQueue.add({ importId }); // ok double-write/effect-before-commit-visible: before it begins
  await source.transaction(async (manager) => {
    await manager.update(Import, { id: importId }, { state: 'created' });
  });
}

export async function retry(source: DataSource, importId: string) {
  await source.transaction(async (manager) => {
  //           ^^^^^^^^^^^ related "The transaction begins here."
    const found = await manager.findOneBy(Import, { id: importId });
    if (found !== null) await importQueue.add({ importId }); // ok double-write/effect-before-commit-visible: nothing is written
    //                                    ^^^ double-write/effect-in-transaction low "its connection is held"
  });
}
