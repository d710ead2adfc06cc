// Idiom of github.com/linkwarden/linkwarden: helpers of helpers, one of which walks a tree.
interface Delegate {
  findMany(query: { where: Record<string, unknown> }): Promise<{ id: number }[]>;
  create(query: { data: Record<string, unknown> }): Promise<{ id: number }>;
  deleteMany(query: { where: Record<string, unknown> }): Promise<{ count: number }>;
  delete(query: { where: Record<string, unknown> }): Promise<{ id: number }>;
}
interface TransactionClient {
  collection: Delegate;
  link: Delegate;
  tag: Delegate;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
}
declare const prisma: PrismaClient;

export async function archiveCollection(id: number): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.link.deleteMany({ where: { collectionId: id } });
    await noteSubCollections(id, tx);
    //    ^^^^^^^^^^^^^^^^^^ deadlock/transaction-escape high "through 'prisma' while a transaction is open"
    await tx.collection.delete({ where: { id } });
  });
}

async function noteSubCollections(parentId: number, tx: Pick<typeof prisma, 'collection' | 'tag'> = prisma): Promise<void> {
  const children = await tx.collection.findMany({ where: { parentId } });
  for (const child of children) {
    await noteSubCollections(child.id, tx);
    await note(
    //    ^^^^ n-plus-one/query-in-loop low
      child.id,
      'archived',
      undefined, tx,
    );
  }
}

async function note(collectionId: number, state: string, by = 'system', tx: Pick<typeof prisma, 'tag'> = prisma): Promise<void> {
  const add = async (name: string) => tx.tag.create({ data: { collectionId, name } });
  await add(`${by}:${state}`);
}

export async function star(collectionId: number): Promise<void> {
  await note(collectionId, 'starred', 'user'); // ok deadlock/transaction-escape: in no transaction
}

/** What it calls opens a transaction of its own, which no other can hold. */
export async function replace(id: number): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.link.deleteMany({ where: { collectionId: id } });
    await retag(id);
    //    ^^^^^ deadlock/transaction-escape
  });
}

async function retag(collectionId: number): Promise<void> {
  await prisma.tag.deleteMany({ where: { collectionId } });
  await prisma.$transaction(async (tx) => {
    await tx.tag.create({ data: { collectionId } });
  });
}
