// Idiom of github.com/amplication/amplication
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

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

declare function Resolver(type: (of?: unknown) => unknown): ClassDecorator;
declare function ResolveField(type?: (of?: unknown) => unknown): MethodDecorator;
declare function Query(type: (of?: unknown) => unknown): MethodDecorator;
declare function Parent(): ParameterDecorator;
declare function Args(name: string): ParameterDecorator;

@Entity()
export class Service {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Member {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Build {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  serviceId: number;

  @Column()
  memberId: number;

  @Column()
  previousId: number;
}

@Resolver(() => Build)
export class BuildResolver {
  constructor(
    private readonly builds: Repository<Build>,
    private readonly services: Repository<Service>,
    private readonly members: Repository<Member>,
  ) {}

  @Query(() => [Build])
  //^^^^ related "Gives a list of 'Build'."
  async buildsOfService(@Args('serviceId') serviceId: number): Promise<Build[]> {
    return this.builds.find({ where: { serviceId } });
  }

  /** All builds of a list are of the service that was asked for. */
  @ResolveField(() => Service)
  async service(@Parent() build: Build) {
    return this.services.findOneBy({ id: build.serviceId });
    //                   ^^^^^^^^^ n-plus-one/resolver-n-plus-one low
  }

  @ResolveField(() => Member)
  async member(@Parent() build: Build) {
    return this.members.findOneBy({ id: build.memberId });
    //                  ^^^^^^^^^ n-plus-one/resolver-n-plus-one medium
  }

  /** One asks what was before the one that one looks at. */
  private readonly previousLoader = createLoader(async (keys: readonly number[]) => {
    const buildRows = await this.builds.findBy({ id: In([...keys]) });
    const buildsById = new Map(buildRows.map((buildRow) => [buildRow.id, buildRow]));
    return keys.map((key) => buildsById.get(key) ?? null);
  });

  @ResolveField(() => Build)
  async previous(@Parent() build: Build) {
    return this.previousLoader(build.previousId);
    //                 ^^^^^^^^^ n-plus-one/resolver-n-plus-one low
  }
}
