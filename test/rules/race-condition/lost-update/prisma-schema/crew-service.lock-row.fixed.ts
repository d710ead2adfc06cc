// Idiom of github.com/linkwarden/linkwarden: a client whose schema says what the tables are called.
interface Crew {
  id: string;
  slug: string;
  order: string[];
  settings: Record<string, unknown>;
  updatedAt: Date;
}
interface Crews {
  findUnique(args: { where: object; select?: object }): Promise<Crew | null>;
  findUniqueOrThrow(args: { where: object; select?: object }): Promise<Crew>;
  update(args: { where: object; data: object; include?: object }): Promise<Crew>;
}
interface Transaction {
  crew: Crews;
  log: { create(args: { data: object }): Promise<void> };
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}
declare class PrismaService {
  crew: Crews;
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
  $transaction<T>(run: (tx: Transaction) => Promise<T>, options?: { isolationLevel?: 'Serializable' }): Promise<T>;
}
declare function preview(settings: unknown): Promise<object>;
declare function merged(settings: object, patch: object): object;

export class CrewService {
  constructor(private readonly prisma: PrismaService) {}

  async leave(crewId: string, memberId: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "crews" WHERE "id" = ${crewId}::uuid FOR UPDATE`;
      const crew = await tx.crew.findUnique({ where: { id: crewId }, select: { order: true } });
      //                                  ^^^^^^^^^^ related "Read here."
      if (crew)
        await tx.crew.update({
          //                   ^^^^^^ race-condition/lost-update low "'order' of 'crew'"
          where: { id: crewId },
          data: { order: { set: crew.order.filter((one) => one !== memberId) } },
        });
    });
  }

  /** The row was read by the caller. */
  async remember(crew: Crew, theme: string) {
    await preview(crew.settings);
    const settings = { ...crew.settings, theme };
    const updated = await this.prisma.crew.update({ where: { id: crew.id }, data: { settings } });
    return updated.settings;
  }

  async choose(slug: string, theme: string) {
    const crew = await this.prisma.crew.findUnique({ where: { slug } });
    //                                  ^^^^^^^^^^ related "Read here."
    if (crew === null) throw new Error('There is no such crew.');
    return this.remember(crew, theme);
    //          ^^^^^^^^ race-condition/lost-update low "'settings' of 'crew'"
  }

  async store(slug: string, settings: object) {
    const stored = await this.prisma.crew.update({ where: { slug }, data: { settings } });
    return stored.settings;
  }

  // What is stored has the column's name and is not what was read: no fix computes it anew.
  async adjust(slug: string, theme: string) {
    const crew = await this.prisma.crew.findUnique({ where: { slug } });
    //                                  ^^^^^^^^^^ related "Read here."
    if (crew === null) throw new Error('There is no such crew.');
    return this.store(slug, { ...crew.settings, theme });
    //          ^^^^^ race-condition/lost-update low "'settings' of 'crew'"
  }

  async patch(crewId: string, patch: object) {
    const crew = await this.prisma.crew.findUnique({ where: { id: crewId } });
    //                                  ^^^^^^^^^^ related "Read here."
    if (crew === null) throw new Error('There is no such crew.');
    const settings = merged(crew.settings, patch);
    return this.prisma.$transaction(async (tx) => {
      await tx.log.create({ data: { crewId } });
      return tx.crew.update({ where: { id: crewId }, data: { settings: { ...settings, ...crew.settings } } });
      //             ^^^^^^ race-condition/lost-update low "'settings' of 'crew'"
    });
  }

  async leaveLocked(crewId: string, memberId: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM crews WHERE id = ${crewId} FOR UPDATE`;
      const crew = await tx.crew.findUniqueOrThrow({ where: { id: crewId } });
      const order = crew.order.filter((one) => one !== memberId);
      await tx.crew.update({ where: { id: crewId }, data: { order } }); // ok race-condition/lost-update: the row is locked before it is read
    });
  }

  async lockedTooLate(crewId: string, memberId: string) {
    const crew = await this.prisma.crew.findUnique({ where: { id: crewId } });
    //                                  ^^^^^^^^^^ related "Read here."
    if (crew === null) return;
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM crews WHERE id = ${crewId} FOR UPDATE`;
      //       ^^^^^^^^^ related "Locked here, after it was read."
      const order = crew.order.filter((one) => one !== memberId);
      await tx.crew.update({ where: { id: crewId }, data: { order } });
      //            ^^^^^^ race-condition/lost-update low "'order' of 'crew'"
    });
  }
}
