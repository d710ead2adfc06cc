// Idiom of github.com/hoppscotch/hoppscotch
import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';

/** Collects the keys asked for in one tick and loads them together; the package dataloader does this and more. */
function createLoader<K, V>(load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>): (key: K) => Promise<V> {
  let batch: { keys: K[]; values: Promise<readonly (V | Error)[]> } | undefined;
  return async (key) => {
    const keys = batch?.keys ?? [];
    const position = keys.push(key) - 1;
    batch ??= {
      keys,
      values: new Promise((resolve) => {
        setImmediate(() => {
          batch = undefined;
          resolve(load(keys));
        });
      }),
    };
    const value = (await batch.values)[position];
    if (value instanceof Error) throw value;
    return value as V;
  };
}

class Team {
  id: string;
  name: string;
  ownerId: string;
  billingId?: string;
  billingPlan?: { name: string } | null;
  members?: Member[];
}
class Member {
  id: string;
  teamId: string;
  userId: string;
}
class User {
  id: string;
  email: string;
}
class Plan {
  teamId: string;
  name: string;
}
class Settings {
  id: string;
  region: string;
}

interface PrismaService {
  team: { findMany(options: { take: number; include?: object }): Promise<Team[]> };
  member: {
    findMany(options: { where: { teamId: string | { in: string[] } }; orderBy?: object; take?: number }): Promise<Member[]>;
    count(options: { where: { teamId: string } }): Promise<number>;
    groupBy(options: {
      by: ['teamId'];
      where: { teamId: { in: string[] } };
      _count: { _all: true };
    }): Promise<{ teamId: string; _count: { _all: number } }[]>;
  };
  user: {
    findUnique(options: { where: { id: string } }): Promise<User | null>;
    findFirst(options: { where: { id: string } }): Promise<User | null>;
    findMany(options: { where: { id: { in: string[] } } }): Promise<User[]>;
  };
  plan: {
    findFirst(options: { where: { teamId: string; current: true } }): Promise<Plan | null>;
    findMany(options: { where: { teamId: { in: string[] }; current: true } }): Promise<Plan[]>;
  };
  settings: { findFirst(): Promise<Settings> };
  region: { findFirst(options: { where: { settingsId: string } }): Promise<{ name: string }> };
}

export class UserService {
  constructor(private readonly prisma: PrismaService) {}

  async findUserById(id: string) {
    return this.prisma.user.findFirst({ where: { id } });
  }

  async user(args: { where: { id: string } }): Promise<User> {
    const user = await this.prisma.user.findFirst({ where: { id: args.where.id } });
    if (!user) {
      throw new GraphQLError(`Cannot find user with ID ${args.where.id}`);
    }
    return user;
  }
}

@Resolver(() => Team)
export class TeamResolver {
  private readonly ownerLoader = new DataLoader(async (ids: readonly string[]) => {
    const users = await this.prisma.user.findMany({ where: { id: { in: [...ids] } } });
    return ids.map((id) => users.find((user) => user.id === id) ?? null);
  });

  constructor(
    private readonly prisma: PrismaService,
    private readonly users: UserService,
  ) {}

  @Query(() => [Team])
  teams() {
    return this.prisma.team.findMany({ take: 100 });
  }

  @ResolveField(() => [Member])
  async members(@Parent() team: Team) {
    return this.prisma.member.findMany({ where: { teamId: team.id }, orderBy: { id: 'asc' } });
//                            ^^^^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Team.members' queries 'member' by 'findMany' once"
  }

  @ResolveField(() => Number)
  memberCount(@Parent() team: Team): Promise<number> {
    return this.prisma.member.count({ where: { teamId: team.id } });
//                            ^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Team.memberCount' queries 'member' by 'count' once"
  }

  @ResolveField(() => User)
  owner(@Parent() team: Team) {
    return this.users.findUserById(team.ownerId);
//                    ^^^^^^^^^^^^ n-plus-one/resolver-n-plus-one medium "The resolver of 'Team.owner' queries 'user' by 'findUserById'"
  }

  @ResolveField(() => [Member])
  newestMembers(@Parent() team: Team, @Args('count') count: number) {
    return this.prisma.member.findMany({ where: { teamId: team.id }, take: count });
//                            ^^^^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Team.newestMembers' queries 'member' by 'findMany'"
  }

  @ResolveField(() => User)
  async billing(@Parent() team: Team): Promise<User | null> {
    if (!team.billingId) {
      return null;
    }
    return this.users.user({ where: { id: team.billingId } });
//                    ^^^^ n-plus-one/resolver-n-plus-one medium "The resolver of 'Team.billing' queries 'user' by 'user' (through 'findFirst')"
  }

  @ResolveField(() => User)
  ownerByLoader(@Parent() team: Team) {
    return this.ownerLoader.load(team.ownerId); // ok n-plus-one/resolver-n-plus-one: the loader collects the keys of one tick
  }

  @ResolveField(() => User)
  ownerBatched(@Parent() team: Team) {
    return this.prisma.user.findUnique({ where: { id: team.ownerId } }); // ok n-plus-one/resolver-n-plus-one: Prisma merges the findUnique calls of one tick
  }

  private readonly planLoader = createLoader(async (keys: readonly string[]) => {
    const plans = await this.prisma.plan.findMany({ where: { teamId: { in: [...keys] }, current: true } });
    const plansByTeamId = new Map<unknown, (typeof plans)[number]>();
    for (const plan of plans) plansByTeamId.set(plan.teamId, plan);
    return keys.map((key) => plansByTeamId.get(key) ?? null);
  });

  @ResolveField(() => String)
  async plan(@Parent() team: Team) {
    if (team.billingPlan !== undefined) return team.billingPlan;
    return this.planLoader(team.id);
//                          ^^^^^^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Team.plan' queries 'plan' by 'findFirst' once per"
  }

  @ResolveField(() => String)
  label(@Parent() team: Team) {
    return team.name.toUpperCase(); // ok n-plus-one/resolver-n-plus-one: the parent holds it already
  }
}

@Resolver(() => Settings)
export class SettingsResolver {
  constructor(private readonly prisma: PrismaService) {}

  @Query(() => Settings)
  settings() {
    return this.prisma.settings.findFirst();
  }

  @ResolveField(() => String)
  regionName(@Parent() settings: Settings) {
    return this.prisma.region.findFirst({ where: { settingsId: settings.id } }); // ok n-plus-one/resolver-n-plus-one: there is one Settings per answer
  }
}
