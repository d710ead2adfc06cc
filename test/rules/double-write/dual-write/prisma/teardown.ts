// Idiom of github.com/documenso/documenso: what is sent depends on what was there, or there is one for each.
import { Queue } from 'bullmq';

interface Client {
  account: { deleteMany(args: { where: { provider: string } }): Promise<{ count: number }> };
  organisation: { delete(args: { where: { id: string } }): Promise<{ id: string }> };
  user: {
    findFirst(args: { where: { id: string } }): Promise<{ id: string; memberships: { organisationId: string }[] } | null>;
    delete(args: { where: { id: string } }): Promise<{ id: string }>;
  };
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T> };

const billing = new Queue<object>('billing');

export const deleteOrganisation = async ({ id, subscriptionId }: { id: string; subscriptionId: string | null }) => {
  await prisma.$transaction(async (tx) => {
    await tx.account.deleteMany({ where: { provider: id } });
    await tx.organisation.delete({ where: { id } });
  });

  if (subscriptionId !== null) {
    await billing.add('cancel-subscription', { subscriptionId, organisationId: id });
    //            ^^^ double-write/dual-write medium "if it fails the caller gets an error"
  }
};

export async function deleteUser(id: string) {
  const user = await prisma.user.findFirst({ where: { id } });
  if (!user) throw new Error('There is no such user.');
  const organisationIds = user.memberships.map(({ organisationId }) => organisationId);

  const deleted = await prisma.user.delete({ where: { id: user.id } });

  for (const organisationId of organisationIds) {
    await billing.add('sync-seats', { organisationId });
    //            ^^^ double-write/dual-write medium "if it fails the caller gets an error"
  }

  return deleted;
}
