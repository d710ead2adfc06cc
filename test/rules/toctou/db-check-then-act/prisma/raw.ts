// Idiom of github.com/formbricks/formbricks: a client with an extension, and SQL where the client's own words end.
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient().$extends({ name: 'tracing' });

interface Seat {
  taken_by: string | null;
}

export async function take(id: string, userId: string) {
  const [seat] = await prisma.$queryRaw<Seat[]>`SELECT taken_by FROM "Seat" WHERE id = ${id}`;
  //                          ^^^^^^^^^ related "Checked here."
  if (seat?.taken_by !== null) throw new Error('The seat is taken.');
  await prisma.$executeRaw`UPDATE "Seat" SET taken_by = ${userId} WHERE id = ${id}`;
  //           ^^^^^^^^^^^ toctou/db-check-then-act medium "'taken_by' of 'Seat'"
}

export async function takeFree(id: string, userId: string) {
  const [seat] = await prisma.$queryRaw<Seat[]>`SELECT taken_by FROM "Seat" WHERE id = ${id}`;
  if (seat?.taken_by !== null) throw new Error('The seat is taken.');
  // ok toctou/db-check-then-act: only while it is free, and whether it was is looked at
  const count = await prisma.$executeRaw`UPDATE "Seat" SET taken_by = ${userId} WHERE id = ${id} AND taken_by IS NULL`;
  if (count === 0) throw new Error('The seat is taken.');
}

export async function takeLocked(id: string, userId: string) {
  await prisma.$transaction(async (tx) => {
    const [seat] = await tx.$queryRaw<Seat[]>`SELECT taken_by FROM "Seat" WHERE id = ${id} FOR UPDATE`;
    if (seat?.taken_by !== null) throw new Error('The seat is taken.');
    await tx.$executeRaw`UPDATE "Seat" SET taken_by = ${userId} WHERE id = ${id}`; // ok toctou/db-check-then-act: locked by its read
  });
}

export async function join(teamId: string, userId: string) {
  const known = await prisma.member.findFirst({ where: { teamId, userId } });
  //                                ^^^^^^^^^ related "Checked here."
  if (known === null) {
    await prisma.member.create({ data: { teamId, userId } });
    //                  ^^^^^^ toctou/db-check-then-act low "unhandled conflict"
  }
}

export async function joinOnce(teamId: string, userId: string) {
  const [known] = await prisma.$queryRaw<object[]>`SELECT 1 FROM "Member" WHERE "teamId" = ${teamId} AND "userId" = ${userId}`;
  if (known) return;
  // ok toctou/db-check-then-act: a second one does nothing
  await prisma.$executeRaw`INSERT INTO "Member" ("teamId", "userId") VALUES (${teamId}, ${userId}) ON CONFLICT DO NOTHING`;
}
