// Idiom of github.com/formbricks/formbricks: one helper takes a transaction, the other does not yet.
interface Delegate<Row> {
  create(query: { data: object }): Promise<Row>;
}
interface TransactionClient {
  organization: Delegate<{ id: string; name: string }>;
  membership: Delegate<{ id: string; role: string }>;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(run: (tx: TransactionClient) => Promise<T>): Promise<T>;
}
declare const prisma: PrismaClient;
declare function wrapped<T>(name: string, work: (input: { userId: string; name: string }) => Promise<T>): () => Promise<T>;

const getDbClient = (tx?: TransactionClient): TransactionClient => tx ?? prisma;

const createOrganization = async (name: string): Promise<{ id: string; name: string }> => {
  try {
    const organization = await prisma.organization.create({
      data: { name },
    });
    return organization;
  } catch (error) {
    if (error instanceof TypeError) throw new Error(error.message);
    throw error;
  }
};

const createMembership = async (
  organizationId: string,
  userId: string,
  data: { role: string },
  tx?: TransactionClient
): Promise<{ id: string }> => {
  const client = getDbClient(tx);
  return client.membership.create({ data: { organizationId, userId, ...data } });
};

export const createOrganizationAction = wrapped('created', async ({ userId, name }) => {
  const organization = await createOrganization(name);

  await createMembership(organization.id, userId, {
    //  ^^^^^^^^^^^^^^^^ race-condition/related-writes-without-transaction
    role: 'owner',
  });

  return organization;
});
