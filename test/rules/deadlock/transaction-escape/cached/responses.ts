// Idiom of github.com/formbricks/formbricks: reads that are cached for a request, in a function that is given the transaction.
import { cache as reactCache } from 'react';

interface Row {
  id: string;
  organizationId: string;
}
interface Delegate {
  findUnique(query: { where: { id: string } }): Promise<Row | null>;
  create(query: { data: object }): Promise<Row>;
}
interface TransactionClient {
  workspace: Delegate;
  organization: Delegate;
  response: Delegate;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
}
declare const prisma: PrismaClient;
declare function memoized<Fn extends (...args: never[]) => unknown>(fn: Fn): Fn;
declare function validate(...values: unknown[]): void;

const getWorkspace = reactCache(async (workspaceId: string): Promise<Row | null> => {
  validate(workspaceId);
  try {
    return await prisma.workspace.findUnique({ where: { id: workspaceId } });
  } catch (error) {
    throw new Error(`Not read: ${error}`);
  }
});

const getOrganizationId = reactCache(async (workspaceId: string): Promise<string> => {
  const workspace = await getWorkspace(workspaceId);
  if (!workspace) throw new Error('There is no such workspace.');
  return workspace.organizationId;
});

export async function createResponse(workspaceId: string, tx?: TransactionClient): Promise<Row> {
  const organizationId = await getOrganizationId(workspaceId);
  //                           ^^^^^^^^^^^^^^^^^ deadlock/transaction-escape
  return (tx ?? prisma).response.create({ data: { organizationId } });
}

export async function respond(workspaceId: string): Promise<Row> {
  return prisma.$transaction(async (tx) => {
    const response = await createResponse(workspaceId, tx);
    return response;
  });
}

/** What it keeps answers by is made of its arguments. */
const getName = memoized(async (id: string): Promise<string> => {
  const organization = await prisma.organization.findUnique({ where: { id } });
  return organization?.id ?? '';
});

export async function createNamed(id: string, tx?: TransactionClient): Promise<Row> {
  const name = await getName(id);
  //                 ^^^^^^^ deadlock/transaction-escape
  return (tx ?? prisma).response.create({ data: { name } });
}

export async function respondNamed(id: string): Promise<Row> {
  return prisma.$transaction(async (tx) => createNamed(id, tx));
}
