// Idiom of github.com/umami-software/umami: the route asks one function and calls the other.
import { createMember, getMember, memberships, seats } from './member-queries.ts';
import { prisma } from './client.ts';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

declare function authenticated(request: Request): Promise<{ id: string }>;
declare function audit(entry: object): Promise<void>;

export async function join(request: Request, teamId: string) {
  const user = await authenticated(request);
  const known = await getMember(teamId, user.id);
  //                  ^^^^^^^^^ related "Checked here."
  if (known) {
    return Response.json({ error: 'A member already.' }, { status: 400 });
  }

  const member = await createMember(
    //                 ^^^^^^^^^^^^ toctou/db-check-then-act high "'createMember' (through 'create') then stores one"
    user.id,
    teamId,
    'member',
  );

  return Response.json(member);
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
  const member = await retryOnConflict(() => prisma.$transaction(async (tx) => {
    const { used } = await seats(teamId, tx);
    //                     ^^^^^ related "Checked here."
    if (used >= 5) throw new Error('The team is full.');
    return createMember(user.id, teamId, 'member', tx);
  }, { isolationLevel: 'Serializable' }));
  //                   ^^^^^^^^^^^^ toctou/db-check-then-act medium "Rows of 'member' are counted"
  return Response.json(member);
}
