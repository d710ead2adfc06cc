// Idiom of github.com/formbricks/formbricks
interface Delegate {
  create(args: { data: Record<string, unknown> }): Promise<{ id: string }>;
  createMany(args: { data: Record<string, unknown>[] }): Promise<{ count: number }>;
  deleteMany(args: { where: Record<string, unknown> }): Promise<{ count: number }>;
}
interface Client {
  organization: Delegate;
  membership: Delegate;
  responseQuotaLink: Delegate;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T> };

async function createMembership(organizationId: string, userId: string, tx: Client = prisma): Promise<void> {
  await tx.membership.create({ data: { organizationId, userId } });
}

export async function createOrganization(name: string, userId: string): Promise<string> {
  const organization = await prisma.organization.create({ data: { name } });
  await createMembership(organization.id, userId);
  //    ^^^^^^^^^^^^^^^^ race-condition/related-writes-without-transaction low "that row stays behind without it"
  return organization.id;
}

export async function linkQuotas(responseId: string, quotaId: string): Promise<void> {
  await prisma.responseQuotaLink.deleteMany({ where: { responseId } });
  await prisma.responseQuotaLink.createMany({ data: [{ responseId, quotaId }] });
  //                             ^^^^^^^^^^ race-condition/related-writes-without-transaction medium "what was there is gone"
}

export async function linkTogether(responseId: string, quotaId: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.responseQuotaLink.deleteMany({ where: { responseId } });
    await tx.responseQuotaLink.createMany({ data: [{ responseId, quotaId }] }); // ok race-condition/related-writes-without-transaction: in a transaction
  });
}

export async function createNested(name: string, userId: string): Promise<string> {
  // ok race-condition/related-writes-without-transaction: one nested write
  const organization = await prisma.organization.create({ data: { name, memberships: { create: { userId } } } });
  return organization.id;
}
