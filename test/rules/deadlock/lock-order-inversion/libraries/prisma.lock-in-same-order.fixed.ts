// Idiom of github.com/hoppscotch/hoppscotch: rows locked by raw SQL in an interactive transaction, then changed.
interface Delegate {
  findUnique(query: { where: Record<string, unknown> }): Promise<{ id: string; collectionID: string } | null>;
  create(query: { data: Record<string, unknown> }): Promise<{ id: string }>;
  update(query: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ id: string }>;
  updateMany(query: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ count: number }>;
  deleteMany(query: { where: Record<string, unknown> }): Promise<{ count: number }>;
}
interface TransactionClient {
  teamCollection: Delegate;
  teamRequest: Delegate;
  teamEnvironment: Delegate;
  teamMember: Delegate;
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
  $transaction<T>(queries: Promise<T>[]): Promise<T[]>;
}

export class TeamRequestService {
  constructor(private readonly prisma: PrismaClient) {}

  /** The requests, then their collection. */
  async reorder(collectionID: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.teamCollection.update({ where: { id: collectionID }, data: { reorderedOn: new Date() } });
      await tx.teamRequest.updateMany({ where: { collectionID }, data: { orderIndex: { increment: 1 } } });
    });
  }
}

export class TeamCollectionService {
  constructor(private readonly prisma: PrismaClient) {}

  /** The collection, then its requests. */
  async archive(id: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.teamCollection.update({ where: { id }, data: { archived: true } });
      await this.archiveRequests(id, tx);
      //         ^^^^^^^^^^^^^^^ deadlock/lock-order-inversion low "'archiveRequests' (through 'updateMany') takes a row of 'teamRequest'"
    });
  }

  private async archiveRequests(collectionID: string, tx: TransactionClient) {
    await tx.teamRequest.updateMany({ where: { collectionID }, data: { archived: true } });
  }

  async share(id: string, teamID: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Team" WHERE id = ${teamID} FOR UPDATE`;
      await tx.teamEnvironment.updateMany({ where: { teamID }, data: { shared: true } });
      await tx.teamMember.updateMany({ where: { teamID }, data: { seesShared: true } }); // ok deadlock/lock-order-inversion: both lock the team first
    });
  }

  async unshare(teamID: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Team" WHERE id = ${teamID} FOR UPDATE`;
      await tx.teamMember.updateMany({ where: { teamID }, data: { seesShared: false } });
      await tx.teamEnvironment.updateMany({ where: { teamID }, data: { shared: false } });
    });
  }

  async touch(id: string, teamID: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.teamCollection.update({ where: { id }, data: { touchedBy: teamID } });
      await tx.teamEnvironment.deleteMany({ where: { collectionID: id } }); // ok deadlock/lock-order-inversion: collections come first everywhere
    });
  }

  async add(id: string) {
    await this.prisma.$transaction(async (tx) => {
      const environment = await tx.teamEnvironment.create({ data: { collectionID: id } });
      await tx.teamEnvironment.update({ where: { id: environment.id }, data: { ready: true } }); // ok deadlock/lock-order-inversion: nobody else knows the new row
      await tx.teamCollection.update({ where: { id }, data: { environments: { increment: 1 } } });
    });
  }
}
