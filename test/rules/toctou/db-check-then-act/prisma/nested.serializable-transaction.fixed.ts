// Idiom of github.com/hoppscotch/hoppscotch: what a helper found is asked under another condition, options for rows.
import { type Client } from './client.ts';

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

type Option<T> = { readonly _tag: 'Some'; readonly value: T } | { readonly _tag: 'None' };
declare function some<T>(value: T): Option<T>;
declare const none: Option<never>;
declare function isNone(option: Option<unknown>): boolean;
declare function tell(feed: object): void;
declare function isSafe(url: string): Promise<boolean>;

export class FeedService {
  constructor(private readonly prisma: Client) {}

  async add(teamId: string, url: string, isShared: boolean) {
    if (isShared) {
      const known = await this.known(teamId, url);
      //                       ^^^^^ related "Checked here."
      if (!isNone(known)) return { error: 'The team has that feed.' };
    }
    if (url === '') return { error: 'There is no address.' };
    return { feed: await this.prisma.feed.create({ data: { teamId, url } }) };
    //                                    ^^^^^^ toctou/db-check-then-act high "finds no row of 'feed' with this 'teamId' and 'url'"
  }

  async addAndTell(teamId: string, url: string, isShared: boolean) {
    if (isShared) {
      const known = await this.known(teamId, url);
      //                       ^^^^^ related "Checked here."
      if (!isNone(known)) return { error: 'The team has that feed.' };
    }
    const feed = await this.prisma.feed.create({ data: { teamId, url } });
    //                                  ^^^^^^ toctou/db-check-then-act high "finds no row of 'feed' with this 'teamId' and 'url'"
    await isSafe(feed.url);
    tell(feed);
    return { feed };
  }

  async dismiss(names: string[]) {
    await retryOnConflict(() => this.prisma.$transaction(async (tx) => {
      const admins = await tx.user.findMany({ where: { isAdmin: true } });
      //                                    ^^^^^^^^ related "Checked here."
      const remaining = admins.filter((admin) => !names.includes(admin.name));
      if (remaining.length < 1) throw new Error('The last administrator stays.');
      await tx.user.updateMany({ where: { name: { in: names } }, data: { isAdmin: false } });
    }, { isolationLevel: 'Serializable' }));
    //                     ^^^^^^^^^^ toctou/db-check-then-act medium "Rows of 'user' are counted"
  }

  async addUnlessTold(teamId: string, url: string, isShared: boolean) {
    if (isShared) {
      const known = await this.known(teamId, url);
      if (!isNone(known)) await isSafe(url);
    }
    // ok toctou/db-check-then-act: it is stored whatever was found
    return this.prisma.feed.create({ data: { teamId, url } });
  }

  async addForOthers(teamId: string, url: string, isShared: boolean) {
    if (isShared) {
      const known = await this.known(teamId, url);
      if (!isNone(known)) return { error: 'The team has that feed.' };
      return { error: 'Ask the team.' };
    }
    // ok toctou/db-check-then-act: nobody asked on this way
    return { feed: await this.prisma.feed.create({ data: { teamId, url } }) };
  }

  async rename(names: string[], name: string) {
    const admins = await this.prisma.user.findMany({ where: { isAdmin: true } });
    const others = admins.filter((admin) => !names.includes(admin.name));
    if (others.length < 1) throw new Error('Somebody keeps a name.');
    // ok toctou/db-check-then-act: who is an administrator stays as it is
    await this.prisma.user.updateMany({ where: { name: { in: names } }, data: { name } });
  }

  private async known(teamId: string, url: string): Promise<Option<object>> {
    const feed = await this.prisma.feed.findFirst({ where: { teamId, url } });
    if (feed === null) return none;
    return some(feed);
  }
}
