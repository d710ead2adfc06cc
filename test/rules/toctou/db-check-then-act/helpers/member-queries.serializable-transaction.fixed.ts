// Idiom of github.com/umami-software/umami: one function for each query.
import { prisma } from './client.ts';

export async function getMember(teamId: string, userId: string) {
  return prisma.member.findFirst({ where: { teamId, userId } });
}

export async function createMember(userId: string, teamId: string, role: string, tx: Pick<typeof prisma, 'member'> = prisma) {
  return tx.member.create({
    data: {
      userId,
      teamId,
      role,
    },
  });
}

export async function memberships(userId: string) {
  return prisma.member.findMany({ where: { userId } });
}

/** How many seats are taken. */
export async function seats(teamId: string, tx: Pick<typeof prisma, 'member'> = prisma) {
  return { used: await countOf(teamId, tx) };
}

async function countOf(teamId: string, tx: Pick<typeof prisma, 'member'> = prisma) {
  return tx.member.count({ where: { teamId } });
}
