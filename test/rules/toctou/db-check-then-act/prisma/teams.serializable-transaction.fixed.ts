// Idiom of github.com/hoppscotch/hoppscotch: limits and last owners, results instead of exceptions.
import { type Client, prisma } from './client.ts';

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

declare function publish(topic: string, payload: unknown): void;
declare function isSafe(url: string): Promise<boolean>;

export class TeamService {
  constructor(
    private readonly prisma: Client,
    private readonly fetcher: { load(url: string): Promise<string> },
  ) {}

  async leave(teamId: string, userId: string) {
    const owners = await this.prisma.member.count({ where: { teamId, role: 'OWNER' } });
    //                                      ^^^^^ related "Checked here."
    if (owners <= 1) return { error: 'The last owner stays.' };
    const member = await this.prisma.member.delete({ where: { teamId_userId: { teamId, userId } } });
    //                                      ^^^^^^ toctou/db-check-then-act medium "Rows of 'member' are counted"
    publish(`team/${teamId}`, member);
    return { member };
  }

  async demote(userIds: string[]) {
    await retryOnConflict(() => this.prisma.$transaction(async (tx) => {
      const admins = await tx.user.findMany({ where: { isAdmin: true } });
      //                                    ^^^^^^^^ related "Checked here."
      if (admins.length - userIds.length <= 0) throw new Error('The last administrator stays.');
      await tx.user.updateMany({ where: { id: { in: userIds } }, data: { isAdmin: false } });
    }, { isolationLevel: 'Serializable' }));
    //                     ^^^^^^^^^^ toctou/db-check-then-act medium "Rows of 'user' are counted"
  }

  async rename(userIds: string[], name: string) {
    const admins = await this.prisma.user.findMany({ where: { isAdmin: true } });
    if (admins.length - userIds.length <= 0) throw new Error('Somebody else keeps a name.');
    // ok toctou/db-check-then-act: what was counted stays as it is
    await this.prisma.user.updateMany({ where: { id: { in: userIds } }, data: { name } });
  }

  async subscribe(teamId: string, url: string) {
    const count = await this.prisma.feed.count({ where: { teamId } });
    //                                   ^^^^^ related "Checked here."
    if (count >= 20) return { error: 'That is the limit.' };
    await this.fetcher.load(url);
    const feed = await this.prisma.feed.create({ data: { teamId, url } });
    //                                  ^^^^^^ toctou/db-check-then-act low "Rows of 'feed' are counted"
    publish(`team/${teamId}`, feed);
    return { feed };
  }

  async add(teamId: string, url: string) {
    const known = await this.prisma.feed.findFirst({ where: { teamId, url } });
    //                                   ^^^^^^^^^ related "Checked here."
    if (known) throw new Error('There is such a feed.');
    const feed = await this.prisma.feed.create({ data: { teamId, url } });
    //                                  ^^^^^^ toctou/db-check-then-act high "no row of 'feed' with this 'teamId' and 'url'"
    return feed.id;
  }

  async addOnce(teamId: string, url: string) {
    const count = await this.prisma.feed.count({ where: { teamId } });
    if (count >= 20) throw new Error('That is the limit.');
    await this.fetcher.load(url);
    return this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Team" WHERE id = ${teamId} FOR UPDATE`;
      const again = await tx.feed.count({ where: { teamId } });
      if (again >= 20) throw new Error('That is the limit.');
      return tx.feed.create({ data: { teamId, url } }); // ok toctou/db-check-then-act: counted again under the lock
    });
  }
}

export async function tagOf(name: string) {
  const tag = await prisma.tag.findUnique({ where: { name } });
  //                           ^^^^^^^^^^ related "Checked here."
  if (tag) return tag;
  return prisma.tag.create({ data: { name } });
  //                ^^^^^^ toctou/db-check-then-act low "fails with an unhandled conflict"
}

export async function check(url: string) {
  if (!(await isSafe(url))) return null;
  const feed = await prisma.feed.findFirst({ where: { url } });
  return feed; // nothing is written
}
