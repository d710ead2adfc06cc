// Idiom of github.com/amplication/amplication: services that take the options of a query, written out by each caller.
interface Entity {
  id: string;
  name: string;
}
interface Move {
  entityId: string;
  resourceId: string;
}
interface FindOneArgs {
  where: { id: string };
  include?: { fields: boolean };
}
interface UserWhere {
  id?: string;
  email?: string;
}
interface UserFindArgs {
  where: UserWhere;
}
interface Delegate<Row> {
  findFirst(options: { where: object; include?: object | undefined }): Promise<Row | null>;
  findMany(options: { where: object; include?: object | undefined; orderBy?: object }): Promise<Row[]>;
}
interface PrismaService {
  entity: Delegate<Entity>;
  user: Delegate<{ id: string; email: string }>;
  field: Delegate<{ id: string; entityId: string }>;
}

export class EntityService {
  constructor(private readonly prisma: PrismaService) {}

  async entity(args: FindOneArgs): Promise<Entity | null> {
    const entity = await this.prisma.entity.findFirst({
      where: { id: args.where.id, deletedAt: null },
    });

    if (!entity) {
      throw new Error(`Cannot find entity where ${JSON.stringify(args.where)}`);
    }

    return entity;
  }

  findUser(args: UserFindArgs, includeDeleted = false) {
    return this.prisma.user.findFirst({
      ...args,
      where: { ...args.where, deletedAt: includeDeleted ? undefined : null },
    });
  }

  /** Like `findUser`, for many at once. */
  async findUsersByIds(ids: string[], includeDeleted = false) {
    const users = await this.prisma.user.findMany({
      where: { id: { in: ids }, deletedAt: includeDeleted ? undefined : null },
    });
    const usersById = new Map<unknown, (typeof users)[number]>();
    for (const user of users) usersById.set(user.id, user);
    return new Map(ids.map((id) => [id, usersById.get(id) ?? null]));
  }

  /** What the caller asks to be loaded with it is no key. */
  loaded(args: FindOneArgs) {
    return this.prisma.entity.findFirst({ where: args.where, include: args.include });
  }

  async fieldsOf({ entityId, order }: { entityId: string; order: 'asc' | 'desc' }) {
    return this.prisma.field.findMany({ where: { entityId }, orderBy: { id: order } });
  }
}

export class MoveService {
  constructor(private readonly entities: EntityService) {}

  async check(moves: Move[]) {
    for (const move of moves) {
      const entity = await this.entities.entity({ where: { id: move.entityId } });
      //                                 ^^^^^^ n-plus-one/query-in-loop medium "'entity' (through 'findFirst') queries 'entity'"
      if (entity?.name === 'User') throw new Error('the user cannot be moved');
    }
  }

  async emails(userIds: string[]) {
    const emails: string[] = [];
    const usersById = await this.entities.findUsersByIds(userIds, true);
    for (const id of userIds) {
      const user = usersById.get(id) ?? null;
      //                               ^^^^^^^^ n-plus-one/query-in-loop low "'findUser' (through 'findFirst') queries 'user'"
      if (user !== null) emails.push(user.email);
    }
    return emails;
  }

  async loadedOf(moves: Move[]) {
    return Promise.all(moves.map(({ entityId }) => this.entities.loaded({ where: { id: entityId } })));
    //                                                           ^^^^^^ n-plus-one/query-in-loop medium "'loaded' (through 'findFirst') queries 'entity'"
  }

  async fieldsOf(moves: Move[]) {
    const fields = new Map<string, number>();
    for (const { entityId } of moves) {
      const found = await this.entities.fieldsOf({ entityId, order: 'asc' });
      //                                ^^^^^^^^ n-plus-one/query-in-loop medium "'fieldsOf' (through 'findMany') queries 'field'"
      fields.set(entityId, found.length);
    }
    return fields;
  }

  async one(move: Move) {
    return this.entities.entity({ where: { id: move.entityId } }); // ok n-plus-one/query-in-loop: one move, one query
  }
}
