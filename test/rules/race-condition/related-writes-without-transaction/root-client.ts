// Idiom of github.com/formbricks/formbricks
interface Delegate {
  create(args: { data: Record<string, unknown> }): Promise<{ id: string }>;
}
interface Client {
  organization: Delegate;
  membership: Delegate;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T> };

async function createOrganization(name: string) {
  return prisma.organization.create({ data: { name } });
}

async function createMembership(organizationId: string, userId: string) {
  return prisma.membership.create({ data: { organizationId, userId } });
}

export async function register(name: string, userId: string) {
  const organization = await createOrganization(name);
  await createMembership(organization.id, userId);
  //    ^^^^^^^^^^^^^^^^ race-condition/related-writes-without-transaction low
  return organization;
}

export async function invite(organizationId: string, userId: string) {
  await createMembership(organizationId, userId); // ok race-condition/related-writes-without-transaction: one row
}
