// Idiom of github.com/documenso/documenso: a state that is checked, then set in a transaction with its log.
import { prisma } from './client.ts';

declare function mail(documentId: string): Promise<void>;

export async function cancel(id: string) {
  const document = await prisma.document.findUnique({ where: { id } });
  //                                     ^^^^^^^^^^ related "Checked here."
  if (document === null) throw new Error('There is no such document.');
  if (document.status !== 'PENDING') {
    throw new Error(
      'Only pending documents can be cancelled.',
    );
  }
  const cancelled = await prisma.$transaction(async (tx) => {
    const changed = await tx.document.updateMany({
      //                              ^^^^^^ toctou/db-check-then-act medium "'status' of 'document'"
      where: { id: document.id, status: 'PENDING' },
      data: { status: 'CANCELLED', cancelledAt: new Date() },
    });
    if (changed.count === 0) {
      throw new Error(
        'Only pending documents can be cancelled.',
      );
    }
    const updated = await tx.document.findUniqueOrThrow({ where: { id: document.id } });
    await tx.auditLog.create({ data: { documentId: id } });
    return updated;
  });
  await mail(id);
  return cancelled;
}

function isClosed(status: string): boolean {
  return status === 'CANCELLED' || status === 'COMPLETED';
}

/** Whatever the helper asks, the status is to be the one it was asked about. */
export async function send(id: string) {
  const document = await prisma.document.findUnique({ where: { id } });
  //                                     ^^^^^^^^^^ related "Checked here."
  if (document === null || isClosed(document.status)) throw new Error('The document is closed.');
  return prisma.$transaction(async (tx) => {
    await tx.auditLog.create({ data: { documentId: id } });
    return await tx.document.update({
      //                     ^^^^^^ toctou/db-check-then-act medium "'status' of 'document'"
      where: { id },
      data: { status: 'PENDING' },
      include: { recipients: true },
    });
  });
}

export async function retitle(id: string, title: string) {
  const document = await prisma.document.findUnique({ where: { id } });
  if (document?.status !== 'DRAFT') throw new Error('Only drafts can be changed.');
  await prisma.document.update({ where: { id }, data: { title } }); // ok toctou/db-check-then-act: the status stays as it is
}

export async function cancelOnce(id: string) {
  const document = await prisma.document.findUnique({ where: { id } });
  if (document?.status !== 'PENDING') throw new Error('Only pending documents can be cancelled.');
  const cancelled = await prisma.document.updateMany({
    where: { id, status: 'PENDING' },
    data: { status: 'CANCELLED' },
  }); // ok toctou/db-check-then-act: the write checks again
  if (cancelled.count === 0) throw new Error('Only pending documents can be cancelled.');
  await prisma.auditLog.create({ data: { documentId: id } });
}

export async function reject(id: string, user: { status: string }) {
  const document = await prisma.document.findUnique({ where: { id } });
  //                                     ^^^^^^^^^^ related "Checked here."
  if (document === null || user.status !== 'ACTIVE' || document.status !== 'PENDING') {
    throw new Error('The document cannot be rejected.');
  }
  await prisma.document.update({ where: { id }, data: { status: 'REJECTED' } });
  //                    ^^^^^^ toctou/db-check-then-act medium "'status' of 'document'"
  await prisma.auditLog.create({ data: { documentId: id } });
}

export async function promote(teamId: string, userId: string) {
  const member = await prisma.member.findUnique({ where: { teamId_userId: { teamId, userId } } });
  //                                 ^^^^^^^^^^ related "Checked here."
  if (member?.role !== 'EDITOR') throw new Error('Only editors are promoted.');
  await prisma.member.update({ where: { teamId_userId: { teamId, userId } }, data: { role: 'OWNER' } });
  //                  ^^^^^^ toctou/db-check-then-act medium "'role' of 'member'"
  await prisma.auditLog.create({ data: { documentId: teamId } });
}
