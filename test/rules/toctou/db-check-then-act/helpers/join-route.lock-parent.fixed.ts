// Idiom of github.com/umami-software/umami: the route asks one function and calls the other.
import { createMember, getMember, memberships, seats } from './member-queries.ts';
import { prisma } from './client.ts';

declare function authenticated(request: Request): Promise<{ id: string }>;
declare function audit(entry: object): Promise<void>;

export async function join(request: Request, teamId: string) {
  const user = await authenticated(request);
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Team" WHERE "id" = ${teamId}::uuid FOR UPDATE`;
    const known = await getMember(teamId, user.id, tx);
    //                  ^^^^^^^^^ related "Checked here."
    if (known) {
      return Response.json({ error: 'A member already.' }, { status: 400 });
    }

    const member = await createMember(
      //                 ^^^^^^^^^^^^ toctou/db-check-then-act high "'createMember' (through 'create') then stores one"
      user.id,
      teamId,
      'member',
      tx,
    );

    return Response.json(member);
  });
}

export async function joinAudited(request: Request, teamId: string) {
  const user = await authenticated(request);
  const known = await getMember(teamId, user.id);
  //                  ^^^^^^^^^ related "Checked here."
  if (known) throw new Error('A member already.');
  await audit({ teamId, user });
  const member = await createMember(user.id, teamId, 'member');
  //                   ^^^^^^^^^^^^ toctou/db-check-then-act high "'createMember' (through 'create') then stores one"
  return Response.json(member);
}

export async function rejoin(request: Request, teamId: string) {
  const user = await authenticated(request);
  const others = await memberships(user.id);
  const member = await createMember(user.id, teamId, 'member'); // ok toctou/db-check-then-act: it is stored anyhow
  return Response.json({ member, others });
}

export async function joinLimited(request: Request, teamId: string) {
  const user = await authenticated(request);
  const { used } = await seats(teamId);
  //                     ^^^^^ related "Checked here."
  if (used >= 5) throw new Error('The team is full.');
  const member = await createMember(user.id, teamId, 'member');
  //                   ^^^^^^^^^^^^ toctou/db-check-then-act medium "Rows of 'member' are counted"
  return Response.json(member);
}
