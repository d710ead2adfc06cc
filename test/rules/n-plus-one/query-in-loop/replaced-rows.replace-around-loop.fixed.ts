// Idiom of github.com/linkwarden/linkwarden: the members of each sub-collection are deleted and written anew.
import { Column, Entity, PrimaryGeneratedColumn, type EntityManager } from 'typeorm';

interface Member {
  userId: number;
  canEdit: boolean;
}
interface Collection {
  id: number;
  ownerId: number;
}
interface Client {
  access: {
    deleteMany(options: { where: { collectionId: number | { in: number[] } } }): Promise<{ count: number }>;
    createMany(options: { data: { userId: number; collectionId: number; canEdit: boolean }[] }): Promise<{ count: number }>;
  };
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T> };

@Entity()
class Tag {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  postId: number;

  @Column()
  name: string;
}

export async function propagate(collections: Collection[], members: Member[]) {
  await prisma.$transaction(async (tx) => {
    await tx.access.deleteMany({ where: { collectionId: { in: collections.map((collection) => collection.id) } } });
    const newRows = [];
    for (const collection of collections) {
      const others = members.filter((member) => member.userId !== collection.ownerId);

      if (others.length > 0) {
        newRows.push(...others.map((member) => ({ ...member, collectionId: collection.id })));
      }
    }
    if (newRows.length > 0) await tx.access.createMany({ data: newRows });
  });
}

/** The transaction is given to nobody: what fails in between would lose the rows of all collections. */
export async function propagateOutside(collections: Collection[]) {
  await prisma.$transaction(async () => {
    for (const collection of collections) {
      await prisma.access.deleteMany({ where: { collectionId: collection.id } });
      //                  ^^^^^^^^^^ n-plus-one/query-in-loop medium "'deleteMany' writes to 'access'"
      //                  ^^^^^^^^^^ deadlock/transaction-escape high
      await prisma.access.createMany({ data: [{ userId: 1, canEdit: true, collectionId: collection.id }] });
    }
  });
}

/** What is written for one post may be what the deletion for another looks for. */
export async function move(moves: { from: number; to: number; tag: string }[], manager: EntityManager) {
  await manager.transaction(async (tx) => {
    for (const { from, to, tag } of moves) {
      await tx.delete(Tag, { postId: from });
      //       ^^^^^^ n-plus-one/query-in-loop medium "'delete' writes to 'Tag'"
      //       ^^^^^^ deadlock/unordered-locks medium
      await tx.insert(Tag, { postId: to, name: tag });
    }
  });
}
