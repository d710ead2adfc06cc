// Idiom of github.com/hoppscotch/hoppscotch: services that take the transaction's client or fall back on their own.
interface Delegate {
  findUnique(query: { where: Record<string, unknown> }): Promise<{ id: string } | null>;
  count(query: { where: Record<string, unknown> }): Promise<number>;
  create(query: { data: Record<string, unknown> }): Promise<{ id: string }>;
  update(query: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ id: string }>;
}
interface TransactionClient {
  folder: Delegate;
  request: Delegate;
  auditLog: Delegate;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
  $transaction<T>(queries: Promise<T>[]): Promise<T[]>;
}
declare const prisma: PrismaClient;

function countRequests(folderId: string, tx: TransactionClient | null = null): Promise<number> {
  return (tx || prisma).request.count({ where: { folderId } });
}

async function renameFolder(id: string, title: string): Promise<void> {
  await prisma.folder.update({ where: { id }, data: { title } });
}

async function addRequest(folderId: string, tx: TransactionClient): Promise<void> {
  await tx.request.create({ data: { folderId } });
  await renameFolder(folderId, 'renamed');
//      ^^^^^^^^^^^^ deadlock/transaction-escape high "'renameFolder' (through 'update') goes to 'folder' through"
}

async function touch(id: string, tx?: TransactionClient): Promise<void> {
  if (tx) {
    await tx.folder.update({ where: { id }, data: { touched: true } });
    return;
  }
  await prisma.folder.update({ where: { id }, data: { touched: true } }); // ok deadlock/transaction-escape: not with a transaction
}

export async function move(id: string, from: string, to: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.request.update({ where: { id }, data: { folderId: to } });
    await prisma.folder.create({ data: { id: from } });
//                      ^^^^^^ deadlock/transaction-escape high "'create' and another query go through 'prisma' while a transaction is open that they are not given"
    const count = await countRequests(to);
//                      ^^^^^^^^^^^^^ related "This is outside as well."
    await countRequests(to, tx); // ok deadlock/transaction-escape: the count sees the request that was moved
    await addRequest(to, tx);
    await touch(to, tx); // ok deadlock/transaction-escape: the other branch is not taken
    if (count > 100) throw new Error('full');
  });
}

export async function locked(id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.folder.update({ where: { id }, data: { open: false } });
    await renameFolder(id, 'closed');
//        ^^^^^^^^^^^^ deadlock/transaction-escape high "'renameFolder' (through 'update') goes to 'folder' through"
  });
}

export async function together(id: string): Promise<void> {
  await prisma.$transaction(async () => {
    await prisma.folder.update({ where: { id }, data: { open: true } });
//                      ^^^^^^ deadlock/transaction-escape high "'update' and another query go through 'prisma' while a"
    await prisma.request.create({ data: { folderId: id } });
  });
}

export async function withAudit(id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.folder.update({ where: { id }, data: { open: true } });
    await tx.auditLog.create({ data: { folderId: id } });
//                        ^^^^^^ deadlock/transaction-escape low "'create' goes to 'auditLog' through 'prisma' while a"
  });
}

export async function shadowed(id: string): Promise<void> {
  await prisma.$transaction(async (prisma) => {
    await prisma.folder.update({ where: { id }, data: { open: true } }); // ok deadlock/transaction-escape: the parameter
  });
}

export async function listed(id: string): Promise<void> {
  // ok deadlock/transaction-escape: one transaction of statements
  await prisma.$transaction([prisma.folder.create({ data: { id } }), prisma.request.create({ data: { folderId: id } })]);
}

export async function afterwards(id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.folder.update({ where: { id }, data: { open: true } });
  });
  await prisma.request.create({ data: { folderId: id } }); // ok deadlock/transaction-escape: it is committed
}
