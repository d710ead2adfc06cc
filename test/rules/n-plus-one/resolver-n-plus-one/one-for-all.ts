// Idiom of github.com/amplication/amplication
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

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
  @ResolveField(() => Build)
  async previous(@Parent() build: Build) {
    return this.builds.findOneBy({ id: build.previousId });
    //                 ^^^^^^^^^ n-plus-one/resolver-n-plus-one low
  }
}
