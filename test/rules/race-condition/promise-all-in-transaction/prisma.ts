// Idiom of github.com/documenso/documenso
interface Model {
  create(args: { data: Record<string, unknown> }): Promise<{ id: number }>;
  createMany(args: { data: Record<string, unknown>[] }): Promise<{ count: number }>;
  findMany(args: { where: Record<string, unknown> }): Promise<{ id: number }[]>;
}
interface Client {
  field: Model;
  auditLog: Model;
}
declare const prisma: Client & {
  $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T>;
  $transaction<T>(queries: Promise<T>[]): Promise<T[]>;
};
declare function chunk<T>(list: T[], size: number): T[][];

export async function addFields(pages: { page: number }[]): Promise<number[]> {
  return await prisma.$transaction(async (tx) => {
    return await Promise.all(
    //           ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'createMany'"
      chunk(pages, 50).map(async (part) => {
        const added = await tx.field.createMany({ data: part });
        await tx.auditLog.create({ data: { added: added.count } });
        return added.count;
      }),
    );
  });
}

export async function addOnly(page: number): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await Promise.all([tx.field.create({ data: { page } }), tx.auditLog.create({ data: { page } })]);
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
  });
}

export async function addBatch(page: number): Promise<void> {
  // ok race-condition/promise-all-in-transaction: the array form runs them in order
  await prisma.$transaction([prisma.field.create({ data: { page } }), prisma.auditLog.create({ data: { page } })]);
}

export async function readBoth(): Promise<void> {
  await prisma.$transaction(async (tx) => {
    // ok race-condition/promise-all-in-transaction: one write, the others only read
    await Promise.all([tx.field.findMany({ where: {} }), tx.auditLog.create({ data: {} })]);
  });
}

export async function eitherOr(pages: { page: number }[]): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await Promise.all(
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
      chunk(pages, 50).map(async (part) => {
        // One or the other, never both.
        if (part.length === 1) await tx.field.create({ data: {} });
        else await tx.field.createMany({ data: part });
      }),
    );
  });
}

export async function addInTurn(pages: { page: number }[]): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.field.createMany({ data: pages });
    await tx.auditLog.create({ data: { added: pages.length } }); // ok race-condition/promise-all-in-transaction: one after another
  });
}
