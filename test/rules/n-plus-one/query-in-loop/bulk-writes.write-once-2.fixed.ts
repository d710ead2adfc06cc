// Idiom of github.com/vendure-ecommerce/vendure: rows saved one by one.
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
export class Tag {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
  @Column({ default: false }) archived!: boolean;
}

export async function addTags(tags: Repository<Tag>, names: string[]) {
  for (const name of names) {
    await tags.insert({ name });
    //         ^^^^^^ n-plus-one/query-in-loop low "'insert' writes to 'Tag' once per element of 'names'"
  }
}

export async function archiveTags(tags: Repository<Tag>, old: Tag[]) {
  await tags.update({ id: In(old.map((tag) => tag.id)) }, { archived: true });
  //                                      ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Tag'"
}

export async function storeTags(tags: Repository<Tag>, changed: Tag[]) {
  await tags.save(changed); // ok n-plus-one/query-in-loop: the whole list at once
}

export async function renameTags(tags: Repository<Tag>, renamed: { id: string; name: string }[]) {
  for (const { id, name } of renamed) {
    await tags.update({ id }, { name });
    //         ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Tag'"
  }
}

declare const mailer: { sendMail(message: { to: string; text: string }): Promise<void> };

export async function addBackupTags(tags: Repository<Tag>, names: string[]) {
  try {
    await tags.insert(names.map((name) => ({ name }))); // ok n-plus-one/query-in-loop: the whole list at once
  } catch {
    for (const name of names) {
      await tags.insert({ name });
      //         ^^^^^^ n-plus-one/query-in-loop low "'insert' writes to 'Tag'"
    }
  }
  await mailer.sendMail({ to: 'ops@example.org', text: `${names.length} tags` });
}
