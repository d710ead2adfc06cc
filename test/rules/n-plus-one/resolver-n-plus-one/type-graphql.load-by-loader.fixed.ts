// Idiom of github.com/MichalLytek/type-graphql
import DataLoader from 'dataloader';
import { Column, Entity, In, PrimaryGeneratedColumn, type Repository } from 'typeorm';

/** One value per request, made when it is first asked for and gone with the request. */
function perRequest<C extends object, T>(create: (context: C) => T): (context: C) => T {
  const made = new WeakMap<C, T>();
  return (context) => {
    const known = made.get(context);
    if (known !== undefined) return known;
    const value = create(context);
    made.set(context, value);
    return value;
  };
}

declare function Resolver(type: (of?: unknown) => unknown): ClassDecorator;
declare function FieldResolver(type?: (of?: unknown) => unknown): MethodDecorator;
declare function ObjectType(): ClassDecorator;
declare function Field(type: (of?: unknown) => unknown): PropertyDecorator;
declare function Query(type: (of?: unknown) => unknown): MethodDecorator;
declare function Root(): ParameterDecorator;
declare function Ctx(): ParameterDecorator;

interface RequestContext {
  readonly userId: string;
}

@Entity()
export class Rate {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  recipeId: number;

  @Column()
  authorId: number;
}

@Entity()
export class Author {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Recipe {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  authorId: number;
}

@ObjectType()
export class RecipePage {
  @Field(() => [Recipe])
  items: Recipe[];
}

@Resolver(() => Recipe)
export class RecipeResolver {
  constructor(
    private readonly rates: Repository<Rate>,
    private readonly authors: Repository<Author>,
    private readonly recipes: Repository<Recipe>,
  ) {}

  @Query(() => RecipePage)
  async page(): Promise<RecipePage> {
    return { items: await this.recipes.find({ take: 50 }) };
  }

  private readonly ratingsLoader = perRequest(() => new DataLoader(async (keys: readonly number[]) => {
    const rateRows = await this.rates.find({ where: { recipeId: In([...keys]) }, order: { id: 'ASC' } });
    const ratesByRecipeId = new Map<(typeof rateRows)[number]['recipeId'], typeof rateRows>();
    for (const rate of rateRows) {
      const same = ratesByRecipeId.get(rate.recipeId);
      if (same === undefined) ratesByRecipeId.set(rate.recipeId, [rate]);
      else same.push(rate);
    }
    return keys.map((key) => ratesByRecipeId.get(key) ?? []);
  }));

  @FieldResolver(() => [Rate])
  async ratings(@Root() recipe: Recipe, @Ctx() context: RequestContext) {
    return this.ratingsLoader(context).load(recipe.id);
//                    ^^^^ n-plus-one/resolver-n-plus-one low "The resolver of 'Recipe.ratings' queries 'Rate' by 'find' once per"
  }

  @FieldResolver(() => Author)
  async author(@Root() recipe: Recipe, @Ctx() context: RequestContext) {
    return this.authors.findOneBy({ id: recipe.authorId });
//                      ^^^^^^^^^ n-plus-one/resolver-n-plus-one medium "The resolver of 'Recipe.author' queries 'Author' by 'findOneBy' once"
  }

  @FieldResolver(() => Author)
  async authorOnce(@Root() recipe: Recipe) {
    return this.authorById.load(recipe.authorId); // ok n-plus-one/resolver-n-plus-one: through a loader
  }

  private readonly authorById = new DataLoader(async (ids: readonly number[]) => {
    const authors = await this.authors.findBy({ id: In([...ids]) });
    return ids.map((id) => authors.find((author) => author.id === id) ?? null);
  });
}
